"""What is to be put right: one's own, a Cluster's, per Cluster by reference; setting aside; the rules."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cluster_ehs.core import audit, scope
from cluster_ehs.core.exports import as_csv
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from clusters.views.pages import form_page, settings_page
from families.models import Family
from monitoring import policies as reports_policies
from monitoring.quality import policies, selectors, services
from monitoring.quality.forms import AsideForm, FindingsFilter, RuleForm
from monitoring.quality.models import Finding, Rule
from monitoring.report_views import clusters_for
from monitoring.suite.pages import sections

PAGE = 50


@require_safe
def mine(request: UserRequest) -> HttpResponse:
    """What the reader is asked to put right; a leader also sees the whole Cluster."""
    policies.check_has_findings(request.user)
    leads = bool(duties(request.user).leads)
    whole = leads and request.GET.get("of") != "me"
    form = FindingsFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = selectors.of_leader(request.user) if whole else selectors.own(request.user)
    if chosen.get("rule"):
        rows = rows.filter(rule__code=chosen["rule"])
    if chosen.get("severity"):
        rows = rows.filter(rule__severity=chosen["severity"])
    shown = list(rows[: PAGE + 1])
    names: dict[Any, str] = dict(
        Family.objects.filter(pk__in={row.family_id for row in shown}).values_list("pk", "name")
    )
    return render(
        request,
        "monitoring/quality/mine.html",
        {
            "lines": [(selectors.line(row), names.get(row.family_id, "")) for row in shown[:PAGE]],
            "more": len(shown) > PAGE,
            "most": PAGE,
            "number": rows.count() if len(shown) > PAGE else len(shown),
            "leads": leads,
            "whole": whole,
            "form": form,
            "filtered": any(chosen.values()),
        },
    )


@require_safe
def quality(request: UserRequest) -> HttpResponse:
    """Clusters side by side: score, its course, findings by rule."""
    reports_policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    with scope.figures():
        found = selectors.standing(allowed)
    rules = list(selectors.rules())
    return render(
        request,
        "monitoring/quality/quality.html",
        {
            "standing": [(each, [(s, selectors.score_percent(s)) for s in each.scores]) for each in found],
            "rules": [(rule, _figures(rule, found)) for rule in rules if rule.active],
            "off": [rule for rule in rules if not rule.active],
            "clusters": allowed,
            "definition": selectors.SCORE_WORDS,
            "sections": sections("quality"),
            "edits": duties(request.user).is_manager,
        },
    )


def _figures(rule: Rule, found: list[selectors.Standing]) -> list[dict[str, Any]]:
    return [
        {
            "cluster": each.cluster,
            "count": each.by_rule[rule.code],
            "url": f"{reverse('quality-list')}?cluster={each.cluster.pk}&rule={rule.code}"
            if each.by_rule[rule.code]
            else "",
        }
        for each in found
    ]


@require_safe
def quality_list(request: UserRequest) -> HttpResponse:
    """Findings of one Cluster by reference; they lead to the form where the reader may open the record."""
    reports_policies.check_reads_reports(request.user)
    asked = request.GET.get("cluster", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        raise Http404
    cluster = get_object_or_404(Cluster, pk=int(asked))
    reports_policies.check_see_figures(request.user, [cluster.pk])
    form = FindingsFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    with scope.figures():
        rows = selectors.rows_of([cluster.pk], code=chosen.get("rule", ""), severity=chosen.get("severity", ""))
        if request.GET.get("as") == "csv":
            return _csv(request, cluster, rows)
        number, shown = rows.count(), list(rows[:PAGE])
    # Outside the scope of figures: what the row policies let this reader open.
    opens = set(Finding.objects.filter(pk__in=[row.pk for row in shown]).values_list("pk", flat=True))
    return render(
        request,
        "monitoring/quality/list.html",
        {
            "cluster": cluster,
            "form": form,
            "lines": [(selectors.line(row), row.pk in opens) for row in shown],
            "number": number,
            "most": PAGE,
            "download": f"?cluster={cluster.pk}&rule={chosen.get('rule', '')}"
            f"&severity={chosen.get('severity', '')}&as=csv",
        },
    )


def _csv(request: UserRequest, cluster: Cluster, rows: Any) -> HttpResponse:
    columns = ("Cluster", "Rule", "Severity", "Reference", "Since", "Found")
    cells = [
        (r["cluster_name"], r["rule_title"], r["severity"], r["of"], r["since"].isoformat(), f"{r['found']:%Y-%m-%d}")
        for r in selectors.listed(rows)
    ]
    audit.event(by=request.user, kind="download", text="Downloaded the list of data quality", about=cluster)
    return HttpResponse(
        as_csv(columns, cells),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="data-quality-{cluster.prefix}.csv"'},
    )


def aside(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Leave a finding out until a day, with a reason."""
    finding = get_object_or_404(Finding.objects.open().select_related("rule"), pk=pk)
    policies.check_set_aside(request.user, finding)
    form = AsideForm(
        request.POST or None,
        initial={"until": timezone.localdate() + timedelta(days=90)},
        cancel_url=reverse("quality-mine"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            once(
                user_id=request.user.pk,
                key=form.token,
                make=lambda: str(services.set_aside(by=request.user, finding_id=finding.pk, **form.values).pk),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Set aside. It comes back after that day, unless it was put right.")
            return redirect("quality-mine")
    return render(
        request,
        "layouts/form.html",
        {
            "title": "Set aside",
            "lead": f"{finding.rule.title}: {finding.reference}. {finding.rule.why}",
            "form": form,
            "back_url": reverse("quality-mine"),
            "back_label": "To put right",
        },
    )


@require_safe
def rule_list(request: UserRequest) -> HttpResponse:
    policies.check_edit_rules(request.user)
    return settings_page(request, "monitoring/quality/rules.html", rules=selectors.rules())


def rule_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_edit_rules(request.user)
    rule = get_object_or_404(selectors.rules(), pk=pk)
    start = {"active": rule.active, "severity": rule.severity, "owner": rule.owner, "weeks": rule.weeks}
    form = RuleForm(request.POST or None, rule=rule, initial=start)

    def act() -> str:
        values = {"weeks": None, **form.values}
        services.change_rule(by=request.user, rule_id=rule.pk, **values)
        return reverse("settings-quality")

    return form_page(
        request,
        form,
        title=rule.title,
        act=act,
        done="Saved. The next check goes by it.",
        back=reverse("settings-quality"),
        lead=rule.why,
    )
