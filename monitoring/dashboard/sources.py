"""The rows that the dashboard's figures are of, as SQL: of a period, or standing at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from cases.selectors.support import SESSIONS_AHEAD, WEEKS_AHEAD

ALARM_DAYS = 56
LONG_FROM = f"o.waiting_since + {ALARM_DAYS}"
COMPLETED, SEVERAL, NONE = "completed", "several", "none"


@dataclass(frozen=True)
class Source:
    """Rows that figures are of.

    select: columns, among them row_id, cluster_id, family_id and on_date, which dates the row in its list.
    day: what has to lie in the period. Empty for what stands at a moment: such rows come with `enters` and `leaves`,
    the days of which they belong to the first and no longer to the last.
    refer: joins from the row (`s`) to its referral or case (`x`), which gives reference and address.
    grain: the columns that figures read, so that like rows are counted together.
    group: what makes one row of several of the tables'.
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
    group: str = ""

    @property
    def at_a_moment(self) -> bool:
        return not self.day

    def rows(self, *, also_before: bool = False, beside: Sequence[str] = ()) -> str:
        """The SELECT, with `beside` as `beside_0` and so on.

        For a period: of %(start)s to %(end)s, and of %(before_start)s to %(before_end)s when asked.

        For a moment: the rows that were there at some time from %(first)s to %(last)s; of a moment both are its day.
        """
        if self.at_a_moment:
            more = "".join(f", {each} AS beside_{place}" for place, each in enumerate(beside))
            select = f"{self.select}, {self.enters} AS enters, {self.leaves} AS leaves{more}"
            span = f"{self.enters} <= %(last)s AND ({self.leaves} IS NULL OR {self.leaves} > %(first)s)"
        else:
            select, span = self.select, f"{self.day} BETWEEN %(start)s AND %(end)s"
            if also_before:
                span = f"({span} OR {self.day} BETWEEN %(before_start)s AND %(before_end)s)"
        return (
            f"SELECT {select} FROM {self.tables} "  # noqa: S608 - constants of this file
            f"WHERE {self.cluster} = ANY (%(clusters)s) AND {span} AND {self.where} {self.group}"
        )


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'Europe/London')::date"


def _points(name: str, points: str, when: str) -> str:
    """The points of a case's last reading at its start or end that no other corrects."""
    corrected = "EXISTS (SELECT FROM outcomes_familyreading y WHERE y.corrects_id = {}.id)"
    return (
        f"JOIN outcomes_familyreading {name} ON {name}.case_id = c.id AND {name}.moment = '{when}'"
        f" AND NOT {corrected.format(name)} AND NOT EXISTS (SELECT FROM outcomes_familyreading z"
        f" WHERE z.case_id = c.id AND z.moment = '{when}' AND NOT {corrected.format('z')}"
        f" AND (z.taken_on, z.created_at) > ({name}.taken_on, {name}.created_at))"
        f" JOIN outcomes_readingpoints {points} ON {points}.reading_id = {name}.id AND {points}.points IS NOT NULL"
    )


