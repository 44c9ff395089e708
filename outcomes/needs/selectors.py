"""Reads of needs, of social care before, during and after, of what was averted and what it would have cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.utils import timezone

from cases.models import Case
from cases.selectors.case import case_with_family
from clusters.models import Term, Vocabulary
from families.models import SocialCareInvolvement
from formulation.models import Assessment
from outcomes.models import AvertedStep, NeedFound, NeedPerson, NeedsRound, UnitCost
from outcomes.needs import arithmetic
from outcomes.needs.arithmetic import LEVELS, Cost, Level, Rate, Spell

_PERSON = Coalesce(NullIf(F("person__known_as"), Value("")), F("person__first_name"))
COLOURS = {"Still there": "yellow", "No longer there": "green", "New": "orange"}


@dataclass(frozen=True)
class Line:
    """One need over the two rounds; None where the round was not made."""

    need: Term
    start: bool | None
    end: bool | None
    who: str
    evidence: list[tuple[str, str]]

    @property
    def change(self) -> str:
        return arithmetic.change_of(self.start, self.end)

    @property
    def colour(self) -> str:
        return COLOURS.get(self.change, "grey")


@dataclass(frozen=True)
class Needs:
    start: NeedsRound | None = None
    end: NeedsRound | None = None
    lines: list[Line] = field(default_factory=list)


def found_rows(case_id: UUID) -> list[Any]:
    """The needs of both rounds, each with `names` and `person_ids` and what is known of it; one query."""
    people = NeedPerson.objects.filter(found=OuterRef("pk")).order_by("person__birth_date", "person_id")
    rows = (
        NeedFound.objects.filter(round__case_id=case_id)
        .select_related("need__parent", "round", "evidence")
        .annotate(
            names=ArraySubquery(people.values(name=_PERSON)), person_ids=ArraySubquery(people.values("person_id"))
        )
        .order_by("need__order", "need__label")
    )
    return list(rows)


def rounds_of(case_id: UUID) -> dict[str, NeedsRound]:
    rows = NeedsRound.objects.filter(case_id=case_id).select_related("author")
    return {row.moment: row for row in rows}


def needs_of(case_id: UUID) -> Needs:
    """Two queries."""
    rounds = rounds_of(case_id)
    start, end = rounds.get("start"), rounds.get("end")
    by_need: dict[int, dict[str, Any]] = {}
    for row in found_rows(case_id):
        by_need.setdefault(row.need_id, {})[row.round.moment] = row
    lines = []
    for of_need in by_need.values():
        rows = list(of_need.values())
        names = list(dict.fromkeys(name for row in rows for name in row.names))
        told = [
            (NeedsRound.Moment(moment).label, row.evidence.text)
            for moment, row in of_need.items()
            if getattr(row, "evidence", None)
        ]
        lines.append(
            Line(
                rows[0].need,
                "start" in of_need if start else None,
                "end" in of_need if end else None,
                ", ".join(names),
                told,
            )
        )
    return Needs(start, end, sorted(lines, key=lambda line: (line.need.order, line.need.label)))


def offered(also: set[int]) -> list[Term]:
    """The needs that may be chosen today, with those that are on the record; each with its outcome."""
    today = timezone.localdate()
    current = Q(retired_on__isnull=True) | Q(retired_on__gt=today)
    rows = Term.objects.of(Vocabulary.NEED).filter(parent__isnull=False).filter(current | Q(pk__in=also))
    return list(rows.select_related("parent").order_by("parent__order", "order", "label"))


# --- social care ---
def case_with_assessments() -> QuerySet[Case]:
    """The case for its frame, with the days on which the family's early help assessments began."""
    begun = Assessment.objects.filter(family_id=OuterRef("family_id")).exclude(why_ended="mistake")
    return case_with_family().annotate(assessed=ArraySubquery(begun.values("starts_on")))


