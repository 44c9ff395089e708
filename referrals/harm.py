"""Telling of a risk of significant harm: at once the first who is on duty, later the next, nobody twice, no name."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from cluster_ehs.core.tasks import queue_message
from families.alerts import harm_rungs

LINK_LASTS = timedelta(hours=24)
_SIGNER = signing.TimestampSigner(salt="referrals.harm.contact")


def tell(
    *,
    referral_id: UUID,
    cluster_id: int,
    restricted: bool,
    named: Collection[int],
    at: datetime,
    rungs: int = 1,
    flag: datetime | None = None,
) -> int:
    """Note a mail to each of the first `rungs` rungs of those on duty at `at`. Returns how many people that are.

    A second call for the same referral notes none anew for those who have been told. flag: when it was flagged again,
    after an earlier flag was answered; then everybody is told anew.
    """
    path = reverse("referral", args=[referral_id])
    link = f"{settings.PUBLIC_URL}{path}"
    again = f":{flag:%Y%m%d%H%M%S%f}" if flag else ""
    told = harm_rungs(cluster_id=cluster_id, restricted=restricted, named=named, at=at)[:rungs]
    for person in [person for rung in told for person in rung]:
        body = f"A referral needs you now. Sign in to read it: {link}"
        if person.contact_id is not None:
            body = _to_contact(referral_id, person.contact_id)
        queue_message(
            key=f"harm:{referral_id}{again}:{person.key}",
            to=person.email,
            subject="A referral needs you now",
            body=body,
            user_id=person.user_id,
            url=path,
            urgent=True,
        )
    return sum(len(rung) for rung in told)


def _to_contact(referral_id: UUID, contact_id: int) -> str:
    """What somebody without a sign-in is written: a link with one purpose, to say that they have taken it on."""
    path = reverse("harm-contact", args=[contact_token(referral_id, contact_id)])
    return (
        "A referral to early help needs you now.\n\n"
        "Open this to see its reference and whom to ring, and say that you have taken it on:\n"
        f"{settings.PUBLIC_URL}{path}\n\nUntil somebody says so, others are told as well. "
        "The link works for 24 hours, once. Do not pass it on.\n"
    )


def contact_token(referral_id: UUID, contact_id: int) -> str:
    """Signed, so that nobody can make one; it opens nothing but the page on which this contact answers."""
    return _SIGNER.sign(f"{referral_id.hex}-{contact_id}")


def read_contact_token(token: str) -> tuple[UUID, int] | None:
    """The referral and the contact that a link names; None for a forged one and one whose time is over."""
    try:
        referral, _, contact = _SIGNER.unsign(token, max_age=LINK_LASTS).partition("-")
        return UUID(referral), int(contact)
    except (signing.BadSignature, ValueError):
        return None
