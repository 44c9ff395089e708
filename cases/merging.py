"""What speaks against making one family of two, as cases see it."""

from cases.models import Case
from families.models import Family


def two_open_cases(one: Family, other: Family) -> str:
    """A family has one open case. Two must be brought to an end, or to one, by people who know both."""
    found = list(Case.objects.open().filter(family_id__in=[one.pk, other.pk]).order_by("opened_on"))
    if len({case.family_id for case in found}) < 2:
        return ""
    first, second = found[0], found[1]
    return (
        f"Both families have an open case ({first.reference} and {second.reference}), and a family has one. Agree with "
        "both lead workers which case goes on, close the other one, and then merge the families."
    )
