"""Fathers, father figures and wider family in the cases of a period: named or not, involved in the plan or not yet.

In the pilot fathers were left out, and wider family was found to be what lasts [E]. Who is who follows from the
relationship on the person's record or from a tie recorded to a child; what is known of them is as it is known now.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from cluster_ehs.core.figures import percentage
from families.models import Involvement
from monitoring.shapes import Period, Row, Table

# Whoever is called so; the others only where the record says that he is male.
FATHERS = ("father", "stepfather")
FATHER_FIGURES = ("mother_s_partner", "adoptive_parent", "foster_carer", "special_guardian")
FATHERING_TIES = ("parent", "step_parent", "adoptive_parent", "foster_carer", "special_guardian", "carer")
WIDER = ("grandmother", "grandfather", "great_grandparent", "aunt", "uncle", "cousin", "niece_or_nephew")
WIDER_TIES = ("grandparent", "relative")
KNOWN = (Involvement.INVOLVED, Involvement.NOT_YET, Involvement.NOT_TO_BE)

_CASES = """
WITH worked AS MATERIALIZED (
    SELECT c.id, c.family_id FROM cases_case c
    WHERE c.cluster_id = ANY (%(clusters)s) AND c.opened_on <= %(end)s
      AND (c.closed_on IS NULL OR c.closed_on >= %(start)s)
),
known AS MATERIALIZED (
    SELECT w.id, p.involvement,
        t.code = ANY (%(fathers)s) OR p.gender = 'male' AND (t.code = ANY (%(figures)s) OR EXISTS (
            SELECT FROM families_relationship x WHERE x.person_id = p.id AND x.kind = ANY (%(fathering)s)
            AND NOT x.mistaken AND (x.ends_on IS NULL OR x.ends_on > %(today)s))) AS father,
        t.code = ANY (%(wider)s) OR EXISTS (
            SELECT FROM families_relationship x WHERE x.person_id = p.id AND x.kind = ANY (%(wider_ties)s)
            AND NOT x.mistaken AND (x.ends_on IS NULL OR x.ends_on > %(today)s)) AS wider
    FROM worked w JOIN families_person p ON p.family_id = w.family_id
    LEFT JOIN clusters_term t ON t.id = p.relationship_id
    WHERE NOT p.is_child AND NOT p.deceased
)
SELECT w.id,
    coalesce(bool_or(k.father), false), coalesce(bool_or(k.father AND k.involvement = 'involved'), false),
    coalesce(bool_or(k.father AND k.involvement = 'not_yet'), false),
    coalesce(bool_or(k.father AND k.involvement = 'not_to_be'), false),
    coalesce(bool_or(k.wider), false), coalesce(bool_or(k.wider AND k.involvement = 'involved'), false)
FROM worked w LEFT JOIN known k ON k.id = w.id GROUP BY w.id
"""


def count_involvement(*, clusters: Sequence[int], start: date, end: date, today: date) -> Counter[str]:
    """Cases that were open on a day of the period: `cases`, `father`, father by involvement, `wider`, `wider_involved`.

    A case counts once: a father who is involved before one who is not yet, and so on. The caller opens the scope.
    """
    counted: Counter[str] = Counter()
    values: dict[str, Any] = {
        "clusters": list(clusters),
        "start": start,
        "end": end,
        "today": today,
        "fathers": list(FATHERS),
        "figures": list(FATHER_FIGURES),
        "fathering": list(FATHERING_TIES),
        "wider": list(WIDER),
        "wider_ties": list(WIDER_TIES),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CASES, values)
        for _case, father, involved, not_yet, not_to_be, wider, wider_involved in cursor.fetchall():
            counted["cases"] += 1
            counted["wider"] += wider
            counted["wider_involved"] += wider_involved
            if father:
                known = (
                    (involved, Involvement.INVOLVED),
                    (not_yet, Involvement.NOT_YET),
                    (not_to_be, Involvement.NOT_TO_BE),
                )
                counted["father"] += 1
                counted[next((value for said, value in known if said), Involvement.UNKNOWN)] += 1
    return counted


def involvement_tables(*, clusters: Sequence[int], period: Period, as_at: datetime) -> tuple[Table, Table]:
    """Fathers and wider family in the cases that were open in the period [E]; a case counts once."""
    day = timezone.localdate(as_at)
    found = count_involvement(clusters=clusters, start=period.start, end=min(period.end, day), today=day)
    cases, fathers = found["cases"], found["father"]
    family = {
        "A father or father figure is on record": fathers,
        "Wider family is named": found["wider"],
        "Somebody of the wider family is involved": found["wider_involved"],
    }
    return (
        Table(
            "family",
            "Fathers and wider family in the cases of the period",
            tuple(Row(name, count, percentage(count, cases)) for name, count in family.items()),
            cases,
            about=f"Per cent are of the {cases} cases open on a day of the period.",
            of="cases open in the period",
        ),
        Table(
            "fathers",
            "Part of fathers and father figures in the plan",
            tuple(Row(value.label, found[value], percentage(found[value], fathers)) for value in Involvement),
            fathers,
            missing=found[Involvement.UNKNOWN],
            about=f"Per cent are of the {fathers} cases with a father or father figure on record, as it is known now.",
            of="cases open in the period with a father or father figure on record",
        ),
    )
