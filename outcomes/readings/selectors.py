"""Reads of readings: the journey of a case, what is missing, the samples of second readers with their agreement."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from cases.models import Case
from clusters.models import User
from outcomes.models import (
    FamilyReading,
    ReadingCuts,
    ReadingPerson,
    ReadingPoints,
    ReadingSample,
    ReadingWords,
    SecondPoints,
    SecondReading,
)
from outcomes.readings import arithmetic
from outcomes.readings.arithmetic import Agreement, Cuts, Move
from outcomes.readings.scale import STAGES, WORDS, Domain

Moment = FamilyReading.Moment
# The start is read within four weeks; from three weeks on My work asks for it.
START_WITHIN, ASKED_FROM = timedelta(days=28), timedelta(days=21)
MOVES = {
    Move.HIGHER: ("Higher stage", "green"),
    Move.KEPT_HIGH: ("Stayed high", "blue"),
    Move.SAME: ("Same stage", "grey"),
    Move.LOWER: ("Lower stage", "orange"),
    Move.MISSING: ("Not read twice", "grey"),
}
_PERSON = Coalesce(NullIf(F("person__known_as"), Value("")), F("person__first_name"))


@dataclass(frozen=True)
class Read:
    """A reading as the pages show it."""

    pk: UUID
    moment: str
    label: str
    taken_on: date
    author: str
    made_with: str
    points: dict[str, int | None]
    words: dict[str, str]
    corrects: UUID | None
    corrected: bool
    made_at: Any = None

    @property
    def name(self) -> str:
        return f"{self.label}, {self.taken_on:%-d %b %Y}"

    @property
    def answers(self) -> list[tuple[str, int | None]]:
        return [(domain.label, self.points.get(domain.value)) for domain in Domain]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Why it is read so, by domain and then of the whole."""
        said = [(domain.label, self.words.get(domain.value, "")) for domain in Domain]
        return [(label, text) for label, text in [*said, ("As a whole", self.words.get("", ""))] if text]


@dataclass(frozen=True)
class Journey:
    """The readings of a case that hold, in order, with those that were corrected apart."""

    readings: list[Read] = field(default_factory=list)
    corrected: list[Read] = field(default_factory=list)
    # The reader still has to rate one of them without seeing what was given.
    blind: UUID | None = None

    @property
    def start(self) -> Read | None:
        return next((read for read in self.readings if read.moment == Moment.START), None)

    @property
    def end(self) -> Read | None:
        return next((read for read in reversed(self.readings) if read.moment == Moment.END), None)

    @property
    def latest(self) -> Read | None:
        return self.readings[-1] if self.readings else None


def of_case(case_id: UUID, reader: User) -> Journey:
    """Every reading of a case; one query."""
    of_reading = {"reading": OuterRef("pk")}
    waits = SecondReading.objects.filter(**of_reading, reader=reader, finished_at__isnull=True)
    rows = (
        FamilyReading.objects.filter(case_id=case_id)
        .select_related("author")
        .annotate(
            points_rows=ArraySubquery(
                ReadingPoints.objects.filter(**of_reading).values(data=JSONObject(domain="domain", points="points"))
            ),
            words_rows=ArraySubquery(
                ReadingWords.objects.filter(**of_reading).values(data=JSONObject(domain="domain", text="text"))
            ),
            names=ArraySubquery(
                ReadingPerson.objects.filter(**of_reading).order_by("person__birth_date").values(name=_PERSON)
            ),
            corrected=Exists(FamilyReading.objects.filter(corrects=OuterRef("pk"))),
            second=ArraySubquery(waits.values("pk")),
        )
        .order_by("taken_on", "created_at")
    )
    found = [(_read(row), row.second) for row in rows]
    return Journey(
        [read for read, _ in found if not read.corrected],
        [read for read, _ in found if read.corrected],
        next((second[0] for _, second in found if second), None),
    )


def _read(row: Any) -> Read:
    return Read(
        row.pk,
        row.moment,
        row.get_moment_display(),
        row.taken_on,
        row.author.name,
        ", ".join([*row.names, *([row.others] if row.others else [])]),
        {each["domain"]: each["points"] for each in row.points_rows},
        {each["domain"]: each["text"] for each in row.words_rows},
        row.corrects_id,
        row.corrected,
        row.created_at,
    )


@dataclass(frozen=True)
class Line:
    """One domain over the readings of a case."""

    domain: Domain
    readings: list[Read]
    move: Move
    now: int | None

    @property
    def points(self) -> list[int | None]:
        return [read.points.get(self.domain.value) for read in self.readings]

    @property
    def cells(self) -> list[tuple[Read, int | None]]:
        return list(zip(self.readings, self.points, strict=True))

    @property
    def words(self) -> str:
        return WORDS[self.domain].stages[arithmetic.stage_of(self.now) - 1] if self.now is not None else ""

    @property
    def told(self) -> tuple[str, str]:
        return MOVES[self.move]


