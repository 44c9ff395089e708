"""What is counted on the dashboard, defined once: figure, list, trend and download all read these definitions.

A `Source` (in `sources.py`) selects rows of one kind; a `Figure` says which of them it is of (`where`) and, when it is
no count, what is taken of each (`value`). Days are local days, both ends counted. The caller opens the scope
(`scope.figures()`), so a restricted case counts like any other.
"""

from dataclasses import dataclass
from enum import StrEnum

from cases.selectors.support import SESSIONS_AHEAD, WEEKS_AHEAD
from monitoring.dashboard.sources import COMPLETED, LONG_FROM, NONE, SEVERAL, SOURCES, Source
from triage.models import Outcome


class Kind(StrEnum):
    COUNT = "count"
    # The middle one of the rows' values.
    MEDIAN = "median"
    # The per cent of the rows whose value is 1.
    SHARE = "share"


@dataclass(frozen=True)
class Figure:
    """A count, a middle or a share of the rows of a source.

    head: the column heading; label: what a title says; about: the definition in a sentence; one: a row of its list.
    now_only: what it was earlier is not kept. alarming: any is one too many. called: what names a row of its list.
    enters: in a trend, the day from which a row is of it, where that is later than its source's; in place of `where`.
    """

    key: str
    head: str
    label: str
    about: str
    source: Source
    kind: Kind = Kind.COUNT
    where: str = "TRUE"
    value: str = "1"
    group: str = ""
    one: str = "referrals"
    dated: str = "Date"
    valued: str = ""
    alarming: bool = False
    now_only: bool = False
    called: str = "Reference"
    enters: str = ""

    @property
    def at_a_moment(self) -> bool:
        return self.source.at_a_moment

    @property
    def unit(self) -> str:
        """What follows the number: nothing after a count."""
        return {Kind.COUNT: "", Kind.MEDIAN: "\N{NO-BREAK SPACE}days", Kind.SHARE: "\N{NO-BREAK SPACE}%"}[self.kind]


REFERRALS, WAITING, CASES, CHANGE = "Referrals", "Waiting lists", "Cases", "What changed"
_S = SOURCES

FIGURES = (
    Figure(
        "received",
        "In",
        "Referrals received",
        "Referrals received in the period.",
        _S["received"],
        group=REFERRALS,
        dated="Received",
    ),
    Figure(
        "decided",
        "Decided",
        "Referrals decided",
        "Referrals decided in the period, whenever they were received.",
        _S["decided"],
        group=REFERRALS,
        dated="Decided",
    ),
    Figure(
        "days_to_decision",
        "Days to decision",
        "Days from referral to decision",
        "The middle number of days from receipt to decision, of the referrals decided in the period.",
        _S["decided"],
        Kind.MEDIAN,
        value="days",
        group=REFERRALS,
        dated="Decided",
        valued="Days to decision",
    ),
    Figure(
        "to_screen",
        "To screen",
        "Referrals to screen",
        "Referrals that wait for a decision.",
        _S["to_screen"],
        group=REFERRALS,
        dated="Received",
    ),
    Figure(
        "waiting",
        "Waiting",
        "Places on the waiting lists",
        "Services offered that nobody has taken up yet.",
        _S["waiting"],
        group=WAITING,
        one="services offered",
        dated="Waiting since",
    ),
    Figure(
        "waiting_long",
        "8 weeks or more",
        "Waiting eight weeks or more",
        "Services offered that have been waited for eight weeks or longer: the alarm of the waiting list.",
        _S["waiting"],
        where="long",
        enters=LONG_FROM,
        group=WAITING,
        one="services offered",
        dated="Waiting since",
        alarming=True,
    ),
    Figure(
        "days_to_start",
        "Days to start",
        "Days from decision to first appointment",
        "The middle number of days from the decision to the first attended contact or session, "
        "of the services that began in the period.",
        _S["started"],
        Kind.MEDIAN,
        value="days",
        group=WAITING,
        one="services",
        dated="Started",
        valued="Days to start",
    ),
    Figure("open", "Open", "Open cases", "Cases that are open.", _S["open"], group=CASES, one="cases", dated="Opened"),
    Figure(
        "review_overdue",
        "Review overdue",
        "Reviews overdue",
        "Open cases whose review was due before today.",
        _S["open"],
        where="review_late",
        group=CASES,
        one="cases",
        dated="Opened",
        alarming=True,
        now_only=True,
    ),
    Figure(
        "closed",
        "Closed",
        "Cases closed",
        "Cases closed in the period.",
        _S["closed"],
        group=CASES,
        one="cases",
        dated="Closed",
    ),
    Figure(
        "completed",
        "Service completed",
        "Cases that ended with the service completed",
        "Of the referrals that ended with their case in the period, the per cent whose one outcome is "
        "“service completed”.",
        _S["ended"],
        Kind.SHARE,
        where="place = 'case'",
        value=f"(outcome = '{COMPLETED}')::int",
        group=CHANGE,
        dated="Ended",
        valued="Service completed",
    ),
    Figure(
        "progress",
        "Goals moved on",
        "Goals that moved on",
        "Of the goals that ended in the period with a baseline and a later score, the per cent whose last score is "
        "above the baseline. A case is listed once for each of its goals.",
        _S["goals"],
        Kind.SHARE,
        value="moved",
        group=CHANGE,
        one="goals",
        dated="Goal ended",
        valued="Moved on",
    ),
    Figure(
        "higher_stage",
        "Higher stage",
        "Families who moved to a higher stage",
        "Of the cases closed in the period that were read at the start and at the end, the per cent in which the "
        "family moved to a higher stage in one domain or more.",
        _S["read_twice"],
        Kind.SHARE,
        value="higher",
        group=CHANGE,
        one="cases",
        dated="Closed",
        valued="A higher stage",
    ),
    Figure(
        "no_outcome",
        "No outcome",
        "Endings without an outcome",
        "Referrals that ended in the period without a recorded outcome (only an import can bring one).",
        _S["ended"],
        where=f"outcome = '{NONE}'",
        group=CHANGE,
        dated="Ended",
        alarming=True,
    ),
    Figure(
        "to_put_right",
        "Data quality",
        "Findings of data quality",
        "What the rules of data quality ask to be put right in the records and nobody has set aside.",
        _S["findings"],
        group=CHANGE,
        one="findings",
        dated="Since",
        now_only=True,
    ),
)

