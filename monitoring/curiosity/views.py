"""Looks to go through, one of them, the records opened in an emergency, and the rules."""

from copy import copy
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core import audit
from clusters import policies as settings_policies
from clusters.http import UserRequest
from clusters.people import duties
from clusters.views.pages import form_page, settings_page
from monitoring.curiosity import policies, selectors, services
from monitoring.curiosity.forms import CuriosityRuleForm, DecideForm
from monitoring.curiosity.models import CuriosityFinding, CuriosityRule

FORM = ["GET", "HEAD", "POST"]
SHOWN = 100
KINDS = (("open", "To look at"), ("follow_up", "To follow up"), ("explained", "Explained"))
WEEKS = 13


@require_safe
def finding_list(request: UserRequest) -> HttpResponse:
    """What the weekly check found, of the own Cluster, or of every Cluster for a manager."""
    policies.check_list(request.user)
    show = request.GET.get("show", "open")
    show = show if show in dict(KINDS) else "open"
    with selectors.as_reader(request.user):
        rows = list(selectors.findings(request.user).filter(status=show)[: SHOWN + 1])
    names = selectors.names_of(request.user, {row.family_key for row in rows if row.family_key})
    address = reverse("curiosity")
    return render(
        request,
        "monitoring/curiosity/list.html",
        {
            "rows": [(row, names.get(row.family_key, "") if row.family_key else "") for row in rows[:SHOWN]],
            "more": len(rows) > SHOWN,
            "tabs": [{"label": label, "url": f"{address}?show={key}", "current": key == show} for key, label in KINDS],
            "manages": duties(request.user).is_manager,
        },
    )


@require_http_methods(FORM)
def finding(request: UserRequest, pk: UUID) -> HttpResponse:
    """One person's looks, and what is made of them."""
    policies.check_list(request.user)
    with selectors.as_reader(request.user):
        found = selectors.findings(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    policies.check_review(request.user, found)
    back = reverse("curiosity")

    def act() -> str:
        services.decide(found, by=request.user, **form.values)
        return back

    known = found.status != CuriosityFinding.Status.OPEN
    form = DecideForm(request.POST or None, initial={"status": found.status, "note": found.note} if known else {})
    names = selectors.names_of(request.user, {found.family_key} if found.family_key else set())
    if names and request.method == "GET":
        audit.look_at_each(by=request.user, at=[_Of(found)], page="looks at it")
    context: dict[str, Any] = {
        "finding": found,
        "name": names.get(found.family_key, "") if found.family_key else "",
        "looks": selectors.looks_of(found),
    }
    title = f"{found.reader}: {found.rule}"
    return form_page(
        request,
        form,
        title=title,
        act=act,
        done="Saved.",
        back=back,
        template="monitoring/curiosity/finding.html",
        **context,
    )


class _Of:
    """The family of a finding, for the trace of who looked at it."""

    def __init__(self, found: CuriosityFinding) -> None:
        self.family_id: UUID | None = found.family_key
        self.cluster_id: int | None = found.cluster_id


@require_safe
def emergencies(request: UserRequest) -> HttpResponse:
    """Which records were opened in an emergency, by whom and why, in the last quarter."""
    policies.check_list(request.user)
    rows = selectors.emergencies(request.user, weeks=WEEKS)
    return render(
        request,
        "monitoring/curiosity/emergencies.html",
        {"rows": rows, "weeks": WEEKS, "manages": duties(request.user).is_manager},
    )


@require_safe
def rules(request: UserRequest) -> HttpResponse:
    settings_policies.check_manage(request.user)
    order = {code: number for number, code in enumerate(CuriosityRule.Code.values)}
    found = sorted(CuriosityRule.objects.all(), key=lambda rule: order[rule.code])
    return settings_page(request, "monitoring/curiosity/rules.html", rules=found)


@require_http_methods(FORM)
def rule(request: UserRequest, code: str) -> HttpResponse:
    settings_policies.check_manage(request.user)
    found = get_object_or_404(CuriosityRule, pk=code)
    form = CuriosityRuleForm(request.POST or None, instance=copy(found))
    back = reverse("settings-curiosity")

    def act() -> str:
        services.change_rule(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=str(found), act=act, done="Saved.", back=back)
