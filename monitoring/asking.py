"""What a page of figures is asked for: which Clusters, which period, compared with what.

The answer is an address that can be shared: it names Clusters by number and days, never a person.

    asked = asked_for(request)                    # raises Denied for a Cluster that is not the reader's
    if asked.period: figures(asked.ids, asked.period, asked.earlier)
    asked.address("dashboard", cluster=3)         # the same period at another page, for one Cluster
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cluster_ehs.core.date_fields import DatePartsField
from cluster_ehs.core.figures import year_before
from cluster_ehs.core.forms import EhsFilterForm, Ticks
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from monitoring import policies
from monitoring.shapes import Period

USUAL = "last-3"
OWN = "own"
LONGEST_YEARS = 30
LAST = {1: "The last month", 3: "The last 3 months", 6: "The last 6 months", 12: "The last 12 months"}
LAST |= {24: "The last 2 years", 60: "The last 5 years", 120: "The last 10 years"}
# Half a year of whole months is what the evaluation looked at.
WHOLE = {6: "The last 6 whole months", 12: "The last 12 whole months"}
# The first month of the year: schools in England, and local authorities' accounts.
YEARS = {"school": (9, "School year"), "financial": (4, "Financial year")}
BEFORE, YEAR_BEFORE, NOTHING = "before", "year", "none"
COMPARISONS = (
    (BEFORE, "The period before"),
    (YEAR_BEFORE, "The same days a year earlier"),
    (NOTHING, "Nothing"),
)


def month_of(day: date, months: int = 0) -> Period:
    """The whole month that lies so many months after the day's own; negative for months before."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return Period(date(year, month + 1, 1), date(year, month + 1, calendar.monthrange(year, month + 1)[1]))


