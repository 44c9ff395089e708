"""What is counted on the dashboard, defined once: figure, list, trend and download all read these definitions.

A `Source` selects rows of one kind; a `Figure` says which of them it is of (`where`) and, when it is no count, what is
taken of each (`value`). Days are local days, both ends counted. The caller opens the scope (`scope.figures()`), so a
restricted case counts like any other.
"""

from dataclasses import dataclass
from enum import StrEnum

from triage.models import Outcome

ALARM_DAYS = 56
COMPLETED, SEVERAL, NONE = "completed", "several", "none"


class Kind(StrEnum):
    COUNT = "count"
    # The middle one of the rows' values.
    MEDIAN = "median"
    # The per cent of the rows whose value is 1.
    SHARE = "share"


@dataclass(frozen=True)
class Source:
    """Rows that figures are of.

    select: columns, among them row_id, cluster_id, family_id and on_date, which dates the row in its list.
    day: what has to lie in the period. Empty for what stands at a moment: such rows come with `enters` and `leaves`,
    the days of which they belong to the first and no longer to the last.
    refer: joins from the row (`s`) to its referral or case (`x`), which gives reference and address.
    grain: the columns that figures read, so that like rows are counted together.
    """

    select: str
    tables: str
    day: str = ""
    enters: str = ""
    leaves: str = ""
    where: str = "TRUE"
    refer: str = "JOIN referrals_referral x ON x.id = s.row_id"
    opens: str = "referral"
    cluster: str = "cluster_id"
    grain: tuple[str, ...] = ()

    @property
    def at_a_moment(self) -> bool:
        return not self.day

    def rows(self, *, also_before: bool = False) -> str:
        """The SELECT. For a period: of %(start)s to %(end)s, and of %(before_start)s to %(before_end)s when asked.

        For a moment: the rows that were there at some time from %(first)s to %(last)s; of a moment both are its day.
        """
        if self.at_a_moment:
            select = f"{self.select}, {self.enters} AS enters, {self.leaves} AS leaves"
            span = f"{self.enters} <= %(last)s AND ({self.leaves} IS NULL OR {self.leaves} > %(first)s)"
        else:
            select, span = self.select, f"{self.day} BETWEEN %(start)s AND %(end)s"
            if also_before:
                span = f"({span} OR {self.day} BETWEEN %(before_start)s AND %(before_end)s)"
        return (
            f"SELECT {select} FROM {self.tables} "  # noqa: S608 - constants of this file
            f"WHERE {self.cluster} = ANY (%(clusters)s) AND {span} AND {self.where}"
        )


# An offer that was taken up left the list when a worker got it; before that it may have started or been withdrawn.
_TAKEN_UP = (
    "CASE WHEN o.status <> 'waiting' THEN"
    " coalesce(least(t.starts_on, (t.created_at AT TIME ZONE 'Europe/London')::date), o.started_on, e.ended_on,"
    " o.waiting_since) END"
)
# What stands in the way of an index is asked last: an offer that had started by then is not looked up.
_OFFERS = (
    "(SELECT * FROM triage_offer WHERE cluster_id = ANY (%(clusters)s)"
    " AND (status <> 'started' OR started_on > %(first)s)) o"
    " JOIN triage_decision d ON d.id = o.decision_id"
    " LEFT JOIN cases_caseservice t ON t.offer_id = o.id LEFT JOIN triage_ending e ON e.referral_id = d.referral_id"
)
_OFFER = "o.id AS row_id, o.cluster_id, o.family_id, o.waiting_since AS on_date, d.referral_id"
_OF_DECISION = "JOIN referrals_referral x ON x.id = s.referral_id"
# The three ways of completing are one row of the table [E Table 13].
_ROW = f"CASE WHEN outcome LIKE 'completed%%' THEN '{COMPLETED}' ELSE outcome END"

