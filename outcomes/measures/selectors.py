"""Reads: what a case has answered, what is due, which instruments there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, JSONField, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseStatus
from cases.selectors.home import of_mine
from cluster_ehs.core.charts import Chart, line_chart
from clusters.http import UserRequest
from clusters.people import duties
from outcomes.measures.models import AgreedMeasure, Band, Instrument, Item, Measure, MeasureResult
from outcomes.measures.scoring import Range, band, change, next_due, plain

SOON_DAYS = 7
NOT_SHOWN = "Answered in therapy or counselling; who took it and their clinical supervisor read the answers."


def instruments_in_use() -> QuerySet[Instrument]:
    """The latest version of each, by name."""
    return Instrument.objects.filter(in_use=True).order_by("order", "name")


def with_questions(rows: QuerySet[Instrument]) -> QuerySet[Instrument]:
    return rows.prefetch_related("items", "bands")


def _questions() -> Any:
    """An instrument's questions and bands beside the measure, so that a page of many needs no further query."""
    ranges = Band.objects.order_by("lowest").values(
        data=JSONObject(low="lowest", high="highest", label="label", alarming="alarming")
    )
    return {
        "questions": ArraySubquery(
            Item.objects.filter(instrument=OuterRef("instrument"))
            .order_by("order")
            .annotate(of=ArraySubquery(ranges.filter(item=OuterRef("pk"))))
            .values(data=JSONObject(key="key", text="text", better="higher_is_better", choices="choices", ranges="of"))
        ),
        "total_ranges": ArraySubquery(ranges.filter(instrument=OuterRef("instrument"), item__isnull=True)),
    }


def measures() -> QuerySet[Measure]:
    """With instrument, people, result and correction, in one query."""
    return Measure.objects.select_related(
        "instrument", "person", "answerer", "author", "result", "risk", "corrected_by"
    ).annotate(**_questions())


def ranges_of(rows: Iterable[dict[str, Any]]) -> list[Range]:
    return [Range(Decimal(str(r["low"])), Decimal(str(r["high"])), r["label"], r["alarming"]) for r in rows]


@dataclass(frozen=True)
class Said:
    """One answer, or the total. tag: its band and colour."""

    question: str
    value: Decimal | None
    text: str
    tag: tuple[str, str] | None


def result_of(measure: Measure) -> MeasureResult | None:
    """None where the reader may not see it."""
    return getattr(measure, "result", None)


def is_current(measure: Measure) -> bool:
    return getattr(measure, "corrected_by", None) is None


def whose(measure: Measure) -> str:
    return measure.person.short_name if measure.person else "The family"


def _tagged(ranges: list[Range], value: Decimal | None) -> tuple[str, str] | None:
    found = band(ranges, value)
    return (found.label.capitalize(), "yellow" if found.alarming else "grey") if found else None


def answers_of(measure: Measure) -> list[Said]:
    """Every question with its answer in words. Empty where the reader may not see them."""
    result = result_of(measure)
    if result is None:
        return []
    found = []
    for question in measure.questions:  # type: ignore[attr-defined]
        raw = result.answers.get(question["key"])
        value = None if raw is None else Decimal(str(raw))
        words = {Decimal(str(number)): text for number, text in question["choices"]}
        text = "Not said or not asked" if value is None else words.get(value, plain(value))
        if value is not None and value in words:
            text = f"{text} ({plain(value)})"
        found.append(Said(question["text"], value, text, _tagged(ranges_of(question["ranges"]), value)))
    return found


def total_of(measure: Measure) -> Said | None:
    """The total with its band; None when each question stands for itself, or the reader may not see it."""
    result = result_of(measure)
    if result is None or measure.instrument.score == Instrument.Score.EACH:
        return None
    ranges = ranges_of(measure.total_ranges)  # type: ignore[attr-defined]
    if result.total is None:
        return Said("Total", None, "No total: too many answers are missing", None)
    text = plain(result.total) + (", with a missing answer filled in" if result.estimated else "")
    return Said("Total", result.total, text, _tagged(ranges, result.total))


@dataclass(frozen=True)
class Line:
    """One thing over time: the total, or a question that stands for itself."""

    label: str
    points: list[tuple[Measure, Said]]
    better: str
    short: str

    @property
    def first(self) -> Said:
        return self.points[0][1]

    @property
    def last(self) -> Said:
        return self.points[-1][1]

    @property
    def several(self) -> bool:
        return len(self.points) > 1


@dataclass(frozen=True)
class Group:
    """What one person (or the family) answered to one instrument, oldest first."""

    instrument: Instrument
    whose: str
    person_id: UUID | None
    taken: list[Measure]
    lines: list[Line]

    @property
    def hidden(self) -> bool:
        """Nothing of it can be read by this reader."""
        return not self.lines

    @property
    def latest(self) -> Measure:
        return self.taken[-1]


