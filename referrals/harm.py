"""Telling of a risk of significant harm: at once the first who is on duty, later the next, nobody twice, no name."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from cluster_ehs.core.tasks import queue_message
from families.alerts import harm_rungs


def tell(
    *, referral_id: UUID, cluster_id: int, restricted: bool, named: Collection[int], at: datetime, rungs: int = 1
) -> int:
    """Note a mail to each of the first `rungs` rungs of those on duty at `at`. Returns how many people that are.

    A second call for the same referral notes none anew for those who have been told.
    """
    link = f"{settings.PUBLIC_URL}{reverse('referral', args=[referral_id])}"
    told = harm_rungs(cluster_id=cluster_id, restricted=restricted, named=named, at=at)[:rungs]
    for person in [person for rung in told for person in rung]:
        body = f"A referral needs you now. Sign in to read it: {link}"
        if person.user_id is None:
            body = (
                f"A referral to early help needs you now, reference of this message {referral_id}.\n"
                f"The record: {link}\nIf you have no sign-in, ring the Cluster or its leader."
            )
        queue_message(
            key=f"harm:{referral_id}:{person.key}", to=person.email, subject="A referral needs you now", body=body
        )
    return sum(len(rung) for rung in told)
