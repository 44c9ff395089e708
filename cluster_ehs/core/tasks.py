"""The base of every task, and the sweep that makes sure of what must happen."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from cluster_ehs.core import chain
from cluster_ehs.core.backups import schedule as backups
from cluster_ehs.core.models import Message

SWEEPS: list[Callable[[], None]] = [chain.carry_on, backups.carry_on]
LEASE = timedelta(minutes=5)

log = logging.getLogger(__name__)


class ScopedTask(Task):
    """A task starts with no scope: it sees no family until it opens one with `acting_as`."""

    abstract = True

    def __call__(self, *args: object, **kwargs: object) -> object:
        if connection.in_atomic_block:
            return super().__call__(*args, **kwargs)
        try:
            return super().__call__(*args, **kwargs)
        finally:
            connection.close_if_unusable_or_obsolete()


def queue_message(
    *, key: str, to: str, subject: str, body: str, user_id: int | None = None, url: str = "", **more: Any
) -> None:
    """Note a mail to be sent, once per key, in the caller's transaction.

    user_id, url: whose notice in the pages it is too, and where it leads. more: other columns of the notice
    (`core.notices`).
    """
    # A line's end in a name would be one in a header of the mail.
    subject = " ".join(subject.split())
    message = Message(key=key, to=to, subject=subject, body=body, user_id=user_id, url=url, **more)
    Message.objects.bulk_create([message], ignore_conflicts=True)
    if message.by_mail == Message.ByMail.ONCE and message.send_after is None:
        transaction.on_commit(lambda: send_messages.delay(), robust=True)


@shared_task(name="cluster_ehs.core.send_messages")
def send_messages() -> int:
    """Send what waits. Returns how many went out. A failure is kept with the message and tried again."""
    sent = 0
    while message := _lease_next():
        try:
            EmailMessage(
                message.subject, message.body, to=[message.to], headers={"Message-ID": f"<{message.pk}@early-help>"}
            ).send()
        except OSError as error:
            # Away, or its certificate is not right, which is a ValueError as well and about no message.
            log.warning("the mail server took nothing: %s", error)
            Message.objects.filter(pk=message.pk).update(last_error=type(error).__name__)
            return sent
        except ValueError as error:
            # An address that no mail can go to stays with its error, and holds nobody else up.
            log.warning("mail %s cannot be sent: %s", message.pk, error)
            Message.objects.filter(pk=message.pk).update(last_error=type(error).__name__)
            continue
        # A mail that is no notice may carry a link or a code that opens something: it is not kept once it has gone.
        kept = {} if message.user_id else {"body": ""}
        Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), leased_until=None, **kept)
        sent += 1
    return sent


def _lease_next() -> Message | None:
    now = timezone.now()
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(
                Q(leased_until__isnull=True) | Q(leased_until__lt=now),
                Q(send_after__isnull=True) | Q(send_after__lte=now),
                sent_at__isnull=True,
                by_mail=Message.ByMail.ONCE,
            )
            .order_by("tries", "id")
            .first()
        )
        if message:
            Message.objects.filter(pk=message.pk).update(leased_until=now + LEASE, tries=F("tries") + 1)
    return message


# As long as a large one may take; a worker that is killed is missed by its lease, not by this limit.
@shared_task(name=backups.TASK, time_limit=6 * 3600, soft_time_limit=6 * 3600 - 60)
def back_up() -> bool:
    """Make today's back-up. Beat asks for it at half past one, the sweep when nobody heard."""
    return backups.back_up_today()


@shared_task(name="cluster_ehs.core.sweep")
def sweep() -> None:
    """Each minute: carry on whatever a killed worker or a lost queue left undone. One that fails stops no other;
    the first failure is raised at the end, for the log."""
    failures = []
    everything: list[Callable[[], object]] = [send_messages, *SWEEPS]
    for carry_on in everything:
        try:
            carry_on()
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            # Its words may be those of a record: the log gets its kind and its place.
            log.error("the sweep could not carry on %s: %s", carry_on.__module__, type(error).__name__)
            failures.append(error)
    if failures:
        raise failures[0]