@dataclass(frozen=True)
class Care:
    """One window: how heavy it was, and the spells that make it so."""

    name: str
    level: Level | None
    about: str
    spells: list[Any]

    @property
    def label(self) -> str:
        return LEVELS[self.level] if self.level is not None else "The case is still open"


def care_of(case: Case) -> list[Care]:
    """Before, during and after the case, of all the family's children; one query."""
    rows = list(
        SocialCareInvolvement.objects.valid()
        .filter(family_id=case.family_id, person__is_child=True)
        .select_related("person")
        .order_by("starts_on")
    )
    spells = [(Spell(row.kind, row.starts_on, row.ends_on), row) for row in rows]
    found = arithmetic.windows(case.opened_on, case.closed_on, timezone.localdate())
    assessed = getattr(case, "assessed", [])
    parts = []
    for name, window, about in (
        ("Before", found.before, "Within the twelve months before the case was opened"),
        ("During", found.during, "While the case is open" if case.closed_on is None else "While the case was open"),
        ("After", found.after, "Since the case was closed"),
    ):
        inside = [row for spell, row in spells if window and window.meets(spell.starts_on, spell.ends_on)]
        level = arithmetic.heaviest([spell for spell, _ in spells], window, assessed)
        parts.append(Care(name, level, about, inside))
    return parts


# --- averted ---
def rates() -> list[Rate]:
    rows = UnitCost.objects.values_list("level", "per", "pence", "starts_on", "source")
    return [Rate(*row) for row in rows]


def averted_of(case_id: UUID) -> list[tuple[AvertedStep, Cost]]:
    """What was averted with what it would have cost; one query, two when there is any."""
    rows = list(AvertedStep.objects.filter(case_id=case_id).select_related("reason", "author"))
    known = rates() if rows else []
    return [
        (
            row,
            arithmetic.cost_of(level=row.level, children=row.children, weeks=row.weeks, on=row.averted_on, rates=known),
        )
        for row in rows
    ]


def all_costs() -> list[UnitCost]:
    return list(UnitCost.objects.all())


def at_a_glance() -> dict[str, Any]:
    """Beside a case, for the Outcomes tab: how many needs at start and end, how much was averted."""

    def number(moment: str) -> Subquery:
        rounds = NeedsRound.objects.filter(case=OuterRef("pk"), moment=moment)
        return Subquery(rounds.annotate(n=Count("found")).values("n")[:1])

    averted = AvertedStep.objects.filter(case=OuterRef("pk"), mistaken=False).order_by().values("case")
    return {
        "needs_at_start": number("start"),
        "needs_at_end": number("end"),
        "steps_averted": Coalesce(Subquery(averted.annotate(n=Count("pk")).values("n")), 0),
    }


def gone_through() -> ArraySubquery:
    """When a case's needs were gone through, by whom, and how many were found, beside the case."""
    found = NeedFound.objects.filter(round=OuterRef("pk")).order_by().values("round").annotate(n=Count("pk"))
    rows = NeedsRound.objects.filter(case=OuterRef("pk")).order_by("done_on", "created_at")
    rows = rows.annotate(number=Coalesce(Subquery(found.values("n")), 0))
    data = JSONObject(id="id", on="done_on", moment="moment", number="number", author="author__name")
    return ArraySubquery(rows.values(data=data))


def averted() -> ArraySubquery:
    """What did not come to a case's family, beside the case; nothing that was recorded by mistake."""
    rows = AvertedStep.objects.filter(case=OuterRef("pk"), mistaken=False).order_by("averted_on", "created_at")
    data = JSONObject(id="id", on="averted_on", level="level", children="children", author="author__name")
    return ArraySubquery(rows.values(data=data))


def end_round() -> Subquery:
    """The day on which a case's needs were gone through at the end, beside the case."""
    return Subquery(NeedsRound.objects.filter(case=OuterRef("pk"), moment="end").values("done_on")[:1])
