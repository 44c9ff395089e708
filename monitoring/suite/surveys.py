"""Survey results: who was asked, who answered, and what they said, with small counts left out [E Table 4][P]."""

from __future__ import annotations

from monitoring.suite.shapes import Asked, Column, Kind, Report, Table
from outcomes.surveys.models import Survey
from outcomes.surveys.questions import questions_of
from outcomes.surveys.selectors import results_of, rows_of

SMALL = "Fewer than five answers are not shown; where a total would give one number back, the next smallest goes too."


def make(asked: Asked) -> list[Table]:
    """Of the surveys drawn in the days of the period in no other than the chosen Clusters."""
    surveys = list(
        Survey.objects.filter(
            cluster_ids__contained_by=list(asked.clusters),
            drawn_at__date__range=(asked.start, asked.end),
            drawn_at__lte=asked.as_at,
        ).order_by("drawn_at")
    )
    return [_response(surveys), *(_results(survey) for survey in surveys)]


def _name(survey: Survey) -> str:
    return f"{survey.title} (survey {survey.pk})"


def _response(surveys: list[Survey]) -> Table:
    rows = tuple(
        (f"{_name(survey)}: {row.name}", row.population, row.drawn, row.asked, row.answered, row.rate, row.excluded)
        for survey in surveys
        for row in rows_of(survey)
    )
    return Table(
        "response",
        "Response by service",
        (
            Column("Survey and service", Kind.TEXT),
            Column("Could be asked"),
            Column("Drawn"),
            Column("Asked"),
            Column("Answered"),
            Column("Response rate", Kind.PERCENT),
            Column("Left out", Kind.TEXT),
        ),
        rows,
        note="The rate is of the families that were asked. A family is drawn once, for one of its services.",
        chart=("Asked", "Answered") if rows else (),
    )


def _results(survey: Survey) -> Table:
    rows = []
    for number, result in enumerate(results_of(survey, questions_of(survey)), 1):
        if result.question.item is None:
            continue
        question = f"{number}. {result.question.text}"
        for name, cell in [*result.strata, ("All", result.total)]:
            rows.append((f"{question} {name}", cell.number, cell.mean))
    return Table(
        f"results-{survey.pk}",
        f"What was said: {_name(survey)}",
        (Column("Question and service", Kind.TEXT), Column("Answers"), Column("Mean", Kind.NUMBER)),
        tuple(rows),
        note=SMALL,
    )


REPORT = Report(
    "survey-results",
    "Survey results",
    "Surveys of families: the response by service and the mean answers, apart from any family.",
    1,
    make,
    counted="Surveys drawn",
    compares=False,
)