SOURCES = {
    "received": Source(
        "r.id AS row_id, r.cluster_id, r.family_id, r.received_on AS on_date", "referrals_referral r", "r.received_on"
    ),
    "decided": Source(
        "d.id AS row_id, d.cluster_id, d.family_id, d.decided_on AS on_date, d.referral_id,"
        " d.decided_on - r.received_on AS days",
        "triage_decision d JOIN referrals_referral r ON r.id = d.referral_id",
        "d.decided_on",
        refer=_OF_DECISION,
        cluster="d.cluster_id",
        grain=("days",),
    ),
    "started": Source(
        "o.id AS row_id, o.cluster_id, o.family_id, o.started_on AS on_date, o.decision_id,"
        " o.started_on - o.waiting_since AS days",
        "triage_offer o",
        "o.started_on",
        refer="JOIN triage_decision d ON d.id = s.decision_id JOIN referrals_referral x ON x.id = d.referral_id",
        grain=("days",),
    ),
    "closed": Source(
        "c.id AS row_id, c.cluster_id, c.family_id, c.closed_on AS on_date",
        "cases_case c",
        "c.closed_on",
        where="c.status = 'closed'",
        refer="JOIN cases_case x ON x.id = s.row_id",
        opens="case",
    ),
    "ended": Source(
        "e.id AS row_id, e.cluster_id, e.family_id, e.ended_on AS on_date, e.referral_id, e.where AS place, "
        f"CASE WHEN o.first = o.last THEN o.first WHEN o.first IS NULL THEN '{NONE}' ELSE '{SEVERAL}' END AS outcome",
        f"triage_ending e LEFT JOIN (SELECT ending_id, min({_ROW}) AS first, max({_ROW}) AS last"  # noqa: S608
        " FROM triage_endingoutcome WHERE cluster_id = ANY (%(clusters)s)"
        " GROUP BY cluster_id, ending_id) o ON o.ending_id = e.id",
        "e.ended_on",
        refer=_OF_DECISION,
        cluster="e.cluster_id",
        grain=("place", "outcome"),
    ),
    # The last score of a goal, read in the order of its index. A score without a contact is the baseline, or of the
    # day on which the goal ended.
    "goals": Source(
        "g.id AS row_id, g.cluster_id, g.family_id, g.ended_on AS on_date, g.plan_id,"
        " (l.score > g.baseline)::int AS moved",
        "cases_goal g JOIN (SELECT DISTINCT ON (cluster_id, goal_id) goal_id, score, scored_on, contact_id"
        " FROM cases_goalscore WHERE cluster_id = ANY (%(clusters)s)"
        " ORDER BY cluster_id, goal_id, scored_on DESC, created_at DESC) l ON l.goal_id = g.id",
        "g.ended_on",
        where="g.baseline IS NOT NULL AND NOT (l.contact_id IS NULL AND l.scored_on < g.ended_on)",
        refer="JOIN cases_plan p ON p.id = s.plan_id JOIN cases_case x ON x.id = p.case_id",
        opens="case",
        cluster="g.cluster_id",
        grain=("moved",),
    ),
    "to_screen": Source(
        "r.id AS row_id, r.cluster_id, r.family_id, r.received_on AS on_date",
        # In three parts, each by its own index: still to screen, decided later, ended later without a decision.
        "(SELECT id, cluster_id, family_id, received_on, NULL::date AS leaves FROM referrals_referral"
        " WHERE cluster_id = ANY (%(clusters)s) AND status = 'to_screen'"
        " UNION ALL SELECT q.id, q.cluster_id, q.family_id, q.received_on, d.decided_on"
        " FROM triage_decision d JOIN referrals_referral q ON q.id = d.referral_id"
        " WHERE d.cluster_id = ANY (%(clusters)s) AND d.decided_on > %(first)s"
        " UNION ALL SELECT q.id, q.cluster_id, q.family_id, q.received_on, e.ended_on"
        " FROM triage_ending e JOIN referrals_referral q ON q.id = e.referral_id"
        " WHERE e.cluster_id = ANY (%(clusters)s) AND e.ended_on > %(first)s"
        " AND NOT EXISTS (SELECT FROM triage_decision d WHERE d.referral_id = e.referral_id)) r",
        enters="r.received_on",
        leaves="r.leaves",
    ),
    "waiting": Source(
        _OFFER, _OFFERS, enters="o.waiting_since", leaves=_TAKEN_UP, refer=_OF_DECISION, cluster="o.cluster_id"
    ),
    "waiting_long": Source(
        _OFFER,
        _OFFERS,
        enters=f"o.waiting_since + {ALARM_DAYS}",
        leaves=_TAKEN_UP,
        # Whoever was taken up before the eight weeks were over never waited so long.
        where=f"(o.status = 'waiting' OR {_TAKEN_UP} > o.waiting_since + {ALARM_DAYS})",
        refer=_OF_DECISION,
        cluster="o.cluster_id",
    ),
    "open": Source(
        "c.id AS row_id, c.cluster_id, c.family_id, c.opened_on AS on_date,"
        " coalesce(c.review_due_on < %(today)s, false) AS review_late",
        "cases_case c",
        enters="c.opened_on",
        leaves="c.closed_on",
        refer="JOIN cases_case x ON x.id = s.row_id",
        opens="case",
        grain=("review_late",),
    ),
}


SOURCES["findings"] = Source(
    "f.id AS row_id, f.cluster_id, f.family_id, f.day AS on_date, f.reference, f.page_id",
    "monitoring_finding f JOIN monitoring_rule u ON u.id = f.rule_id AND u.active",
    enters="f.day",
    leaves="(f.closed_at AT TIME ZONE 'Europe/London')::date",
    where="(f.aside_until IS NULL OR f.aside_until < %(today)s)",
    # A finding names its record itself: one of a worker is of no family.
    refer="CROSS JOIN LATERAL (SELECT s.reference, s.page_id AS id) x",
    opens="",
    cluster="f.cluster_id",
)


@dataclass(frozen=True)
class Figure:
    """A count, a middle or a share of the rows of a source.

    head: the column heading; label: what a title says; about: the definition in a sentence; one: a row of its list.
    now_only: what it was earlier is not kept. alarming: any is one too many. better: "less" or "more", else neither.
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
    side_by_side: bool = True

    @property
    def at_a_moment(self) -> bool:
        return self.source.at_a_moment

    @property
    def unit(self) -> str:
        """What follows the number: nothing after a count."""
        return {Kind.COUNT: "", Kind.MEDIAN: " days", Kind.SHARE: "\N{NO-BREAK SPACE}%"}[self.kind]


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
        _S["waiting_long"],
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
        side_by_side=False,
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
ALL = (*FIGURES, *ENDINGS)
BY_KEY = {figure.key: figure for figure in ALL}
