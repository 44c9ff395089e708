"""Telling a person: in the pages and, as they have chosen, by mail."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from cluster_ehs.core.models import Message
from cluster_ehs.core.notices import notify
from clusters.models import User


class OfFamily(Protocol):
    @property
    def family_id(self) -> UUID: ...


def tell(
    user: User | None,
    *,
    key: str,
    subject: str,
    text: str,
    url_name: str,
    pk: object = None,
    about: OfFamily | None = None,
    urgent: bool = False,
) -> None:
    """Note that something waits for somebody, with a link and no names, once for each key.

    about: the record; the page of notices says whose it is. urgent: mailed at once, whatever they have chosen.
    """
    if user is None or not user.email or not user.is_active:
        return
    notify(
        user_id=user.pk,
        to=user.email,
        choice=user.mails,
        key=key,
        subject=subject,
        text=text,
        url=reverse(url_name, args=[pk]) if pk else reverse(url_name),
        family_id=about.family_id if about else None,
        urgent=urgent,
    )


@transaction.atomic
def choose_mails(*, by: User, mails: str, digest: bool) -> None:
    """How somebody wants what is not urgent by mail, and whether a leader gets the numbers of the week.

    What waits to be mailed follows the new choice.
    """
    by.mails, by.digest = Message.ByMail(mails), digest
    by.save(update_fields=["mails", "digest"])
    waiting = Message.objects.filter(user_id=by.pk, sent_at__isnull=True, read_at__isnull=True, urgent=False)
    waiting.update(by_mail=by.mails)
