"""The numbers of the week, to leaders by mail on Monday morning: how many of each, a link, and no names.

One for each leader and week, whoever asks how often: the key is the week's. A Monday that was missed is made good until
Thursday; then the week is let go. Restricted records are not counted: not every leader may know of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Extension, Task
from cases.selectors.home import NO_CONTACT_DAYS
from cases.selectors.supervisions import overdue
from cluster_ehs.core import slots
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import queue_message
from clusters.models import Cluster, Role, StaffRole, User

AT = time(7, 0)
MADE_GOOD = timedelta(days=3)


def send_digests(now: datetime) -> int:
    """Note the digest of this week to every leader who wants it and has none yet. Returns how many were noted."""
    monday = timezone.localtime(now).date()
    monday -= timedelta(days=monday.weekday())
    due = timezone.make_aware(datetime.combine(monday, AT))
    if not due <= now < due + MADE_GOOD:
        return 0
    leads: dict[User, list[int]] = {}
    roles = StaffRole.objects.today().filter(
        role=Role.LEADER, user__is_active=True, user__digest=True, user__email__isnull=False, cluster__isnull=False
    )
    for role in roles.select_related("user"):
        leads.setdefault(role.user, []).append(role.cluster_id or 0)
    keys = {key_of(monday, user): user for user in leads}
    for key in Message.objects.filter(key__in=keys).values_list("key", flat=True):
        del leads[keys[key]]
    if not leads:
        return 0
    clusters = sorted({pk for pks in leads.values() for pk in pks})
    lines = numbers(clusters)
    names = dict(Cluster.objects.filter(pk__in=clusters).values_list("pk", "name"))
    for user, pks in leads.items():
        queue_message(
            key=key_of(monday, user),
            to=user.email or "",
            subject=f"The week of {monday.day} {monday:%B} in numbers",
            body=body(sorted(set(pks), key=lambda pk: names[pk]), names, lines),
        )
    return len(leads)


def key_of(monday: date, user: User) -> str:
    return f"digest:{monday:%Y-%m-%d}:{user.pk}"


def numbers(clusters: Sequence[int]) -> list[tuple[str, dict[int, int]]]:
    """What each app counts for these Clusters: a label and the number by Cluster, in the order of the apps."""
    found: list[tuple[str, dict[int, int]]] = []
    with acting_as(NamedActor.SCHEDULER):
        for filling in slots.fillings("digest"):
            found += (filling.selector(HttpRequest(), clusters=clusters) or {}).get("lines", [])
    return found


def body(pks: list[int], names: dict[int, str], lines: list[tuple[str, dict[int, int]]]) -> str:
    parts = []
    for pk in pks:
        said = [f"  {counts[pk]}  {label}" for label, counts in lines if counts.get(pk)]
        parts.append("\n".join([names[pk], *(said or ["  Nothing waits."])]))
    return (
        "\n\n".join(parts)
        + f"\n\nSign in to see which: {settings.PUBLIC_URL}{reverse('home')}\n"
        + f"To get these numbers no longer: {settings.PUBLIC_URL}{reverse('notices')}\n"
    )


def count(rows: QuerySet[Any]) -> dict[int, int]:
    """How many by Cluster, without restricted records."""
    rows = rows.exclude(family__restricted=True)
    return dict(rows.order_by().values_list("cluster_id").annotate(number=Count("pk")))


def of_cases(request: HttpRequest, *, clusters: Sequence[int]) -> dict[str, Any]:
    """What casework counts. Filled into the slot `digest`, as the other apps fill theirs."""
    today = timezone.localdate()
    quiet = today - timedelta(days=NO_CONTACT_DAYS)
    cases = Case.objects.open().filter(cluster_id__in=clusters)
    tasks = Task.objects.filter(cluster_id__in=clusters, done_at__isnull=True, due_on__lt=today)
    asked = Extension.objects.filter(cluster_id__in=clusters, status=Extension.Status.ASKED)
    silent = Q(last_contact_on__lte=quiet) | Q(last_contact_on__isnull=True, opened_on__lte=quiet)
    return {
        "lines": [
            ("cases open", count(cases)),
            ("plan reviews overdue", count(cases.filter(review_due_on__lt=today))),
            ("cases without contact for three weeks or more", count(cases.filter(silent))),
            ("tasks overdue", count(tasks)),
            ("extensions to answer", count(asked)),
            ("workers whose supervision is overdue", {pk: len(overdue([pk])) for pk in clusters}),
        ]
    }


def carry_on() -> None:
    """For the sweep of each minute."""
    send_digests(timezone.now())