def groups(found: Iterable[Measure]) -> list[Group]:
    """Measures that were not corrected, by instrument and person."""
    kept: dict[tuple[str, UUID | None], list[Measure]] = {}
    rows = sorted(found, key=lambda m: (m.instrument.order, m.instrument.name, m.taken_on, m.created_at))
    for measure in rows:
        if is_current(measure):
            kept.setdefault((measure.instrument.code, measure.person_id), []).append(measure)
    return [
        Group(taken[-1].instrument, whose(taken[-1]), person, taken, _lines(taken))
        for (_code, person), taken in kept.items()
    ]


def _lines(taken: list[Measure]) -> list[Line]:
    rows: dict[str, list[tuple[Measure, Said]]] = {}
    better: dict[str, bool] = {}
    short = {"Total": "Score"}
    for measure in taken:
        total = total_of(measure)
        if total is not None:
            rows.setdefault("Total", []).append((measure, total))
            better["Total"] = measure.instrument.higher_is_better
        elif measure.instrument.score == Instrument.Score.EACH:
            questions = measure.questions  # type: ignore[attr-defined]
            for said, question in zip(answers_of(measure), questions, strict=False):
                rows.setdefault(said.question, []).append((measure, said))
                better[said.question] = question["better"]
                short[said.question] = question["key"].replace("_", " ").capitalize()
    return [
        Line(
            label,
            points,
            change(points[0][1].value, points[-1][1].value, higher_is_better=better[label]),
            short[label],
        )
        for label, points in rows.items()
    ]


def chart_of(group: Group) -> Chart | None:
    """The lines of a group as a picture; None with fewer than two times."""
    lines = group.lines[:4]
    if not lines or not any(line.several for line in lines):
        return None
    days = [measure for measure, _said in max(lines, key=lambda line: len(line.points)).points]
    rows = []
    for measure in days:
        values = []
        for line in lines:
            at = {m.pk: said.value for m, said in line.points}
            values.append(None if at.get(measure.pk) is None else float(at[measure.pk] or 0))
        rows.append((f"{measure.taken_on:%-d %b %y}", *values))
    better = "Higher is better" if group.instrument.higher_is_better else "Lower is better"
    names = [line.short if len(lines) > 1 else group.instrument.name for line in lines]
    title = f"{group.whose}: {group.instrument.name}, {group.taken[0].taken_on:%-d %B %Y} to now. {better}."
    if group.instrument.score == Instrument.Score.EACH:
        title = f"{group.whose}: {group.instrument.name}, {group.taken[0].taken_on:%-d %B %Y} to now"
    return line_chart(title, rows, of="Day", series=names)


# --- what is due ---
@dataclass(frozen=True)
class Asked:
    """An instrument that a case is to be asked, with when. due: None when nothing is to come."""

    case_id: UUID
    code: str
    name: str
    person_id: UUID | None
    person: str
    due: date | None
    agreed_id: UUID | None
    every_weeks: int | None

    @property
    def days_late(self) -> int:
        return max((timezone.localdate() - self.due).days, 0) if self.due else 0


# What was agreed in a case, and what is asked in every case; with the last time it was answered.
ASKED = """
SELECT jsonb_agg(jsonb_build_object(
    'case', c.id, 'code', i.code, 'name', i.name, 'person_id', a.person_id, 'agreed', a.id, 'begins', a.starts_on,
    'person', coalesce(nullif(p.known_as, ''), p.first_name, ''), 'weeks', coalesce(a.every_weeks, i.every_weeks),
    'start', i.at_start, 'end', i.at_end, 'last', m.last_on, 'had_end', m.had_end,
    'closing', CASE WHEN c.status = 'closing' THEN (
        SELECT max(o.created_at AT TIME ZONE 'Europe/London')::date FROM outcomes_closure o
        WHERE o.case_id = c.id AND o.status = 'asked') END
) ORDER BY i."order", i.name)
FROM cases_case c
JOIN LATERAL (
    SELECT g.id, g.instrument_id, g.person_id, g.starts_on, g.every_weeks FROM outcomes_agreedmeasure g
    WHERE g.case_id = c.id AND g.ends_on IS NULL
    UNION ALL
    SELECT NULL, e.id, NULL, c.opened_on, NULL FROM outcomes_instrument e
    WHERE e.in_use AND e.every_case_from <= c.opened_on
      AND NOT EXISTS (SELECT 1 FROM outcomes_agreedmeasure g WHERE g.case_id = c.id AND g.instrument_id = e.id
                      AND g.ends_on IS NULL)
) a ON true
JOIN outcomes_instrument i ON i.id = a.instrument_id AND i.in_use
LEFT JOIN families_person p ON p.id = a.person_id
LEFT JOIN LATERAL (
    SELECT max(x.taken_on) AS last_on, bool_or(x.occasion = 'end') AS had_end FROM outcomes_measure x
    JOIN outcomes_instrument xi ON xi.id = x.instrument_id
    WHERE x.case_id = c.id AND xi.code = i.code
      AND (a.id IS NULL OR x.person_id IS NOT DISTINCT FROM a.person_id)
) m ON true
WHERE c.status <> 'closed' AND c.id =
"""


