"""Family involvement [E][P]: fathers and wider family, who takes part, and whether the child was seen and heard."""

from monitoring.involvement import involvement_tables
from monitoring.suite.counting import rows_of
from monitoring.suite.shapes import Asked, Report, Table, counted, of_table

# By case, not by contact: a case with many visits counts once.
_SEEN = """
SELECT count(*), count(*) FILTER (WHERE f.contacts > 0), count(*) FILTER (WHERE f.child),
    count(*) FILTER (WHERE f.adult), count(*) FILTER (WHERE f.two),
    count(*) FILTER (WHERE f.review), count(*) FILTER (WHERE f.formulation)
FROM cases_case c CROSS JOIN LATERAL (
    SELECT count(*) AS contacts, coalesce(bool_or(x.child_seen), false) AS child,
        coalesce(bool_or(EXISTS (SELECT FROM cases_contactperson y JOIN families_person p ON p.id = y.person_id
            WHERE y.contact_id = x.id AND NOT p.is_child)), false) AS adult,
        (SELECT count(DISTINCT y.person_id) FROM cases_contact z JOIN cases_contactperson y ON y.contact_id = z.id
            JOIN families_person p ON p.id = y.person_id AND NOT p.is_child
            WHERE z.case_id = c.id AND z.attendance = 'attended'
            AND z.at >= %(from_at)s AND z.at < %(until)s) > 1 AS two,
        EXISTS (SELECT FROM cases_review r JOIN cases_plan q ON q.id = r.plan_id
            JOIN cases_reviewperson y ON y.review_id = r.id
            WHERE q.case_id = c.id AND r.reviewed_on BETWEEN %(start)s AND %(end)s) AS review,
        EXISTS (SELECT FROM formulation_formulation g JOIN formulation_participant y ON y.formulation_id = g.id
            WHERE g.case_id = c.id) AS formulation
    FROM cases_contact x
    WHERE x.case_id = c.id AND x.attendance = 'attended' AND x.at >= %(from_at)s AND x.at < %(until)s
) f
WHERE c.cluster_id = ANY (%(clusters)s) AND c.opened_on <= %(end)s AND (c.closed_on IS NULL OR c.closed_on >= %(start)s)
"""

ROWS = (
    "An attended contact took place in the period",
    "A child was seen in the period",
    "An adult of the family was at a contact in the period",
    "Two or more adults of the family were",
    "Somebody of the family took part in a review in the period",
    "Somebody of the family took part in a formulation",
)


def make(asked: Asked) -> list[Table]:
    [(cases, *found)] = rows_of(_SEEN, asked)
    return [
        *(of_table(t) for t in involvement_tables(clusters=asked.clusters, period=asked.period, as_at=asked.as_at)),
        counted(
            "seen",
            "Who was seen and who took part, in the cases of the period",
            list(zip(ROWS, found, strict=True)),
            denominator=cases,
            of="cases open in the period",
            note="A case counts once in a row, however many contacts it had.",
        ),
    ]


REPORT = Report(
    "family",
    "Family involvement",
    "Fathers, other adults and wider family in the work, and in how many cases the child was seen.",
    1,
    make,
    counted="Cases open",
)
