"""What is looked for: one statement per rule, and where it leads.

A statement gives, of each record that is not as it should be: cluster_id, family_id, reference, record_id, page_id,
fix_id, day, ask_id; and, where the rule itself is a function that forms and the sheet importer use too, what that
function is asked with. Statements read nothing of free text. The caller opens the scope.
"""

from cases.rules import out_of_order
from cases.selectors.supervisions import due
from families.identifiers import are_right
from monitoring.quality.check import Check, Found, Where
from monitoring.quality.models import Owner, Severity
from referrals.rules import age_out_of_range

# ruff: noqa: S608 - statements are put together from the parts of this file alone


def supervision_overdue(where: Where, weeks: int | None) -> list[Found]:
    """Workers whose supervision is late by the interval of their post; of no family."""
    if where.family:
        return []
    return [
        Found(one.cluster_id, None, one.worker.name, *(3 * (str(one.worker.pk),)), one.due_on, None)
        for one in due(where.clusters)
        if one.days_late and one.due_on
    ]


LEAD_OF_FAMILY = """(SELECT l.worker_id FROM cases_case k JOIN cases_leadworker l
    ON l.case_id = k.id AND l.ends_on IS NULL WHERE k.family_id = {of}.family_id AND k.status <> 'closed' LIMIT 1)"""
LEAD = "(SELECT l.worker_id FROM cases_leadworker l WHERE l.case_id = c.id AND l.ends_on IS NULL LIMIT 1)"
# Children whom a referral names that has not ended, or was received in the last two years.
_CHILD = f"""
SELECT p.cluster_id, p.family_id, f.reference, p.id::text AS record_id, p.family_id::text AS page_id,
       p.id::text AS fix_id, r.received_on AS day, {LEAD_OF_FAMILY.format(of="p")} AS ask_id{{more}}
FROM families_person p JOIN families_family f ON f.id = p.family_id
JOIN LATERAL (
    SELECT x.received_on, x.school_id FROM referrals_referral x
    WHERE x.child_id = p.id AND (x.status <> 'ended' OR x.received_on >= %(since)s)
    ORDER BY x.received_on DESC LIMIT 1
) r ON true
WHERE {{wrong}}
"""
_REFERRAL = f"""
SELECT r.cluster_id, r.family_id, r.reference, r.id::text AS record_id, r.id::text AS page_id, r.id::text AS fix_id,
       {{day}} AS day, {LEAD_OF_FAMILY.format(of="r")} AS ask_id{{more}}
FROM referrals_referral r {{join}} WHERE {{wrong}}
"""
_CASE = f"""
SELECT c.cluster_id, c.family_id, c.reference, c.id::text AS record_id, c.id::text AS page_id,
       {{fix}}::text AS fix_id, {{day}} AS day, {LEAD} AS ask_id
FROM cases_case c WHERE {{wrong}}
"""


def child(wrong: str, more: str = "") -> str:
    return _CHILD.format(wrong=f"p.is_child AND NOT p.deceased AND ({wrong})", more=more)


def referral(wrong: str, *, day: str = "r.received_on", join: str = "", more: str = "") -> str:
    return _REFERRAL.format(wrong=wrong, day=day, join=join, more=more)


def open_case(wrong: str, *, day: str = "c.opened_on", fix: str = "c.id") -> str:
    return _CASE.format(wrong=f"c.status <> 'closed' AND ({wrong})", day=day, fix=fix)


ATTENDED = "SELECT FROM cases_contact v WHERE v.case_id = c.id AND v.attendance = 'attended'"
GIVES_UP = "c.opened_on <= %(before)s"
SEEN = f"""{ATTENDED} AND (v.child_seen
    OR EXISTS (SELECT FROM cases_contactchild y WHERE y.contact_id = v.id AND y.seen)
    OR EXISTS (SELECT FROM cases_contactperson y JOIN families_person p ON p.id = y.person_id AND p.is_child
               WHERE y.contact_id = v.id))"""

