"""Pages of what is kept: the list, a family's review, its hold, the rules, and a disposal with its certificate."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core import audit, scope
from cluster_ehs.core.exports import as_csv
from cluster_ehs.core.pdf import PdfUnavailable, render_pdf
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from clusters.views.pages import form_page, settings_page
from families.models import Family, Person
from families.policies import check_open
from keeping.disposal import certificate
from keeping.disposal import services as disposals
from keeping.models import Disposal, RetentionRule
from keeping.retention import kept, policies, selectors, services
from keeping.retention.forms import AnswerForm, HoldForm, LiftForm, ReviewForm, RuleForm

AHEAD = timedelta(days=365)
PAGE = 100
# What happens next, by what was decided.
DONE = {
    "dispose": "Asked for. Nothing is removed until a second person has confirmed it.",
    "longer": "Kept. On the day that you gave it comes back to this list.",
    "hold": "On legal hold. Nothing is removed until somebody lifts it.",
    "confirm": "Confirmed. The record is being removed; its certificate stands here when that is done.",
    "taken back": "Taken back. Nothing was removed, and the record stands in the list again.",
    "refuse": "Refused. Nothing was removed, and the record stands in the list again.",
}


def _posted(request: UserRequest) -> QueryDict | None:
    """What was sent; also an empty form that was sent is judged."""
    return request.POST if request.method == "POST" else None


def own_clusters(request: UserRequest) -> list[int]:
    """A manager's are all, a leader's their own."""
    if duties(request.user).is_manager:
        return selectors.every_cluster()
    return list(duties(request.user).leads)


@require_safe
def retention(request: UserRequest) -> HttpResponse:
    """What is due, by reference; a leader is led to the record, a manager sees no names."""
    policies.check_see_due(request.user)
    clusters = own_clusters(request)
    with scope.figures():
        found = selectors.due(clusters, until=timezone.localdate() + AHEAD)
        known = list(selectors.disposals(clusters).exclude(status=Disposal.Status.REFUSED)[:PAGE])
    today = timezone.localdate()
    now = [one for one in found if one.due_on <= today]
    kept.keep(clusters, now, every=duties(request.user).is_manager)
    if request.GET.get("as") == "csv":
        return _csv(request, now)
    shown = [one for one in now if one.is_open]
    # Outside the scope of figures: what the row policies let this reader open.
    names = dict(Family.objects.filter(pk__in=[one.family_id for one in now]).values_list("pk", "name"))
    leads = duties(request.user).leads

    def name_of(one: selectors.Due) -> str:
        return names.get(one.family_id, "") if one.cluster_id in leads else ""

    return render(
        request,
        "keeping/retention.html",
        {
            "rows": [(one, name_of(one)) for one in shown[:PAGE]],
            "number": len(shown),
            "most": PAGE,
            "stopped": [(one, name_of(one)) for one in now if one.legal_hold or one.kept_until][:PAGE],
            "soon": len(found) - len(now),
            "asked": [one for one in known if one.status == "asked" and policies.can_answer(request.user, one)],
            "mine": [one for one in known if one.status == "asked" and not policies.can_answer(request.user, one)],
            "going": [one for one in known if one.status == "confirmed"],
            "done": [one for one in known if one.status == "done"][:20],
            "rules": selectors.rules(),
            "edits": duties(request.user).is_manager,
            "restricted": any(one.restricted for one in shown),
        },
    )


def _csv(request: UserRequest, rows: list[selectors.Due]) -> HttpResponse:
    words = {True: "Had help", False: "Ended at triage"}
    cells = [
        (one.reference, one.cluster, words[one.served], one.ended_on.isoformat(), one.due_on.isoformat(), one.state)
        for one in rows
    ]
    for cluster in Cluster.objects.filter(pk__in={one.cluster_id for one in rows}):
        audit.event(by=request.user, kind="download", text="Downloaded the list of what is due", about=cluster)
    return HttpResponse(
        as_csv(("Reference", "Cluster", "Kind", "Ended", "Due", "State"), cells),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="due-for-disposal.csv"'},
    )


def _family(request: UserRequest, pk: uuid.UUID) -> Family:
    family = get_object_or_404(Family.objects.select_related("cluster"), pk=pk)
    check_open(request.user, family)
    policies.check_review(request.user, family.cluster_id)
    return family


@require_http_methods(["GET", "POST"])
def review(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Look at one record whose time has come, and say what becomes of it."""
    family = _family(request, pk)
    audit.look(by=request.user, at=family, page="review before disposal")
    form = ReviewForm(_posted(request))
    due = selectors.when_due(family.pk, family.cluster_id)
    return form_page(
        request,
        form,
        title=f"{family.reference}: look before it is disposed of",
        act=lambda: _then("retention", services.review(by=request.user, family=family, **form.values)),
        done=DONE.get(request.POST.get("decision", ""), "Saved."),
        back=reverse("retention"),
        template="keeping/review.html",
        family=family,
        due=due,
        rule=selectors.rule_words(due) if due else "",
        is_due=bool(due and due.due_on <= timezone.localdate() and due.is_open),
        people=Person.objects.filter(family=family).order_by("-is_child", "birth_date"),
        reviews=selectors.reviews_of(family.pk),
        back_label="What is kept",
    )


