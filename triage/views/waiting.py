"""Waiting lists and the partner services' ledger."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cluster_ehs.core import audit, slots
from cluster_ehs.core.requests import posted, whole_number
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from triage import policies, services
from triage.forecast import FEWEST, WEEKS
from triage.forms.waiting import ChaseForm, CheckInForm, OfferForm, PassingOnForm, WithdrawForm
from triage.models import Offer, PassingOn
from triage.selectors import ledger as ledger_read
from triage.selectors import waiting as read
from triage.selectors.harm import notices
from triage.selectors.state import ends_with
from triage.views.writing import write_once


@require_GET
def waiting_list(request: UserRequest) -> HttpResponse:
    """One service's list of one Cluster at a time, with the number and the longest wait of each above."""
    policies.check_read_screening(request.user)
    mine = duties(request.user).clusters
    cluster = _chosen_cluster(request, mine)
    queues = read.queues([cluster])
    wanted = request.GET.get("service", "")
    chosen = next((queue for queue in queues if queue.code == wanted), queues[0] if queues and not wanted else None)
    context: dict[str, Any] = {"queues": queues, "chosen": chosen, "places": []}
    if chosen:
        rate = read.rate_of(cluster_id=cluster, service_id=chosen.service_id)
        places, found = read.waiting_list(request, clusters=[cluster], service_id=chosen.service_id, rate=rate)
        context |= {"places": places, "page": found, "rate": rate, "weeks": WEEKS, "fewest": FEWEST}
    context |= {"leads": cluster in duties(request.user).leads, "cluster": cluster, "clusters": _names(mine)}
    context["harm_waits"] = notices(request.user)
    return render(request, "triage/waiting_list.html", context)


def _chosen_cluster(request: UserRequest, mine: Collection[int]) -> int:
    if not (text := request.GET.get("cluster", "")):
        return min(mine)
    if (wanted := whole_number(text)) not in mine or wanted is None:
        raise Http404
    return wanted


def _names(mine: Collection[int]) -> list[Cluster]:
    """To choose from, when somebody works for several Clusters."""
    return list(Cluster.objects.filter(pk__in=mine)) if len(mine) > 1 else []


def _offer(pk: UUID) -> Offer:
    offers = Offer.objects.select_related(
        "service", "person", "decision__referral__child", "decision__referral__family"
    )
    return get_object_or_404(offers, pk=pk)


def _list_of(offer: Offer) -> str:
    return (
        f"{reverse('waiting-list')}?{urlencode([('service', offer.service.code), ('cluster', str(offer.cluster_id))])}"
    )


def _page(request: UserRequest, form: Any, record: Any, **context: Any) -> HttpResponse:
    audit.look(by=request.user, at=record, page=str(context["title"]))
    return render(
        request,
        "triage/referral_form.html",
        {"form": form, "referral": record.decision.referral, **context},
    )


@require_http_methods(["GET", "POST"])
def change(request: UserRequest, pk: UUID) -> HttpResponse:
    """Priority and reason for waiting."""
    offer = _offer(pk)
    policies.check_manage_waiting(request.user, offer)
    form = OfferForm(posted(request), initial={"priority": offer.priority, "wait_reason": offer.wait_reason_id})

    def make() -> str:
        services.change_offer(by=request.user, offer=offer, **form.values)
        messages.success(request, f"{offer.decision.referral.reference} is changed.")
        return _list_of(offer)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    title = f"{offer.service}: place on the waiting list"
    return _page(request, form, offer, title=title, back_url=_list_of(offer), back_label="Waiting list")


@require_POST
def move(request: UserRequest, pk: UUID) -> HttpResponse:
    """One priority up or down, by a button."""
    offer = _offer(pk)
    policies.check_manage_waiting(request.user, offer)
    moved = services.move_offer(by=request.user, offer=offer, up=request.POST.get("to") == "up")
    messages.success(request, f"{offer.decision.referral.reference}: {moved.get_priority_display().lower()}.")
    return redirect(_list_of(offer))