CHECKS: tuple[Check, ...] = (
    Check(
        "no_outcome",
        "No outcome at the ending",
        "29 of 187 pilot cases had no outcome that anybody could tell: nobody knows whether help helped.",
        Severity.SEVERE,
        Owner.LEADER,
        page="referral",
        fix="outcome-record",
        to_do="Record the outcome",
        sql=referral(
            "e.outcome_not_recorded AND NOT EXISTS (SELECT FROM triage_endingoutcome o WHERE o.ending_id = e.id)",
            day="e.ended_on",
            join="JOIN triage_ending e ON e.referral_id = r.id",
        ),
    ),
    Check(
        "dates_in_order",
        "Dates in the wrong order",
        "Waiting times and lengths of support are counted from these days.",
        Severity.SEVERE,
        Owner.LEADER,
        page="referral",
        fix="referral",
        to_do="Look at the dates",
        sql=referral(
            "r.status <> 'to_screen' AND (r.status <> 'ended' OR r.received_on >= %(since)s)",
            join="""LEFT JOIN triage_decision d ON d.referral_id = r.id
                LEFT JOIN cases_casereferral k ON k.referral_id = r.id LEFT JOIN cases_case c ON c.id = k.case_id""",
            more=", r.received_on, d.decided_on, c.opened_on, c.closed_on",
        ),
        wrong=lambda received, decided, opened, closed: bool(
            out_of_order(received=received, decided=decided, opened=opened, closed=closed)
        ),
    ),
    Check(
        "age",
        "Age cannot be right",
        "Help is for children of 0 to 17, and to 25 with special needs; a wrong birth date also hides a duplicate.",
        Severity.SEVERE,
        Owner.WORKER,
        page="family",
        fix="person-edit",
        to_do="Check the date of birth",
        sql=child(
            "p.birth_date IS NOT NULL",
            ", p.birth_date, r.received_on, EXISTS (SELECT FROM families_sendneed n WHERE n.person_id = p.id)",
        ),
        wrong=lambda born, received, send: bool(age_out_of_range(born, received, has_send=send)),
    ),
    Check(
        "identifier",
        "A number that fails its check",
        "A wrong UPN or NHS number leads to another child’s records.",
        Severity.SEVERE,
        Owner.WORKER,
        page="family",
        fix="person-edit",
        to_do="Correct the number",
        sql=child("p.upn <> '' OR p.nhs_number <> ''", ", p.upn, p.nhs_number"),
        wrong=lambda upn, nhs_number: not are_right(upn, nhs_number),
    ),
    Check(
        "no_agreement",
        "No agreement recorded",
        "A family works with us because it agrees to: who agreed, when and to what must be on the record.",
        Severity.SEVERE,
        Owner.WORKER,
        page="case",
        fix="agreement-new",
        to_do="Record the agreement",
        weeks=2,
        sql=open_case(
            f"""{GIVES_UP} AND NOT EXISTS (SELECT FROM families_agreement a
                WHERE a.family_id = c.family_id AND a.withdrawn_on IS NULL)
            AND (NOT EXISTS (SELECT FROM referrals_referral r JOIN cases_casereferral k ON k.referral_id = r.id
                     WHERE k.case_id = c.id AND r.agreed = 'yes')
                 OR EXISTS (SELECT FROM families_agreement a WHERE a.family_id = c.family_id))""",
            fix="c.family_id",
        ),
    ),
    Check(
        "no_lead_worker",
        "No lead worker",
        "One family, one lead worker, one plan: without one nobody answers for the plan.",
        Severity.SEVERE,
        Owner.LEADER,
        page="case",
        fix="case-workers",
        to_do="Name a lead worker",
        sql=open_case("NOT EXISTS (SELECT FROM cases_leadworker l WHERE l.case_id = c.id AND l.ends_on IS NULL)"),
    ),
    Check(
        "child_not_seen",
        "Child never seen",
        "Nobody of the team has seen a child of this family since the case was opened.",
        Severity.SEVERE,
        Owner.WORKER,
        page="case",
        fix="contact-new",
        to_do="Log a contact",
        weeks=6,
        sql=open_case(f"{GIVES_UP} AND NOT EXISTS ({SEEN}) AND c.sessions_before = 0"),
    ),
    Check(
        "no_first_contact",
        "No first contact",
        "The family is allocated and still waits: waiting ends with the first attended contact.",
        Severity.MATTERS,
        Owner.WORKER,
        page="case",
        fix="contact-new",
        to_do="Log a contact",
        weeks=2,
        sql=open_case(f"{GIVES_UP} AND NOT EXISTS ({ATTENDED}) AND c.sessions_before = 0"),
    ),
    Check(
        "no_decision",
        "No decision",
        "The referral waits longer than a month of weekly screening.",
        Severity.MATTERS,
        Owner.LEADER,
        page="referral",
        fix="referral",
        to_do="Bring it to screening",
        weeks=4,
        sql=referral("r.status = 'to_screen' AND r.received_on <= %(before)s"),
    ),
    Check(
        "no_formulation",
        "Case without a formulation",
        "The plan follows from the formulation: without one it is a list of tasks.",
        Severity.MATTERS,
        Owner.WORKER,
        page="case",
        fix="formulation-edit",
        to_do="Write the formulation",
        weeks=6,
        sql=open_case(
            f"{GIVES_UP} AND NOT EXISTS (SELECT FROM formulation_formulation m WHERE m.case_id = c.id)"
        ),
    ),
    Check(
        "no_plan",
        "Case without a plan",
        "Without goals that the family agreed nothing can be reviewed or scored.",
        Severity.MATTERS,
        Owner.WORKER,
        page="case",
        fix="goal-new",
        to_do="Set the first goal",
        weeks=6,
        sql=open_case(
            f"""{GIVES_UP} AND NOT EXISTS (SELECT FROM cases_plan n JOIN cases_goal g ON g.plan_id = n.id
                WHERE n.case_id = c.id)"""
        ),
    ),
    Check(
        "no_review",
        "Review overdue",
        "Plans are reviewed often, in many cases weekly; this one is past its day.",
        Severity.MATTERS,
        Owner.WORKER,
        page="case",
        fix="case-review",
        to_do="Review the plan",
        weeks=2,
        sql=open_case(
            "c.review_due_on < %(before)s AND EXISTS (SELECT FROM cases_plan n WHERE n.case_id = c.id)",
            day="c.review_due_on",
        ),
    ),
    Check(
        "goal_not_scored",
        "Goal without a score",
        "What has no score at the start cannot be shown to have moved.",
        Severity.MATTERS,
        Owner.WORKER,
        page="case-plan",
        fix="contact-new",
        to_do="Ask for a score",
        weeks=4,
        sql=f"""
        SELECT c.cluster_id, c.family_id, c.reference, g.id::text AS record_id, c.id::text AS page_id,
               c.id::text AS fix_id, (g.created_at AT TIME ZONE 'Europe/London')::date AS day, {LEAD} AS ask_id
        FROM cases_goal g JOIN cases_plan n ON n.id = g.plan_id
        JOIN cases_case c ON c.id = n.case_id AND c.status <> 'closed'
        WHERE g.status = 'live' AND g.baseline IS NULL
          AND (g.created_at AT TIME ZONE 'Europe/London')::date <= %(before)s
          AND NOT EXISTS (SELECT FROM cases_goalscore s WHERE s.goal_id = g.id)
        """,
    ),
    Check(
        "assessment_of_nobody",
        "Assessment that names no child",
        "List 2 of Ofsted’s Annex A has a row for each child of an assessment: this one is in no list.",
        Severity.MATTERS,
        Owner.WORKER,
        page="case-formulation",
        fix="assessment-edit",
        to_do="Name the children",
        sql=f"""
        SELECT c.cluster_id, c.family_id, c.reference, a.id::text AS record_id, c.id::text AS page_id,
               a.id::text AS fix_id, a.starts_on AS day, coalesce({LEAD}, a.author_id) AS ask_id
        FROM formulation_assessment a JOIN cases_case c ON c.id = a.case_id
        WHERE a.why_ended <> 'mistake' AND a.starts_on >= %(since)s
          AND NOT EXISTS (SELECT FROM formulation_assessedchild x WHERE x.assessment_id = a.id)
        """,
    ),
    Check(
        "no_exit_plan",
        "Closed without an exit plan",
        "Families told the evaluation that the end felt sudden: the exit plan says what stays in place.",
        Severity.MATTERS,
        Owner.LEADER,
        page="case-outcomes",
        fix="case-outcomes",
        to_do="Look at the closure",
        sql="""
        SELECT c.cluster_id, c.family_id, c.reference, c.id::text AS record_id, c.id::text AS page_id,
               c.id::text AS fix_id, c.closed_on AS day, NULL::bigint AS ask_id
        FROM cases_case c
        JOIN outcomes_closure z ON z.case_id = c.id AND z.status = 'signed_off' AND z.reopened_at IS NULL
        WHERE c.status = 'closed' AND NOT c.imported AND c.closed_on >= %(since)s
          AND NOT EXISTS (SELECT FROM outcomes_exitplan x WHERE x.closure_id = z.id AND concat(x.in_place,
              x.wider_family, x.community, x.school, x.if_things_slip, x.back_in_touch, x.who_stays) <> '')
        """,
    ),
    Check(
        "no_end_reading",
        "No reading at the end",
        "There is a reading at the start and none at the end: whether the family’s life changed cannot be shown.",
        Severity.MATTERS,
        Owner.LEADER,
        page="case-readings",
        fix="case-readings",
        to_do="Look at the readings",
        sql=f"""
        SELECT c.cluster_id, c.family_id, c.reference, c.id::text AS record_id, c.id::text AS page_id,
               c.id::text AS fix_id, coalesce(c.closed_on, %(today)s::date) AS day, {LEAD} AS ask_id
        FROM cases_case c
        WHERE (c.status = 'closing' OR c.status = 'closed' AND c.closed_on >= %(since)s)
          AND EXISTS (SELECT FROM outcomes_familyreading x WHERE x.case_id = c.id AND x.moment = 'start')
          AND NOT EXISTS (SELECT FROM outcomes_familyreading x WHERE x.case_id = c.id AND x.moment = 'end')
        """,
    ),
    Check(
        "duplicate",
        "May be recorded twice",
        "A child with two records has half a history in each, and is counted twice.",
        Severity.MATTERS,
        Owner.LEADER,
        page="duplicate",
        fix="duplicate",
        to_do="Compare the records",
        # Findings are listed by reference for whoever reads figures: a pair with a restricted record would tell them
        # who is in it. It stands in the list of duplicates, for those who may read both [ADR 0025].
        sql="""
        SELECT o.cluster_id, f.id AS family_id, f.reference, o.id::text AS record_id,
               o.id::text AS page_id, o.id::text AS fix_id, (o.found_at AT TIME ZONE 'Europe/London')::date AS day,
               NULL::bigint AS ask_id
        FROM families_duplicatepair o
        JOIN families_person p ON p.id = o.one_id JOIN families_family f ON f.id = p.family_id
        LEFT JOIN families_person q ON q.id = o.two_id LEFT JOIN families_family g ON g.id = q.family_id
        WHERE o.status = 'open' AND NOT f.restricted AND NOT coalesce(g.restricted, false)
        """,
    ),
    Check(
        "supervision_overdue",
        "Supervision overdue",
        "Supervision is where a stuck case is seen; the interval of the post has passed.",
        Severity.MATTERS,
        Owner.LEADER,
        page="supervision-worker",
        fix="supervision-worker",
        to_do="Plan supervision",
        find=supervision_overdue,
    ),
    Check(
        "no_birth_date",
        "Date of birth not known",
        "Age decides what a child is offered, and every return asks for it.",
        Severity.MATTERS,
        Owner.WORKER,
        page="family",
        fix="person-edit",
        to_do="Add the date of birth",
        sql=child("p.birth_date IS NULL"),
    ),
    Check(
        "no_ethnicity",
        "Ethnicity not recorded",
        "One in nine children of the evaluation had none, so nobody can say whom the help reaches.",
        Severity.MATTERS,
        Owner.WORKER,
        page="family",
        fix="person-edit",
        to_do="Ask and record",
        sql=child("p.ethnicity_id IS NULL OR p.ethnicity_id = (SELECT t.id FROM clusters_term t"
                  " WHERE t.vocabulary = 'ethnicity' AND t.code = 'NOBT')"),
    ),
    Check(
        "no_gender",
        "Gender not recorded",
        "The monitoring tables and every return ask for it.",
        Severity.MINOR,
        Owner.WORKER,
        page="family",
        fix="person-edit",
        to_do="Add the gender",
        sql=child("p.gender = 'unknown'"),
    ),
    Check(
        "no_school",
        "No school at school age",
        "A child of 4 to 16 without a school is either not recorded or missing education.",
        Severity.MINOR,
        Owner.WORKER,
        page="family",
        fix="person-edit",
        to_do="Add the school",
        sql=child("p.school_id IS NULL AND p.birth_date <= %(today)s::date - interval '4 years'"
                  " AND p.birth_date > %(today)s::date - interval '17 years'"),
    ),
)  # fmt: skip
BY_CODE = {check.code: check for check in CHECKS}