def months_back(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last."""
    there = month_of(day, -months)
    return there.start.replace(day=min(day.day, there.end.day))


def whole_months_before(today: date, months: int = 6) -> Period:
    """So many whole months before this one."""
    return month_of(today, -1).back(months - 1)


def period_of(key: str, today: date) -> Period | None:
    """The days that a choice means: `last-3`, `whole-6`, `month-2026-10`, `school-2025`, `financial-2025`; None for
    any other.

    What is not over yet ends today, so that it is compared with as many days.
    """
    if found := re.fullmatch(r"last-(\d{1,3})", key):
        months = int(found[1])
        return Period(months_back(today, months) + timedelta(days=1), today) if months in LAST else None
    if found := re.fullmatch(r"whole-(\d{1,2})", key):
        return whole_months_before(today, int(found[1])) if int(found[1]) in WHOLE else None
    if found := re.fullmatch(r"month-((?:19|20)\d\d)-(\d\d)", key):
        if not 1 <= int(found[2]) <= 12:
            return None
        period = month_of(date(int(found[1]), int(found[2]), 1))
    elif found := re.fullmatch(r"(school|financial)-((?:19|20)\d\d)", key):
        month = YEARS[found[1]][0]
        period = Period(date(int(found[2]), month, 1), date(int(found[2]) + 1, month, 1) - timedelta(days=1))
    else:
        return None
    return Period(period.start, min(period.end, today)) if period.start <= today else None


def words_of(key: str) -> str:
    """A choice in words: “The last 3 months”, “October 2026”, “School year 2025/26”."""
    kind, _, rest = key.partition("-")
    if kind == "last":
        return LAST[int(rest)]
    if kind == "whole":
        return WHOLE[int(rest)]
    if kind == "month":
        return f"{date.fromisoformat(rest + '-01'):%B %Y}"
    return f"{YEARS[kind][1]} {rest}/{(int(rest) + 1) % 100:02d}"


def a_year_earlier(period: Period) -> Period:
    """The same days of the year before; whole months stay whole, so that a February has its last day."""
    end = year_before(period.end)
    if (period.end + timedelta(days=1)).day == 1:
        end = month_of(end).end
    return Period(year_before(period.start), end)


def earlier(period: Period, compare: str, key: str = "") -> Period | None:
    """What a period is compared with. The year before a school or financial year is cut at the same day."""
    if compare == YEAR_BEFORE or (compare == BEFORE and key.partition("-")[0] in YEARS):
        return a_year_earlier(period)
    if compare != BEFORE:
        return None
    if key.startswith("last-"):
        months = int(key.removeprefix("last-"))
        return Period(months_back(period.end, 2 * months) + timedelta(days=1), period.start - timedelta(days=1))
    return period.before()


def choices(today: date, asked: str = "") -> list[Any]:
    """The choices of the list, in groups. A choice of an old link that is no longer offered stays choosable."""
    groups: list[tuple[str, list[str]]] = [
        ("Up to today", [f"last-{months}" for months in LAST]),
        ("Whole months", [f"whole-{months}" for months in WHOLE]),
        ("Months", [f"month-{month_of(today, -n).start:%Y-%m}" for n in range(13)]),
    ]
    for kind, (month, words) in YEARS.items():
        first = today.year if today.month >= month else today.year - 1
        groups.append((f"{words}s", [f"{kind}-{first - n}" for n in range(6)]))
    offered = {key for _, keys in groups for key in keys}
    if asked not in offered and period_of(asked, today):
        groups.append(("As asked", [asked]))
    return [
        *((words, [(key, words_of(key)) for key in keys]) for words, keys in groups),
        (OWN, "Own dates, given below"),
    ]


class PeriodForm(EhsFilterForm):
    """Which Clusters and which days: every page of figures asks for them here. Sent by GET.

    `values` hold the Clusters that are meant, and the days that the choice means as `start` and `end`.
    """

    submit_label = gettext_lazy("Show the figures")
    form_class = ""

    cluster = forms.TypedMultipleChoiceField(
        label="Clusters", coerce=int, required=False, widget=Ticks, help_text="None ticked means all of them."
    )
    period = forms.ChoiceField(label="Period")
    start = DatePartsField(label="From", required=False, help_text="Only with “Own dates”.")
    end = DatePartsField(label="To", required=False, latest=timezone.localdate)

    def __init__(self, *args: Any, clusters: Sequence[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A Cluster that is no more is counted only where somebody ticks it.
        self.every = [cluster.pk for cluster in clusters if cluster.retired_on is None]
        self.fields["cluster"].choices = [(cluster.pk, name_of(cluster)) for cluster in clusters]  # type: ignore[attr-defined]
        if len(clusters) < 2:
            self.fields["cluster"].widget = forms.MultipleHiddenInput()
        asked = str(self.data.get("period", ""))
        self.fields["period"].choices = choices(timezone.localdate(), asked)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["cluster"] = values.get("cluster") or self.every
        if values.get("period") != OWN:
            period = period_of(values.get("period", ""), timezone.localdate())
            return {**values, "start": period and period.start, "end": period and period.end}
        for name, word in (("start", "first"), ("end", "last")):
            if name not in self.errors and values.get(name) is None:
                self.add_error(name, f"Enter the {word} day of the period.")
        start, end = values.get("start"), values.get("end")
        if start and end and end < start:
            self.add_error("end", "To must be the same day as From, or later.")
        elif start and end and (end - start).days > LONGEST_YEARS * 366:
            self.add_error("start", f"Choose a period of at most {LONGEST_YEARS} years.")
        return values


class AskingForm(PeriodForm):
    """With what the figures are compared."""

    compare = forms.ChoiceField(label="Compare with", choices=COMPARISONS, required=False, widget=forms.RadioSelect)


def name_of(cluster: Cluster) -> str:
    """A Cluster's name; a retired one says since when, for its earlier days can still be counted."""
    return cluster.name if cluster.retired_on is None else f"{cluster.name} (until {cluster.retired_on:%d/%m/%Y})"


def given(request: HttpRequest, usual: str) -> QueryDict:
    """The query of the address. Where it names no period: the days that it gives, else the usual period."""
    query = request.GET.copy()
    if "period" not in query:
        query["period"] = OWN if "start-day" in query else usual
    return query


def check_clusters(request: UserRequest, allowed: Sequence[Cluster]) -> None:
    """Raises Denied for a Cluster that is not the reader's own: that is an act refused, not a mistake in a form."""
    wanted = {int(pk) for pk in request.GET.getlist("cluster") if pk.isdecimal() and len(pk) < 10}
    if wanted - {cluster.pk for cluster in allowed}:
        policies.check_see_figures(request.user, wanted)


@dataclass(frozen=True)
class Asked:
    """What was asked for. `period` is None when the form was wrong: then it is shown again with what is wrong."""

    form: AskingForm
    clusters: tuple[Cluster, ...]
    every: bool
    key: str = USUAL
    period: Period | None = None
    compare: str = BEFORE

    @property
    def ids(self) -> list[int]:
        return [cluster.pk for cluster in self.clusters]

    @property
    def sure_period(self) -> Period:
        """The period, for those who have looked that there is one."""
        if self.period is None:
            raise ValueError("What was asked is not right, and names no period")
        return self.period

    @property
    def earlier(self) -> Period | None:
        return earlier(self.period, self.compare, self.key) if self.period else None

    @property
    def words(self) -> str:
        """The period as a heading says it."""
        if self.key != OWN or not self.period:
            return words_of(self.key)
        return f"{self.period.start:%-d %B %Y} to {self.period.end:%-d %B %Y}"

    @property
    def over(self) -> bool:
        """The period ended before today."""
        return bool(self.period and self.period.end < timezone.localdate())

    def pairs(self, cluster: int | None = None, **more: Any) -> list[tuple[str, Any]]:
        """The query of an address: the same period, for one Cluster or for those that were asked for."""
        pairs: list[tuple[str, Any]] = []
        if cluster is not None:
            pairs.append(("cluster", cluster))
        elif not self.every:
            pairs += [("cluster", pk) for pk in self.ids]
        pairs.append(("period", self.key))
        if self.key == OWN and self.period:
            for name, day in (("start", self.period.start), ("end", self.period.end)):
                pairs += [(f"{name}-day", day.day), (f"{name}-month", day.month), (f"{name}-year", day.year)]
        pairs.append(("compare", self.compare))
        return pairs + list(more.items())

    def address(self, name: str, *args: Any, cluster: int | None = None, **more: Any) -> str:
        return f"{reverse(name, args=args)}?{urlencode(self.pairs(cluster, **more))}"


def clusters_for(request: UserRequest, *, retired: bool = False) -> list[Cluster]:
    """The Clusters whose figures the person may see; with those that are retired, where earlier days may be meant."""
    mine = duties(request.user)
    chosen = Cluster.objects.all() if retired else Cluster.objects.filter(retired_on__isnull=True)
    return list(chosen if mine.is_manager else chosen.filter(pk__in=mine.leads))


def asked_for(request: UserRequest) -> Asked:
    """Read the address. Raises Denied for readers without figures, and for a Cluster that is not the reader's."""
    policies.check_reads_reports(request.user)
    allowed = tuple(clusters_for(request))
    query = given(request, USUAL)
    query.setdefault("compare", BEFORE)
    form = AskingForm(query, clusters=allowed)
    check_clusters(request, allowed)
    if not form.is_valid():
        return Asked(form, allowed, every=True)
    values = form.values
    chosen = tuple(cluster for cluster in allowed if cluster.pk in values["cluster"]) or allowed
    period = Period(values["start"], values["end"])
    return Asked(form, chosen, len(chosen) == len(allowed), values["period"], period, values["compare"] or BEFORE)
