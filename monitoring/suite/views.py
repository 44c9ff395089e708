"""The overview of all reports, and the page of each report of the suite."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import scope
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from monitoring import given_out, policies
from monitoring.asking import check_clusters, clusters_for
from monitoring.models import in_words
from monitoring.returns import policies as returns_policies
from monitoring.shapes import Period
from monitoring.suite import BY_KEY, GROUPS, engine, files
from monitoring.suite.forms import SuiteForm
from monitoring.suite.outside import for_outside
from monitoring.suite.pages import download, keep_query, query_of, sections
from monitoring.suite.shapes import Asked, Report
from monitoring.tables_forms import TablesForm, end_of_day, given_or_usual

# Pages with figures of their own that are no reports of the suite, in the group they stand in.
BESIDE = {
    "Referrals and the evaluation": (
        ("need-levels", "Levels of need", "The threshold as the referrer saw it and as the Cluster judged it."),
    ),
    "The work with families": (
        ("principles", "Practice principles, case by case", "How each open case stands, with the list behind it."),
        ("event-figures", "Groups and drop-ins", "What groups, drop-ins and school consultations reached."),
    ),
    "How well the records are kept": (
        ("quality", "Data quality, now", "What is to be put right in each Cluster, with the list behind each figure."),
    ),
    "People and money": (
        ("interpreter-spend", "Interpreters, by financial year", "Spent and booked against the budget, by month."),
    ),
}  # fmt: skip
# Not for Cluster leaders.
FOR_MANAGERS = {
    "For evaluation and research": (
        (
            "extracts",
            "Evaluation extracts",
            "A file without names for people who evaluate the service, and who took it.",
        ),
    ),
}


def address(report: Report) -> str:
    return reverse(report.page) if report.page else reverse("report-page", args=[report.key])


def overview(request: UserRequest) -> HttpResponse:
    """Every report that the reader may open, in groups, a sentence each."""
    policies.check_reads_reports(request.user)
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for name, reports in GROUPS:
        seen = [report for report in reports if policies.can_see_report(request.user, report)]
        groups.setdefault(name, []).extend((address(each), each.title, each.about) for each in seen)
    for name, pages in {**BESIDE, **(FOR_MANAGERS if duties(request.user).is_manager else {})}.items():
        groups.setdefault(name, []).extend((reverse(url), title, about) for url, title, about in pages)
    if returns_policies.can_make_returns(request.user):
        words = "Ofsted’s Annex A and the Standard Safeguarding Dataset: checked first, then made, kept for two weeks."
        groups["Asked for by law"] = [(reverse("returns"), "Statutory returns", words)]
    context = {
        "groups": [(name, cards) for name, cards in groups.items() if cards],
        "may_edit": policies.can_edit_schedules(request.user),
    }
    return render(request, "monitoring/suite/overview.html", context)


def report_page(request: UserRequest, key: str) -> HttpResponse:
    """A report for the chosen Clusters and period; `as=csv` and `as=xlsx` download the same tables."""
    policies.check_reads_reports(request.user)
    if key not in BY_KEY:
        raise Http404
    report = BY_KEY[key]
    policies.check_see_report(request.user, report)
    if report.page:
        return redirect(report.page)
    allowed = clusters_for(request, retired=True)
    check_clusters(request, allowed)
    form = SuiteForm(given_or_usual(request), clusters=allowed, report=report)
    context: dict[str, Any] = {"report": report, "form": form, "sections": sections("reports")}
    if not form.is_valid():
        return render(request, "monitoring/suite/report.html", context)
    return shown_page(request, report, form, allowed)


def shown_page(request: UserRequest, report: Report, form: TablesForm, allowed: list[Cluster]) -> HttpResponse:
    """The report that a form asks for, or its download. Raises Denied."""
    values = form.values
    policies.check_see_figures(request.user, values["cluster"])
    chosen = [cluster for cluster in allowed if cluster.pk in values["cluster"]]
    asked = Asked(
        tuple(c.pk for c in chosen),
        tuple(c.name for c in chosen),
        Period(values["start"], values["end"]),
        end_of_day(values["as_at"]) if values["as_at"] else timezone.now(),
    )
    outside = bool(values["outside"])
    if outside and "as" in request.GET:
        # What is given outside is made and kept, so that it is known.
        return redirect(f"{reverse('report-new')}?{keep_query(report.key, values)}")
    with scope.figures():
        if request.GET.get("as") in files.DIRECT:
            return download(request, report, asked, chosen, request.GET["as"])
        snapshot = engine.snapshot_of(report, asked, compare=bool(values.get("before")) and not outside)
    earlier = given_out.in_the_way(report.key, asked.clusters, asked.period) if outside else None
    if outside:
        snapshot = for_outside(snapshot)
    days = engine.days_of(snapshot, "before")
    context = {
        "report": report,
        "form": form,
        "sections": sections("reports"),
        "snapshot": snapshot,
        "as_at": asked.as_at,
        "tables": engine.shown(snapshot),
        "period": in_words(asked.period.start, asked.period.end),
        "before": in_words(*days) if days else "",
        "query": query_of(values),
        "keep_query": keep_query(report.key, values),
        "in_the_way": earlier,
        "why_not": given_out.why_not(earlier) if earlier else "",
    }
    return render(request, "monitoring/suite/report.html", context)