# An offer that was taken up left the list when a worker got it; before that it may have started or been withdrawn.
_TAKEN_UP = (
    "CASE WHEN o.status <> 'waiting' THEN"
    f" coalesce(least(t.starts_on, {_day('t.created_at')}), o.started_on, e.ended_on,"
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
_OF_CASE = "JOIN cases_case x ON x.id = s.case_id"
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
        # Eight weeks or longer, on the day that is asked for.
        f"{_OFFER}, %(last)s >= {LONG_FROM} AS long",
        _OFFERS,
        enters="o.waiting_since",
        leaves=_TAKEN_UP,
        refer=_OF_DECISION,
        cluster="o.cluster_id",
        grain=("long",),
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
    # Two points make a stage; a domain that was not read both times cannot be compared [L 8].
    "read_twice": Source(
        "c.id AS row_id, c.cluster_id, c.family_id, c.closed_on AS on_date,"
        " bool_or((q.points + 1) / 2 > (p.points + 1) / 2)::int AS higher",
        f"cases_case c {_points('a', 'p', 'start')} {_points('b', 'q', 'end')} AND q.domain = p.domain",
        "c.closed_on",
        refer="JOIN cases_case x ON x.id = s.row_id",
        opens="case",
        cluster="c.cluster_id",
        grain=("higher",),
        group="GROUP BY c.id",
    ),
    # What waits for a leader. The cards of their home show the same rows with what is to be done.
    "extensions": Source(
        f"v.id AS row_id, v.cluster_id, v.family_id, {_day('v.created_at')} AS on_date, k.case_id",
        "cases_extension v JOIN cases_caseservice k ON k.id = v.case_service_id JOIN cases_case c ON c.id = k.case_id",
        enters=_day("v.created_at"),
        leaves=f"least({_day('v.answered_at')}, CASE WHEN k.status = 'ended' THEN k.ends_on END, c.closed_on)",
        refer=_OF_CASE,
        opens="case-services",
        cluster="v.cluster_id",
    ),
    "closures": Source(
        f"v.id AS row_id, v.cluster_id, v.family_id, {_day('v.created_at')} AS on_date, v.case_id",
        # Most were answered long before; this bound, a little too early, is asked sooner than a day in London is.
        "(SELECT * FROM outcomes_closure WHERE cluster_id = ANY (%(clusters)s)"
        " AND (answered_at IS NULL OR answered_at >= %(first)s::date)) v",
        enters=_day("v.created_at"),
        leaves=_day("v.answered_at"),
        refer=_OF_CASE,
        opens="case",
    ),
    # As `cases.selectors.support.use_of` says of one service: sessions of intervention left, else weeks left.
    "running_out": Source(
        "k.id AS row_id, k.cluster_id, k.family_id, k.starts_on AS on_date, k.case_id",
        "cases_caseservice k JOIN cases_case c ON c.id = k.case_id AND c.status <> 'closed'"
        " JOIN clusters_entitlement n ON n.id = k.entitlement_id LEFT JOIN triage_offer o ON o.id = k.offer_id"
        " LEFT JOIN (SELECT case_service_id, sum(sessions) AS sessions, sum(weeks) AS weeks FROM cases_extension"
        " WHERE cluster_id = ANY (%(clusters)s) AND status = 'approved' GROUP BY case_service_id) more"
        " ON more.case_service_id = k.id",
        enters="k.starts_on",
        leaves="NULL::date",
        where=(
            "k.status = 'active' AND CASE WHEN n.intervention_sessions IS NOT NULL THEN"  # noqa: S608 - constants
            " n.intervention_sessions + coalesce(more.sessions, 0) - (SELECT count(*) FROM cases_contact u"
            " WHERE u.case_service_id = k.id AND u.session_kind = 'intervention' AND (u.attendance = 'attended'"
            f" OR u.attendance = 'not_attended' AND n.counts_not_attended)) <= {SESSIONS_AHEAD}"
            " ELSE n.weeks + coalesce(more.weeks, 0) - greatest(%(today)s - CASE WHEN k.offer_id IS NULL"
            f" THEN k.starts_on ELSE o.started_on END, 0) / 7 <= {WEEKS_AHEAD}"
            " AND (k.offer_id IS NULL OR o.started_on IS NOT NULL) END"
        ),
        refer=_OF_CASE,
        opens="case-services",
        cluster="k.cluster_id",
    ),
}


# As `cases.selectors.supervisions.due`: after the last that took place, or since the worker or the interval began.
SOURCES["supervision"] = Source(
    "d.user_id AS row_id, d.cluster_id, NULL::uuid AS family_id, d.due_on AS on_date, d.name",
    "(SELECT r.user_id, r.cluster_id, u.name,"  # noqa: S608 - constants of this file
    f" coalesce(max({_day('v.held_at')}), greatest(r.starts_on, i.effective_from)) + 7 * i.weeks AS due_on"
    " FROM clusters_staffrole r JOIN clusters_user u ON u.id = r.user_id AND u.is_active"
    " JOIN LATERAL (SELECT weeks, effective_from FROM cases_supervisioninterval i WHERE i.post = r.post"
    " AND i.effective_from <= %(today)s ORDER BY effective_from DESC LIMIT 1) i ON TRUE"
    " LEFT JOIN (cases_supervisee e JOIN cases_supervision v ON v.id = e.supervision_id AND v.cancelled_at IS NULL"
    " AND v.held_at <= now()) ON e.worker_id = r.user_id AND e.cluster_id = r.cluster_id AND e.came"
    " WHERE r.role = 'practitioner' AND r.cluster_id = ANY (%(clusters)s) AND r.starts_on <= %(today)s"
    " AND (r.ends_on IS NULL OR r.ends_on > %(today)s)"
    " GROUP BY r.id, u.name, i.weeks, i.effective_from) d",
    enters="d.due_on + 1",
    leaves="NULL::date",
    refer="CROSS JOIN LATERAL (SELECT s.name AS reference, s.row_id AS id) x",
    opens="supervision-worker",
)
SOURCES["findings"] = Source(
    "f.id AS row_id, f.cluster_id, f.family_id, f.day AS on_date, f.reference, f.page_id",
    "monitoring_finding f JOIN monitoring_rule u ON u.id = f.rule_id AND u.active",
    enters="f.day",
    leaves=_day("f.closed_at"),
    where="(f.aside_until IS NULL OR f.aside_until < %(today)s)",
    # A finding names its record itself: one of a worker is of no family.
    refer="CROSS JOIN LATERAL (SELECT s.reference, s.page_id AS id) x",
    opens="",
    cluster="f.cluster_id",
)