def lines(journey: Journey) -> list[Line]:
    """Each domain from the first reading to the last one that holds."""
    first, last = journey.start or (journey.readings[0] if journey.readings else None), journey.end or journey.latest
    found = []
    for domain in Domain:
        twice = first is not None and last is not None and first.pk != last.pk
        before = first.points.get(domain.value) if first else None
        after = last.points.get(domain.value) if last else None
        move = arithmetic.move(before, after) if twice else Move.MISSING
        found.append(Line(domain, journey.readings, move, after if after is not None else before))
    return found


def finding(journey: Journey, rows: list[Line]) -> str:
    """What the picture shows, in one sentence."""
    if len(journey.readings) < 2:
        read = sum(line.now is not None for line in rows)
        return f"{read} of 10 domains were read; the next reading shows what has moved"
    moves = [line.move for line in rows]
    twice = len(moves) - moves.count(Move.MISSING)
    parts = [f"a higher stage in {moves.count(Move.HIGHER)} of {twice} domains"]
    if lower := moves.count(Move.LOWER):
        parts.append(f"a lower one in {lower}")
    if kept := moves.count(Move.KEPT_HIGH):
        parts.append(f"{kept} stayed high")
    return f"From the first reading to the last: {', '.join(parts)}"


def stage_legend() -> list[tuple[str, str]]:
    return [(f"{2 * n - 1} to {2 * n}", name) for n, name in enumerate(STAGES, 1)]


# --- what is missing ---
def live_readings(moment: str) -> QuerySet[FamilyReading]:
    return FamilyReading.objects.filter(case=OuterRef("pk"), moment=moment, corrected_by__isnull=True)


def taken() -> ArraySubquery:
    """When a case's readings were made and by whom, beside the case."""
    rows = FamilyReading.objects.filter(case=OuterRef("pk")).order_by("taken_on", "created_at")
    data = JSONObject(taken_on="taken_on", moment="moment", corrects="corrects_id", author="author__name")
    return ArraySubquery(rows.values(data=data))


def beside_case() -> dict[str, Callable[[], Any]]:
    """Asked with the cases of My work: whether the start or the end was read, and whether the closure came back."""
    back = Case.objects.filter(pk=OuterRef("pk"), closures__status="returned")
    return {
        "start_read": lambda: Exists(live_readings(Moment.START)),
        "end_read": lambda: Exists(live_readings(Moment.END)),
        "came_back": lambda: Exists(back),
    }


# --- cut points ---
def cuts_on(day: date) -> Cuts:
    """Those that hold on a day; the usual ones where nobody set any."""
    row = ReadingCuts.objects.filter(starts_on__lte=day).order_by("-starts_on").first()
    return Cuts(row.low, row.middle) if row else Cuts()


def all_cuts() -> list[ReadingCuts]:
    return list(ReadingCuts.objects.all())


# --- second readers ---
def samples(cluster_ids: Collection[int]) -> QuerySet[ReadingSample]:
    rows = ReadingSample.objects.filter(cluster_id__in=list(cluster_ids)).select_related(
        "cluster", "reader", "drawn_by"
    )
    return rows.annotate(
        drawn=Count("seconds"), finished=Count("seconds", filter=Q(seconds__finished_at__isnull=False))
    ).order_by("-drawn_at")


def seconds_to_do(user: User) -> list[SecondReading]:
    rows = SecondReading.objects.filter(reader=user, finished_at__isnull=True)
    return list(rows.select_related("family", "reading", "sample").order_by("created_at")[:40])


@dataclass(frozen=True)
class Again:
    """How the two readers of a sample agree, by domain and in all."""

    overall: Agreement
    domains: list[tuple[Domain, Agreement]]


def agreement_of(sample: ReadingSample) -> Again:
    """Over the readings that the second reader has finished."""
    first = ReadingPoints.objects.filter(reading=OuterRef("second__reading"), domain=OuterRef("domain"))
    rows = SecondPoints.objects.filter(second__sample=sample, second__finished_at__isnull=False).annotate(
        first=ArraySubquery(first.values("points"))
    )
    pairs: dict[str, list[tuple[int | None, int | None]]] = {domain: [] for domain in Domain.values}
    for row in rows:
        pairs[row.domain].append((row.first[0] if row.first else None, row.points))
    everything = [pair for of_domain in pairs.values() for pair in of_domain]
    return Again(
        arithmetic.agreement(everything),
        [(domain, arithmetic.agreement(pairs[domain.value])) for domain in Domain],
    )