def _then(name: str, _made: object, *args: Any) -> str:
    return reverse(name, args=args)


@require_http_methods(["GET", "POST"])
def legal_hold(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a family on hold, or lift it, with a reason."""
    family = _family(request, pk)
    live = selectors.legal_hold_of(family.pk)
    form: Any = (LiftForm if live else HoldForm)(_posted(request))

    def act() -> str:
        service: Callable[..., object] = services.lift if live else services.hold
        return _then("family", service(by=request.user, family=family, **form.values), family.pk)

    return form_page(
        request,
        form,
        title=f"Lift the legal hold on the {family}" if live else f"Put the {family} on legal hold",
        act=act,
        done="The hold is lifted: the usual rule counts again." if live else DONE["hold"],
        back=reverse("family", args=[family.pk]),
        template="keeping/hold.html",
        back_label=f"{family}",
        family=family,
        live=live,
        reviews=selectors.reviews_of(family.pk),
    )


@require_safe
def rules(request: UserRequest) -> HttpResponse:
    policies.check_edit_rules(request.user)
    return settings_page(
        request, "keeping/rules.html", rules=selectors.rules(), every=RetentionRule.objects.select_related("set_by")
    )


@require_http_methods(["GET", "POST"])
def rule_edit(request: UserRequest, kind: str) -> HttpResponse:
    policies.check_edit_rules(request.user)
    rule = next((one for one in selectors.rules() if one.kind == kind), None)
    if rule is None:
        raise Http404
    start = {"years": rule.years, "starts_on": timezone.localdate(), "source": rule.source}
    form = RuleForm(_posted(request), served=kind == RetentionRule.Kind.SERVED, initial=start)
    return form_page(
        request,
        form,
        title=f"How long records are kept: {rule.get_kind_display().lower()}",
        act=lambda: _then("settings-retention", services.set_rule(by=request.user, kind=kind, **form.values)),
        done="Saved. The lists go by it from its first day on, and the old rule stays to be seen below.",
        back=reverse("settings-retention"),
        lead=f"Now: kept {rule.counted}. The new rule counts in every Cluster from its first day on. By itself it "
        "removes nothing, and what was decided before that day stands.",
        back_label="How long records are kept",
    )


def _disposal(request: UserRequest, pk: uuid.UUID) -> Disposal:
    with scope.figures():
        found = get_object_or_404(selectors.disposals(own_clusters(request)), pk=pk)
    policies.check_see_disposal(request.user, found)
    return found


@require_http_methods(["GET", "POST"])
def disposal(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """A disposal: to be answered by a second person, on its way, or its certificate."""
    policies.check_see_due(request.user)
    found = _disposal(request, pk)
    may_answer = found.status == Disposal.Status.ASKED and policies.can_answer(request.user, found)
    # Asked for by mistake: who asked may say no, never yes.
    own = found.status == Disposal.Status.ASKED and not may_answer
    if request.method == "POST" and not may_answer and not (own and request.POST.get("answer") == "refuse"):
        # Says why: the same person, or answered before.
        disposals.answer(by=request.user, disposal=found, yes=request.POST.get("answer") != "refuse")
    form = AnswerForm(_posted(request))

    def act() -> str:
        disposals.answer(by=request.user, disposal=found, yes=form.values["answer"] == "confirm")
        return reverse("disposal", args=[found.pk])

    return form_page(
        request,
        form,
        title=f"Disposal of {found.reference}",
        act=act,
        done=DONE.get("taken back" if own else request.POST.get("answer", ""), "Your answer is recorded."),
        back=reverse("retention"),
        template="keeping/disposal.html",
        back_label="What is kept",
        disposal=found,
        may_answer=may_answer,
        own=own,
        family=_readable(request, found),
        gone_from_backups=_gone_from_backups(found),
        counts=certificate.counts_in_words(found),
    )


def _readable(request: UserRequest, found: Disposal) -> Family | None:
    """The record, for a leader who may open it: whoever confirms a disposal can look at it first."""
    if found.cluster_id not in duties(request.user).leads or found.family_key is None:
        return None
    return Family.objects.filter(pk=found.family_key).first()


def _gone_from_backups(found: Disposal) -> date | None:
    return timezone.localdate(found.done_at) + timedelta(days=settings.BACKUP_DAYS) if found.done_at else None


@require_safe
def disposal_certificate(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The certificate as PDF, once all is done."""
    policies.check_see_due(request.user)
    found = _disposal(request, pk)
    if found.status != Disposal.Status.DONE:
        raise Http404
    try:
        document = render_pdf(
            "keeping/certificate_pdf.html", {"disposal": found, "counts": certificate.counts_in_words(found)}
        )
    except PdfUnavailable as error:
        messages.error(request, str(error))
        return redirect("disposal", found.pk)
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="certificate-{found.reference}.pdf"'},
    )
