"""Sessions of supervision, what is due to whom, and who reads which part (the row policies decide)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from cases.models import (
    ClinicalSession,
    Supervisee,
    Supervision,
    SupervisionCase,
    SupervisionInterval,
    SupervisionNote,
    Task,
)
from clusters.models import Post, Role, StaffRole, User


@dataclass(frozen=True)
class Due:
    """A worker's supervision: when the last was, how often the post has it, when the next is due.

    weeks: None when no interval is set for the post; then nothing is due.
    """

    worker: User
    post: str
    cluster_id: int
    weeks: int | None
    last_on: date | None
    due_on: date | None
    planned_on: date | None
    # What the caller asked for beside each row, by its name.
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def days_late(self) -> int:
        return max((timezone.localdate() - self.due_on).days, 0) if self.due_on else 0


def all_intervals() -> list[SupervisionInterval]:
    order = {post: n for n, post in enumerate(Post.values)}
    return sorted(SupervisionInterval.objects.all(), key=lambda row: (order[row.post], -row.effective_from.toordinal()))


def due(cluster_ids: Collection[int], *, worker: User | None = None, **beside: Any) -> list[Due]:
    """Each practitioner of Clusters with their supervision, the most overdue first. One query.

    Due is the last session that took place with the worker there, individual or group, and the weeks of the post; for
    somebody who never had one, the day on which they began or on which the interval was set, whichever is later.
    beside: annotations that ride on the same query.
    """
    now, today = timezone.now(), timezone.localdate()
    sessions = Supervisee.objects.filter(
        worker=OuterRef("user"), cluster=OuterRef("cluster"), supervision__cancelled_at=None
    ).values("supervision__held_at")
    weeks = SupervisionInterval.objects.filter(post=OuterRef("post"), effective_from__lte=today)
    roles: Any = (
        StaffRole.objects.today()
        .filter(cluster_id__in=list(cluster_ids), role=Role.PRACTITIONER, user__is_active=True)
        .select_related("user")
        .annotate(
            last=Subquery(
                sessions.filter(came=True, supervision__held_at__lte=now).order_by("-supervision__held_at")[:1]
            ),
            following=Subquery(sessions.filter(supervision__held_at__gt=now).order_by("supervision__held_at")[:1]),
            weeks=Subquery(weeks.order_by("-effective_from").values("weeks")[:1]),
            since=Subquery(weeks.order_by("-effective_from").values("effective_from")[:1]),
            **beside,
        )
    )
    if worker:
        roles = roles.filter(user=worker)
    found = []
    for row in {row.user_id: row for row in roles.order_by("user__name")}.values():
        last = timezone.localdate(row.last) if row.last else None
        begun = last or max(row.starts_on, row.since or row.starts_on)
        due_on = begun + timedelta(weeks=row.weeks) if row.weeks else None
        planned = timezone.localdate(row.following) if row.following else None
        more = {name: getattr(row, name) for name in beside}
        found.append(Due(row.user, row.get_post_display(), row.cluster_id, row.weeks, last, due_on, planned, more))
    return sorted(found, key=lambda each: (-each.days_late, each.worker.name))


def overdue(cluster_ids: Collection[int], *, worker: User | None = None) -> list[Due]:
    return [each for each in due(cluster_ids, worker=worker) if each.days_late]


# --- sessions ---
def sessions() -> QuerySet[Supervision]:
    people = Supervisee.objects.select_related("worker").order_by("worker__name")
    return Supervision.objects.select_related("supervisor", "cluster").prefetch_related(
        Prefetch("supervisees", queryset=people)
    )


def recent(user: User, leads: Collection[int], clusters: Collection[int]) -> list[Supervision]:
    """A leader's are those of the Cluster, everybody else's those in which they take part."""
    rows = sessions().filter(cluster_id__in=list(clusters))
    own = Q(supervisor=user) | Q(pk__in=Supervisee.objects.filter(worker=user).values("supervision_id"))
    return list(rows.filter(own | Q(cluster_id__in=list(leads))).order_by("-held_at")[:40])


def takes_part(user: User, session: Supervision) -> bool:
    return session.supervisor_id == user.pk or any(row.worker_id == user.pk for row in session.supervisees.all())


def parts_of(session: Supervision) -> list[SupervisionCase]:
    """The parts that the reader may see, with their tasks."""
    rows = SupervisionCase.objects.filter(supervision=session).select_related("case__family", "worker")
    return list(_with_tasks(rows).order_by("worker__name", "case__family__name"))


def parts_of_case(case_id: UUID) -> list[SupervisionCase]:
    rows = SupervisionCase.objects.filter(case_id=case_id).select_related("supervision__supervisor", "worker")
    return list(_with_tasks(rows)[:20])


def _with_tasks(rows: QuerySet[SupervisionCase]) -> QuerySet[SupervisionCase]:
    return rows.prefetch_related(Prefetch("tasks", queryset=Task.objects.select_related("owner")))


def parts_in_all(sessions: Iterable[Supervision]) -> dict[UUID, int]:
    """How many cases each session discussed, those that the reader may not see too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_cases_supervised(%s::uuid[])", [[str(one.pk) for one in sessions]])
        return dict(cursor.fetchall())


def notes_of(session: Supervision) -> dict[int, SupervisionNote]:
    return {note.worker_id: note for note in SupervisionNote.objects.filter(supervision=session)}


def clinical(clusters: Collection[int], *, worker: User | None = None) -> list[ClinicalSession]:
    rows = ClinicalSession.objects.filter(cluster_id__in=list(clusters)).select_related("worker", "supervisor")
    return list((rows.filter(worker=worker) if worker else rows)[:20])
