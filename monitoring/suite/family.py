"""Family involvement [E][P]: fathers and wider family, who takes part, and whether the child was seen and heard."""

from monitoring.involvement import involvement_tables
from monitoring.suite.counting import rows_of
from monitoring.suite.shapes import Asked, Report, Table, counted, of_table

# By case, not by contact: a case with many visits counts once. Each table is gone through once for all the cases, for
# asking anew for each of ten years' cases took half a minute of the city.
_SEEN = """
WITH worked AS MATERIALIZED (
    SELECT c.id FROM cases_case c
    WHERE c.cluster_id = ANY (%(clusters)s) AND c.opened_on <= %(end)s
    AND (c.closed_on IS NULL OR c.closed_on >= %(start)s)
),
attended AS MATERIALIZED (
    SELECT x.id, x.case_id, x.child_seen FROM cases_contact x
    WHERE x.cluster_id = ANY (%(clusters)s) AND x.attendance = 'attended'
    AND x.at >= %(from_at)s AND x.at < %(until)s
),
seen AS (SELECT case_id, bool_or(child_seen) AS child FROM attended GROUP BY case_id),
adults AS (
    SELECT case_id, count(*) AS number FROM (
        SELECT DISTINCT x.case_id, y.person_id FROM attended x JOIN cases_contactperson y ON y.contact_id = x.id
        JOIN families_person p ON p.id = y.person_id AND NOT p.is_child) each_once GROUP BY case_id
),
reviewed AS (
    SELECT DISTINCT q.case_id FROM cases_review r JOIN cases_plan q ON q.id = r.plan_id
    JOIN cases_reviewperson y ON y.review_id = r.id
    WHERE r.cluster_id = ANY (%(clusters)s) AND r.reviewed_on BETWEEN %(start)s AND %(end)s
),
formulated AS (
    SELECT DISTINCT g.case_id FROM formulation_formulation g JOIN formulation_participant y ON y.formulation_id = g.id
    WHERE g.cluster_id = ANY (%(clusters)s)
)
SELECT count(*), count(s.case_id), count(*) FILTER (WHERE s.child), count(a.case_id),
    count(*) FILTER (WHERE a.number > 1), count(r.case_id), count(f.case_id)
FROM worked w LEFT JOIN seen s ON s.case_id = w.id LEFT JOIN adults a ON a.case_id = w.id
LEFT JOIN reviewed r ON r.case_id = w.id LEFT JOIN formulated f ON f.case_id = w.id
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
