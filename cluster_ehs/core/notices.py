"""Notices: what somebody must know, in the pages and by mail, and none twice.

The rule. A notice is made once for each key. What is urgent (a child's safety) is mailed at once, whatever anybody
has chosen. Anything else follows the person's choice: at once, which is ten minutes later and only if it has not been
read in the pages by then; once a day, which is one mail at half past seven that says how many notices are not read;
or not at all. What has been read is not mailed. No mail names anybody: the pages do, for those who may read.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import queue_message

GRACE = timedelta(minutes=10)
DAILY_AT = time(7, 30)
PAGE = 40
ByMail = Message.ByMail


def notify(
    *,
    user_id: int,
    to: str,
    choice: str,
    key: str,
    subject: str,
    text: str,
    url: str,
    family_id: UUID | None = None,
    urgent: bool = False,
) -> None:
    """Note a notice to a person who signs in. subject, text: without any name; url: the path that it leads to.

    choice: how the person wants what is not urgent by mail. family_id: whose record it is about; the page says the
    name to a reader who may see it.
    """
    by_mail = ByMail.ONCE if urgent else ByMail(choice)
    queue_message(
        key=key,
        to=to,
        subject=subject,
        body=f"{text}\n\n{settings.PUBLIC_URL}{url}\n",
        user_id=user_id,
        url=url,
        family_id=family_id,
        urgent=urgent,
        by_mail=by_mail,
        send_after=None if urgent or by_mail != ByMail.ONCE else timezone.now() + GRACE,
    )


def notices_of(user_id: int) -> QuerySet[Message]:
    return Message.objects.filter(user_id=user_id).order_by("-id")


@transaction.atomic
def mark_read(notices: QuerySet[Message]) -> int:
    """They have been seen in the pages, and so are not mailed; what is urgent is mailed all the same."""
    notices.filter(sent_at__isnull=True, urgent=False).update(by_mail=ByMail.NONE)
    return notices.filter(read_at__isnull=True).update(read_at=timezone.now())


def send_daily(now: datetime) -> int:
    """One mail to each person whose notices of before half past seven are not read. Returns how many were noted.

    A second run notes none anew; a morning that was missed is made good the next time.
    """
    today = timezone.localtime(now).date()
    until = timezone.make_aware(datetime.combine(today, DAILY_AT))
    if now < until:
        return 0
    waiting = Message.objects.filter(
        by_mail=ByMail.DAILY, sent_at__isnull=True, read_at__isnull=True, created_at__lt=until
    )
    noted = 0
    with transaction.atomic():
        by_user: dict[int, list[Message]] = {}
        for notice in waiting.select_for_update(skip_locked=True):
            by_user.setdefault(notice.user_id or 0, []).append(notice)
        for user_id, notices in by_user.items():
            number = len(notices)
            queue_message(
                key=f"daily:{today:%Y-%m-%d}:{user_id}",
                to=notices[0].to,
                subject="One notice waits for you" if number == 1 else f"{number} notices wait for you",
                body=f"Sign in to read them:\n\n{settings.PUBLIC_URL}{reverse('notices')}\n",
            )
            Message.objects.filter(pk__in=[notice.pk for notice in notices]).update(sent_at=now)
            noted += 1
    return noted


def carry_on() -> None:
    """For the sweep of each minute."""
    send_daily(timezone.now())
