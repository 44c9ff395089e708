"""Who gives somebody of the family a private link, and who may be given one."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cases.models import Case
from cases.policies import check_share_plan, leads_cluster
from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from families.models import Involvement, Person
from outcomes.followup.models import FollowUp

# Our own line: from about this age young people are asked for their own view of a plan; no source draws one.
YOUNG_FROM_AGE = 13
# The follow-up after a year, and a month to answer it. The database keeps to the same (`ehs_family_live`).
MONTHS_AFTER_CLOSING = 13


def check_give(user: User, case: Case) -> None:
    """The lead worker or a leader; after the ending, who asks how the family is. Raises Denied."""
    if case.closed_on is None:
        check_share_plan(user, case)
        return
    if timezone.localdate() > case.closed_on + timedelta(days=365):
        raise Denied("The family’s page ends with the follow-up, a year after the case was closed.")
    if leads_cluster(user, case.cluster_id):
        return
    asks = FollowUp.objects.filter(case=case, holder=user, status=FollowUp.Status.DUE).exists()
    if not asks or case.cluster_id not in duties(user).clusters:
        raise Denied("After the ending only the Cluster leader, or who stays in touch, gives the family a link.")


def may_have_page(person: Person) -> bool:
    """An adult or young person who lives there or takes part in the plan, and is not to be kept out of it.

    A page that was given closes when this ends; the database keeps to the same (`ehs_family_live`).
    """
    age = person.age
    old_enough = not person.is_child or (age is not None and age >= YOUNG_FROM_AGE)
    near = person.in_household or person.involvement == Involvement.INVOLVED
    return old_enough and near and not person.deceased and person.involvement != Involvement.NOT_TO_BE
