"""Follow-up 3 and 12 months after an ending (domain 2.9): who answered, how things are, and what came since."""

from collections import Counter

from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import rows_of
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value, counted
from outcomes.followup.models import FollowUp, FollowUpStatus, Known

# By the day on which they fell due; an answer after the last day is not known yet. Those not needed are no part.
_DUE = """
SELECT f.months, CASE WHEN f.ended_on <= %(end)s THEN f.status ELSE 'due' END AS state, f.how, f.things,
    f.wants_help, f.re_referral, f.social_care, count(*)
FROM outcomes_followup f
WHERE f.cluster_id = ANY (%(clusters)s) AND f.due_on BETWEEN %(start)s AND %(end)s AND f.status <> 'not_needed'
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""

MONTHS = (3, 12)
S = FollowUpStatus
SINCE = (("wants_help", "Would like help again"), ("re_referral", "Referred again"), ("social_care", "Social care"))


def make(asked: Asked) -> list[Table]:
    states: Counter[tuple[int, str]] = Counter()
    things: Counter[tuple[int, int]] = Counter()
    since: Counter[tuple[str, str]] = Counter()
    by_family: Counter[int] = Counter()
    for months, state, how, thing, *said, count in rows_of(_DUE, asked):
        states[months, state] += count
        states[months, "all"] += count
        if state != S.DONE:
            continue
        by_family[months] += count if how == FollowUp.How.PAGE else 0
        things[months, thing] += count
        for (name, _), value in zip(SINCE, said, strict=True):
            since[name, value or Known.UNKNOWN] += count
    done = sum(states[months, S.DONE] for months in MONTHS)
    return [
        Table(
            "answered",
            "Follow-ups that fell due in the period",
            (
                Column("Follow-up", Kind.TEXT),
                Column("Due"),
                Column("Answered"),
                Column("Answered, per cent", Kind.PERCENT),
                Column("On the family’s page"),
                Column("Not reached"),
                Column("Still to be asked"),
            ),
            tuple((f"After {months} months", *_cells(states, by_family, months)) for months in MONTHS),
            of="the row’s follow-ups that fell due and were needed",
            chart=("Due", "Answered"),
        ),
        Table(
            "things",
            "How things are, in the family’s eyes",
            (Column("Answer", Kind.TEXT), *(Column(f"After {months} months") for months in MONTHS)),
            tuple(
                (str(label), *(things[months, value] for months in MONTHS)) for value, label in FollowUp.Things.choices
            ),
            chart=tuple(f"After {months} months" for months in MONTHS),
        ),
        counted(
            "since",
            "Since the ending, as far as it was answered",
            [(words, since[name, Known.YES]) for name, words in SINCE],
            denominator=done,
            of="follow-ups answered",
            note="Not known: "
            + ", ".join(f"{words.lower()} {since[name, Known.UNKNOWN]}" for name, words in SINCE)
            + ". As the family or its worker said it; re-referral by the record has a report of its own.",
        ),
    ]


def _cells(states: Counter[tuple[int, str]], by_family: Counter[int], months: int) -> tuple[Value, ...]:
    due, done = states[months, "all"], states[months, S.DONE]
    return (
        due,
        done,
        percentage(done, due),
        by_family[months],
        states[months, S.NOT_REACHED],
        states[months, S.DUE],
    )


REPORT = Report(
    "follow-up",
    "Follow-up",
    "How families are 3 and 12 months after the ending, how many answered, and what came since.",
    1,
    make,
    counted="Fell due",
)
