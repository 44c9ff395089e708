"""From answers to a score. Pure: no query, no clock.

The rule for what is missing stands here and nowhere else. Every question is answered by a number or by None, which
means "prefer not to say, or not asked". A total is made when no more than `may_miss` of the questions that count are
None; each of these then counts as the mean of the others, and the total is rounded half up to a whole number. With
more missing there is no total and no band. A question that stands for itself has a band when it has an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

# Days after the beginning in which what is asked at the start should be asked.
START_DAYS = 14


class Method(StrEnum):
    SUM = "sum"
    MEAN = "mean"
    EACH = "each"


@dataclass(frozen=True)
class Question:
    """One question. lowest, highest: the answers it takes. above: an answer above this is a risk; None for no risk."""

    key: str
    lowest: Decimal
    highest: Decimal
    counts: bool = True
    above: Decimal | None = None


@dataclass(frozen=True)
class Sheet:
    """The questions of an instrument and how they make a score."""

    method: Method
    questions: tuple[Question, ...]
    may_miss: int = 0


@dataclass(frozen=True)
class Score:
    """total: None when there is none. missing: questions without an answer. estimated: the total fills some in.
    risks: questions whose answer is a risk."""

    total: Decimal | None
    parts: dict[str, Decimal] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    estimated: bool = False
    risks: tuple[str, ...] = ()


class WrongAnswer(ValueError):
    """An answer that the question does not take. `key` names the question."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


def plain(value: Decimal) -> str:
    """A number without idle noughts."""
    return f"{value.normalize():f}"


def score(sheet: Sheet, answers: Mapping[str, Decimal | int | None]) -> Score:
    """The score of these answers. Raises WrongAnswer for one that is unknown, left out, or out of range."""
    known = {question.key for question in sheet.questions}
    for key in answers:
        if key not in known:
            raise WrongAnswer(key, "There is no such question")
    given: dict[str, Decimal] = {}
    missing, risks = [], []
    for question in sheet.questions:
        if question.key not in answers:
            raise WrongAnswer(question.key, "There is no answer, not even that none was given")
        answer = answers[question.key]
        if answer is None:
            missing.append(question.key)
            continue
        value = Decimal(answer)
        if not question.lowest <= value <= question.highest:
            raise WrongAnswer(
                question.key, f"The answer must be from {plain(question.lowest)} to {plain(question.highest)}"
            )
        given[question.key] = value
        if question.above is not None and value > question.above:
            risks.append(question.key)
    counting = [question.key for question in sheet.questions if question.counts]
    absent = [key for key in counting if key in missing]
    total = None
    if sheet.method != Method.EACH and counting and len(absent) <= sheet.may_miss and len(absent) < len(counting):
        total = _total(sheet.method, [given[key] for key in counting if key in given], len(counting))
    return Score(
        total=total,
        parts=given if sheet.method == Method.EACH else {},
        missing=tuple(missing),
        estimated=total is not None and bool(absent),
        risks=tuple(risks),
    )


def _total(method: Method, values: list[Decimal], number: int) -> Decimal:
    mean = sum(values, Decimal(0)) / len(values)
    if method == Method.MEAN:
        return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if len(values) == number:
        return sum(values, Decimal(0))
    return (mean * number).quantize(Decimal(1), ROUND_HALF_UP)


@dataclass(frozen=True)
class Range:
    """A band: from and to, both included."""

    lowest: Decimal
    highest: Decimal
    label: str
    alarming: bool = False


def band(ranges: Iterable[Range], value: Decimal | None) -> Range | None:
    """The band of a value. Between two bands (a mean, an estimate) it belongs to the lower one."""
    if value is None:
        return None
    below = [each for each in ranges if each.lowest <= value]
    return max(below, key=lambda each: each.lowest) if below else None


def change(first: Decimal | None, last: Decimal | None, *, higher_is_better: bool) -> str:
    """“better”, “worse” or “same”; empty when one of the two is not known."""
    if first is None or last is None:
        return ""
    if first == last:
        return "same"
    return "better" if (last > first) == higher_is_better else "worse"


def next_due(
    *,
    begins: date,
    last: date | None,
    at_start: bool,
    every_weeks: int | None,
    ending: date | None = None,
    had_end: bool = False,
) -> date | None:
    """When an instrument is to be asked next; None when nothing is.

    ending: since when the case is coming to its end, for an instrument that is asked at the end.
    """
    if ending is not None:
        return None if had_end else ending
    if last is None:
        if at_start:
            return begins + timedelta(days=START_DAYS)
        return begins + timedelta(weeks=every_weeks) if every_weeks else None
    return last + timedelta(weeks=every_weeks) if every_weeks else None
