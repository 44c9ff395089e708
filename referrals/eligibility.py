"""Whether the Cluster is the right one for a child: by the school's membership on the day of receipt."""

from dataclasses import dataclass
from datetime import date

from clusters.models import Cluster, School, SchoolMembership


@dataclass(frozen=True)
class Eligibility:
    """`warning` names the right Cluster or the school's pastoral team; empty when all is well."""

    eligible: bool
    warning: str = ""


def eligibility(*, school: School | None, cluster: Cluster, on: date) -> Eligibility:
    """A child is eligible while the child's school is a member of the Cluster [E][P]. Without a school: not known."""
    if school is None:
        return Eligibility(False, "No school is given, so it is not known which Cluster the child belongs to.")
    membership = SchoolMembership.objects.on(on).filter(school_id=school.pk).select_related("cluster").first()
    if membership is None:
        return Eligibility(
            False,
            f"{school} belonged to no Cluster on {on.day} {on:%B %Y}. "
            "The school’s own pastoral team is the first to ask.",
        )
    if membership.cluster_id == cluster.pk:
        return Eligibility(True)
    right = membership.cluster
    telephone = f", telephone {right.telephone}" if right.telephone else ""
    return Eligibility(False, f"{school} belongs to {right}{telephone}. That is the right Cluster for this child.")