def asked_beside_case() -> RawSQL:
    """What a case is to be asked, as a column beside it."""
    return RawSQL(f'({ASKED} "cases_case"."id")', [], JSONField())  # noqa: S611 - no value from outside


def asked_in(rows: Iterable[dict[str, Any]] | None) -> list[Asked]:
    """From that column."""
    found = []
    for row in rows or ():
        ending = _date(row["closing"]) if row["end"] else None
        due = next_due(
            begins=date.fromisoformat(row["begins"]),
            last=_date(row["last"]),
            at_start=row["start"],
            every_weeks=row["weeks"],
            ending=ending,
            had_end=bool(row["had_end"]),
        )
        found.append(
            Asked(
                case_id=UUID(row["case"]),
                code=row["code"],
                name=row["name"],
                person_id=UUID(row["person_id"]) if row["person_id"] else None,
                person=row["person"],
                due=due,
                agreed_id=UUID(row["agreed"]) if row["agreed"] else None,
                every_weeks=row["weeks"],
            )
        )
    return found


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def asked_of(case: Case) -> list[Asked]:
    """What this case is to be asked; one query unless it was loaded with the case."""
    if hasattr(case, "asked"):
        return asked_in(case.asked)
    return asked_in(Case.objects.filter(pk=case.pk).values_list(asked_beside_case(), flat=True).first())


def due_to_me(request: UserRequest, **_: Any) -> dict[str, Any]:
    """Measures that are due in my own cases, for My work; no query of its own."""
    today = timezone.localdate()
    late: list[dict[str, Any]] = []
    soon: list[dict[str, Any]] = []
    for case in (row.case for row in of_mine(request).cases):
        for asked in asked_of(case):
            if asked.due is None or (asked.due - today).days > SOON_DAYS:
                continue
            row = {
                "title": f"{case.family.name}: {asked.name}",
                "detail": f"{asked.person}, to be asked" if asked.person else "To be asked",
                "url": reverse("case-measures", args=[case.pk]),
                "action": "Ask",
                "action_url": take_url(asked),
                "days_late": asked.days_late,
                "when": asked.due,
            }
            (late if asked.due < today else soon).append(row)
    return {"overdue": late, "this_week": soon}


def take_url(asked: Asked) -> str:
    url = reverse("measure-take", args=[asked.case_id, asked.code])
    return f"{url}?about={asked.person_id}" if asked.person_id else url


def measured() -> Exists:
    """Whether anything was answered, as a column beside a case."""
    return Exists(Measure.objects.filter(case=OuterRef("pk")))


# --- slots ---
def on_outcomes(request: UserRequest, *, case: Case, page: dict[str, Any]) -> dict[str, Any]:
    """The part of the Outcomes tab: what was answered, first and latest. One query, none where nothing was answered."""
    found = groups(measures().filter(case=case)) if getattr(case, "measured", True) else []
    asked = asked_of(case)
    today = timezone.localdate()
    return {
        "groups": found,
        "due": [(each, take_url(each)) for each in asked if each.due and (each.due - today).days <= SOON_DAYS],
        "can_ask": page["can_write"] and case.status != CaseStatus.CLOSED,
        "not_shown": NOT_SHOWN,
    }


def in_chronology(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """That something was answered, without its answers: the chronology is printed and passed on."""
    if not getattr(case, "measured", True):
        return {"entries": []}
    rows = Measure.objects.filter(case=case).select_related("instrument", "person", "author")
    return {
        "entries": [
            {
                "at": row.created_at if row.taken_on == timezone.localdate(row.created_at) else row.taken_on,
                "kind": "Measure",
                "title": f"{row.instrument.name} {'corrected' if row.corrects_id else 'answered'}: {whose(row)}",
                "by": row.author.name if row.author else "The family",
                "text": row.reason,
                "url": reverse("measure", args=[row.pk]),
            }
            for row in rows
        ]
    }


def supervised(request: UserRequest, **_: Any) -> dict[str, Any] | None:
    """For a clinical supervisor: the latest measures of the workers they supervise."""
    rows = list(Measure.objects.filter(private=True).select_related("instrument", "author", "case")[:8])
    return {"rows": rows} if rows else None


def reads_cases(user: Any, *, case: Case | None = None, **_: Any) -> bool:
    return case is None or case.cluster_id in duties(user).clusters


def live_agreements(case: Case) -> list[AgreedMeasure]:
    rows = AgreedMeasure.objects.filter(case=case, ends_on__isnull=True)
    return list(rows.select_related("instrument", "person"))