@require_http_methods(["GET", "POST"])
def check_in(request: UserRequest, pk: UUID) -> HttpResponse:
    """A call to a family that waits; the earlier calls below."""
    offer = _offer(pk)
    policies.check_check_in(request.user, offer)
    form = CheckInForm(posted(request), offer=offer)

    def make() -> str:
        services.check_in(by=request.user, offer=offer, **form.values)
        messages.success(request, f"{offer.decision.referral.reference}: the call is noted.")
        return _list_of(offer)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    audit.look(by=request.user, at=offer, page="Check-in while waiting")
    context = {
        "form": form,
        "offer": offer,
        "referral": offer.decision.referral,
        "calls": read.check_ins_of(offer),
        "weeks": offer.weeks_waited(timezone.localdate()),
        "back_url": _list_of(offer),
    }
    return render(request, "triage/check_in.html", context)


@require_http_methods(["GET", "POST"])
def withdraw(request: UserRequest, pk: UUID) -> HttpResponse:
    """End a service before it began."""
    offer = _offer(pk)
    policies.check_manage_waiting(request.user, offer)
    form = WithdrawForm(posted(request), ends_referral=ends_with(offer))

    def make() -> str:
        services.withdraw_offer(by=request.user, offer=offer, **form.values)
        messages.success(request, f"{offer.decision.referral.reference}: {offer.service} ended before it began.")
        return _list_of(offer)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    title = f"End {offer.service} before it begins"
    return _page(request, form, offer, title=title, back_url=_list_of(offer), back_label="Waiting list")


@require_GET
def ledger(request: UserRequest) -> HttpResponse:
    """Everything passed on, by partner and state; what needs asking comes first."""
    policies.check_read_screening(request.user)
    clusters = duties(request.user).clusters
    partners = ledger_read.by_partner(clusters)
    counts = ledger_read.tab_counts(partners)
    tab = request.GET.get("show") or ("chase" if counts["chase"] else "open")
    partner_id = request.GET.get("partner", "")
    if tab not in ledger_read.TABS or not (partner_id == "" or whole_number(partner_id)):
        raise Http404
    found = ledger_read.ledger(request, clusters=clusters, tab=tab, partner_id=int(partner_id) if partner_id else None)
    about = {"partner": partner_id} if partner_id else {}
    context = {
        "partners": partners,
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'show': key, **about})}",
                "current": key == tab,
                "count": None if partner_id else counts[key],
            }
            for key, label in ledger_read.TABS.items()
        ],
        "tab": tab,
        "lines": ledger_read.lines(found, tab=tab),
        "partner": next((p for p in partners if str(p.id) == partner_id), None),
        "page": found,
        "states": PassingOn.Status.choices,
        "beside": slots.render("ledger.beside", request),
    }
    return render(request, "triage/ledger.html", context)


@require_http_methods(["GET", "POST"])
def passed_on(request: UserRequest, pk: UUID) -> HttpResponse:
    """Note news from a partner service."""
    rows = PassingOn.objects.select_related("partner", "decision__referral__child")
    record = get_object_or_404(rows, pk=pk)
    policies.check_update_passing_on(request.user, record)
    form = PassingOnForm(posted(request), passing_on=record)

    def make() -> str:
        done = services.update_passing_on(by=request.user, passing_on=record, **form.values)
        reference = record.decision.referral.reference
        messages.success(request, f"{reference}: {record.partner}, {done.get_status_display().lower()}.")
        if done.status == PassingOn.Status.BACK:
            return reverse("screen-referral", args=[record.decision.referral_id])
        return reverse("partner-ledger")

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    audit.look(by=request.user, at=record, page="Passed on")
    context = {
        "form": form,
        "record": record,
        "referral": record.decision.referral,
        "chases": ledger_read.chases_of(record),
        "awaits_news": record.status in (PassingOn.Status.SENT, PassingOn.Status.ACCEPTED),
    }
    return render(request, "triage/passed_on.html", context)


@require_http_methods(["GET", "POST"])
def chase(request: UserRequest, pk: UUID) -> HttpResponse:
    """Note that a partner was asked for news."""
    rows = PassingOn.objects.select_related("partner", "decision__referral__child")
    record = get_object_or_404(rows, pk=pk)
    policies.check_update_passing_on(request.user, record)
    form = ChaseForm(posted(request), passing_on=record)
    back = reverse("passing-on", args=[pk])

    def make() -> str:
        services.chase(by=request.user, passing_on=record, **form.values)
        messages.success(request, f"{record.decision.referral.reference}: {record.partner} was asked for news.")
        return reverse("partner-ledger")

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    return _page(request, form, record, title=f"Ask {record.partner} for news", back_url=back, back_label="Passed on")