# What waits for the leaders, in a table of its own.
TO_DO = (
    Figure(
        "extensions_asked",
        "Extensions to answer",
        "Extensions to answer",
        "More weeks or sessions of a service that were asked for and not answered.",
        _S["extensions"],
        one="requests",
        dated="Asked on",
    ),
    Figure(
        "closures_asked",
        "Closures to sign off",
        "Closures to sign off",
        "Closures that were asked for and neither signed off nor returned.",
        _S["closures"],
        one="closures",
        dated="Asked on",
    ),
    Figure(
        "running_out",
        "Services running out",
        "Services whose entitlement runs out",
        f"Running services with at most {SESSIONS_AHEAD} sessions or {WEEKS_AHEAD} weeks of their entitlement left, "
        "or none.",
        _S["running_out"],
        one="services",
        dated="Began",
        now_only=True,
    ),
    Figure(
        "supervision_late",
        "Supervision overdue",
        "Workers whose supervision is overdue",
        "Practitioners whose supervision was due before today, by the weeks set for their post.",
        _S["supervision"],
        one="workers",
        dated="Was due",
        alarming=True,
        now_only=True,
        called="Worker",
    ),
)


def _ending(outcome: str, label: str) -> Figure:
    """One row of “How referrals ended”: those whose one outcome it is, as in Table 13 [E]."""
    return Figure(
        f"ended_{outcome}",
        label,
        f"Ended: {label[:1].lower()}{label[1:]}",
        "Referrals that ended in the period, at triage or with their case, by their outcome; "
        "two or more outcomes are a row of their own.",
        SOURCES["ended"],
        where=f"outcome = '{outcome}'",
        dated="Ended",
    )


ENDINGS = (
    _ending(COMPLETED, Outcome.COMPLETED.label.partition(" (")[0]),
    *(
        _ending(outcome.value, outcome.label.partition(" (")[0])
        for outcome in Outcome
        if not outcome.value.startswith(COMPLETED)
    ),
    _ending(SEVERAL, "Two or more outcomes"),
)
ALL = (*FIGURES, *TO_DO, *ENDINGS)
BY_KEY = {figure.key: figure for figure in ALL}
