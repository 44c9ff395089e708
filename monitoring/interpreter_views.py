"""The page of what interpreters cost, and its download."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cluster_ehs.core import audit, scope
from cluster_ehs.core.charts import line_chart
from cluster_ehs.core.exports import as_csv
from cluster_ehs.core.forms import EhsFilterForm
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.services.budgets import financial_year, year_in_words
from monitoring import policies
from monitoring.asking import clusters_for
from monitoring.interpreters import Spend, languages, months_of, spends, together
from monitoring.tables_views import sections


class SpendForm(EhsFilterForm):
    submit_label = gettext_lazy("Show")

    cluster = forms.ChoiceField(label="Cluster", required=False)
    year = forms.TypedChoiceField(label="Financial year", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, clusters: list[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", "All of them")] if len(clusters) > 1 else []
        which, year = self.fields["cluster"], self.fields["year"]
        which.choices = every + [(str(cluster.pk), cluster.name) for cluster in clusters]  # type: ignore[attr-defined]
        this = financial_year(timezone.localdate())
        year.choices = [(each, year_in_words(each)) for each in range(this, this - 5, -1)]  # type: ignore[attr-defined]
        year.initial = this


def interpreter_spend(request: UserRequest) -> HttpResponse:
    """Spent and booked against the budget: a manager of every Cluster, a leader of the own; `as=csv` downloads it."""
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    wanted = request.GET.get("cluster", "")
    if wanted.isdecimal() and len(wanted) < 10 and int(wanted) not in {cluster.pk for cluster in allowed}:
        policies.check_see_figures(request.user, {int(wanted)})
    this = financial_year(timezone.localdate())
    form = SpendForm(request.GET if "year" in request.GET else {"year": this, "cluster": ""}, clusters=allowed)
    context: dict[str, Any] = {"form": form, "sections": sections("interpreter-spend")}
    if not form.is_valid():
        return render(request, "monitoring/interpreters.html", context)
    chosen = [c for c in allowed if not form.cleaned_data["cluster"] or str(c.pk) == form.cleaned_data["cluster"]]
    year = form.cleaned_data["year"] or this
    today = timezone.localdate()
    with scope.figures():
        each = spends(clusters=chosen, year=year, on=today)
        spoken = languages(clusters=[cluster.pk for cluster in chosen], year=year)
    if request.GET.get("as") == "csv":
        return _download(request, chosen, each, year)
    whole = together(each, "All of them") if len(each) > 1 else (each[0] if each else None)
    names = [f"{day:%b}" for day in months_of(year)]
    context |= {
        "year": year_in_words(year),
        "each": each,
        "whole": whole,
        "months": list(zip(names, whole.months, strict=True)) if whole else [],
        "languages": spoken,
        "chart": _chart(whole, names, year) if whole else None,
        "csv_query": f"?cluster={form.cleaned_data['cluster']}&year={year}&as=csv",
    }
    return render(request, "monitoring/interpreters.html", context)


def _chart(whole: Spend, names: list[str], year: int) -> Any:
    """Spent and booked, added up from April, beside the budget; no line beyond today and the last booking."""
    rows: list[tuple[str, float | None, float | None]] = []
    running, today = 0, timezone.localdate()
    budget = None if whole.budget is None else whole.budget / 100
    last = max((n for n, month in enumerate(whole.months) if month.spent or month.coming), default=0)
    for number, (name, first, month) in enumerate(zip(names, months_of(year), whole.months, strict=True)):
        running += month.spent + month.coming
        rows.append((name, running / 100 if number <= last or first <= today else None, budget))
    return line_chart(
        f"Interpreters, {year_in_words(year)}, added up from April, in pounds",
        rows,
        of="Month",
        series=("Spent and booked", "Budget"),
    )


def _download(request: UserRequest, clusters: list[Cluster], each: list[Spend], year: int) -> HttpResponse:
    for cluster in clusters:
        text = f"Downloaded what interpreters cost, {year_in_words(year)}"
        audit.event(by=request.user, kind="download", text=text, about=cluster)
    headings = ("cluster", "month", "used", "minutes", "cancelled late", "spent £", "booked £", "cost not known")
    rows: list[tuple[Any, ...]] = [
        (
            spend.name,
            f"{day:%Y-%m}",
            month.used,
            month.minutes,
            month.late,
            month.spent / 100,
            month.coming / 100,
            month.unknown,
        )
        for spend in each
        for day, month in zip(months_of(year), spend.months, strict=True)
    ]
    for spend in each:
        budget = None if spend.budget is None else spend.budget / 100
        rows.append((spend.name, "budget of the year", None, None, None, budget, None, None))
    return HttpResponse(
        as_csv(headings, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="interpreters-{year}.csv"'},
    )
