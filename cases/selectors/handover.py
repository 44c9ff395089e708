"""What a worker holds, how many workers families have had, and where a lead worker is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, JSONField, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from cases.models import Case, CaseService, CaseStatus, Handover, LeadWorker, Task, Work
from cluster_ehs.core import scope
from clusters.models import Role, StaffRole, User

Part = Handover.Part
WORKS = (Role.PRACTITIONER, Role.LEADER)


@dataclass(frozen=True)
class Held:
    """How much of a worker's work in a Cluster nobody takes over by a day. hidden: what the asker may not see."""

    leads: int
    services: int
    tasks: int
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.leads or self.services or self.tasks)

    @property
    def text(self) -> str:
        """“3 cases as lead worker, 1 service, 2 tasks”."""
        parts = (
            (self.leads, "case as lead worker", "cases as lead worker"),
            (self.services, "service in a case", "services in cases"),
            (self.tasks, "open task", "open tasks"),
        )
        return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in parts if n)


def held(worker_id: int, cluster_id: int, day: date) -> Held:
    """Counted behind the walls: restricted cases too, without naming one."""
    with scope.figures(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_work_held(%s, %s, %s)", [worker_id, cluster_id, day])
        return Held(*cursor.fetchone())


@dataclass
class Line:
    """One part of a worker's work, to be handed over. also: what goes along with it."""

    work: Work
    case: Case
    title: str
    also: list[str] = field(default_factory=list)
    planned: Handover | None = None


def work_of(worker: User, cluster_ids: Collection[int]) -> list[Line]:
    """What a worker holds in Clusters, as the reader may see it, by family; five queries however many cases.

    A case that the worker leads is one line: its services and tasks go along. Therapy and counselling, and services of
    cases that others lead, are lines of their own.
    """
    cases = {
        case.pk: case
        for case in Case.objects.open()
        .filter(
            Q(lead_workers__worker=worker, lead_workers__ends_on__isnull=True)
            | Q(services__worker=worker, services__status=CaseService.Status.ACTIVE)
            | Q(tasks__owner=worker, tasks__done_at__isnull=True),
            cluster_id__in=cluster_ids,
        )
        .select_related("family")
        .distinct()
    }
    led = set(
        LeadWorker.objects.filter(worker=worker, ends_on__isnull=True, case_id__in=cases).values_list(
            "case_id", flat=True
        )
    )
    planned = {
        (row.part, row.case_service_id or row.case_id): row
        for row in Handover.objects.filter(
            from_worker=worker, case_id__in=cases, done_at=None, withdrawn_at=None
        ).select_related("to_worker")
    }
    lines = {
        pk: Line(Work(Part.LEAD, pk), cases[pk], "Lead worker", planned=planned.get((Part.LEAD, pk))) for pk in led
    }
    found: list[Line] = list(lines.values())
    services = CaseService.objects.filter(worker=worker, status=CaseService.Status.ACTIVE, case_id__in=cases)
    for service in services.select_related("service"):
        if service.case_id in led and not service.service.notes_are_private:
            lines[service.case_id].also.append(service.service.name)
            continue
        work = Work(Part.SERVICE, service.pk)
        found.append(
            Line(work, cases[service.case_id], service.service.name, planned=planned.get((Part.SERVICE, service.pk)))
        )
    tasks: Counter[UUID] = Counter(
        Task.objects.filter(owner=worker, done_at__isnull=True, case_id__in=cases).values_list("case_id", flat=True)
    )
    for pk, number in tasks.items():
        words = f"{number} open {'task' if number == 1 else 'tasks'}"
        if pk in lines:
            lines[pk].also.append(words)
        else:
            found.append(
                Line(Work(Part.TASKS, pk), cases[pk], words.capitalize(), planned=planned.get((Part.TASKS, pk)))
            )
    return sorted(found, key=lambda line: (line.case.family.name, line.case.reference, line.work.part))


def works_there() -> Exists:
    """Beside a lead worker's row: the worker has a role in that Cluster today."""
    return Exists(
        StaffRole.objects.today().filter(
            user_id=OuterRef("worker_id"), cluster_id=OuterRef("cluster_id"), role__in=WORKS, user__is_active=True
        )
    )


def without_lead_today() -> QuerySet[LeadWorker]:
    """Open cases whose lead worker has no role in the Cluster today: left behind."""
    rows = LeadWorker.objects.filter(ends_on__isnull=True).exclude(case__status=CaseStatus.CLOSED)
    return rows.filter(~works_there()).select_related("case__family", "worker", "cluster").order_by("case__opened_on")


def could_not_be_made(cluster_ids: Collection[int]) -> QuerySet[Handover]:
    """Planned handovers whose day has passed: the next worker has no role there."""
    rows = Handover.objects.filter(cluster_id__in=cluster_ids, done_at=None, withdrawn_at=None)
    return rows.filter(starts_on__lt=timezone.localdate()).select_related("case__family", "to_worker", "from_worker")


@dataclass(frozen=True)
class LeftBehind:
    """A line of the notice: whose case, and what is wrong. action: a page to put it right."""

    case_id: UUID
    family: str
    text: str


LEFT_BEHIND = """
SELECT c.id, f.name, u.name || ' leads it, and has no role in ' || k.name || ' today' AS text, c.opened_on AS day
FROM cases_leadworker l JOIN cases_case c ON c.id = l.case_id AND c.status <> 'closed'
JOIN families_family f ON f.id = c.family_id JOIN clusters_user u ON u.id = l.worker_id
JOIN clusters_cluster k ON k.id = c.cluster_id
WHERE l.ends_on IS NULL AND l.cluster_id = ANY (%(clusters)s) AND NOT (u.is_active AND EXISTS (
    SELECT 1 FROM clusters_staffrole r WHERE r.user_id = l.worker_id AND r.cluster_id = l.cluster_id
      AND r.role IN ('practitioner', 'leader') AND r.starts_on <= %(today)s
      AND (r.ends_on IS NULL OR r.ends_on > %(today)s)))
UNION ALL
SELECT h.case_id, f.name, 'The handover to ' || u.name || ' could not be made: no role here on that day', h.starts_on
FROM cases_handover h JOIN families_family f ON f.id = h.family_id JOIN clusters_user u ON u.id = h.to_worker_id
WHERE h.done_at IS NULL AND h.withdrawn_at IS NULL AND h.starts_on < %(today)s AND h.cluster_id = ANY (%(clusters)s)
ORDER BY day LIMIT 20
"""


def left_behind(cluster_ids: Collection[int]) -> list[LeftBehind]:
    """Open cases without a lead worker of today, and handovers that could not be made; one query."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BEHIND, {"clusters": list(cluster_ids), "today": timezone.localdate()})
        return [LeftBehind(*row[:3]) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Workers:
    """How many different people a family has had: as lead worker, and in all."""

    leads: int
    all: int


WORKERS = """
SELECT count(DISTINCT w.worker) FILTER (WHERE w.leads)::int, count(DISTINCT w.worker)::int FROM (
    SELECT worker_id AS worker, true AS leads FROM cases_leadworker WHERE family_id = %(family)s
    UNION ALL SELECT worker_id, false FROM cases_caseservice WHERE family_id = %(family)s
    UNION ALL SELECT from_worker_id, part = 'lead' FROM cases_handover
              WHERE family_id = %(family)s AND done_at IS NOT NULL
    UNION ALL SELECT author_id, false FROM cases_contact WHERE family_id = %(family)s
) w
"""


def workers_beside_case() -> RawSQL:
    """As `workers_of_family`, beside a case: [leads, all]."""
    sql = WORKERS.replace("SELECT count", "SELECT jsonb_build_array(count", 1).replace("::int FROM", "::int) FROM", 1)
    return RawSQL(f"({sql.replace('%(family)s', 'cases_case.family_id')})", [], output_field=JSONField())  # noqa: S611


def workers_of_family(family_id: UUID) -> Workers:
    """Who led, gave a service to, handed over or saw the family, in all its cases. One query."""
    with connection.cursor() as cursor:
        cursor.execute(WORKERS, {"family": family_id})
        return Workers(*cursor.fetchone())


def leads_per_family(cluster_ids: Collection[int]) -> list[tuple[int, int]]:
    """Families with an open case, by how many different lead workers they have had: (number, families)."""
    open_families = Case.objects.open().filter(cluster_id__in=cluster_ids).values("family_id")
    rows = (
        LeadWorker.objects.filter(family_id__in=open_families, cluster_id__in=cluster_ids)
        .values("family_id")
        .annotate(leads=Count("worker_id", distinct=True))
        .values_list("leads", flat=True)
    )
    return sorted(Counter(rows).items())


def history_of(case_id: UUID) -> dict[str, Any]:
    """Lead workers of a case with the handover that each came by, and handovers of services; two queries."""
    leads = list(
        LeadWorker.objects.filter(case_id=case_id)
        .select_related("worker", "came_by")
        .order_by("-starts_on", "-created_at")
    )
    others = Handover.objects.filter(case_id=case_id).select_related(
        "from_worker", "to_worker", "case_service__service"
    )
    rows = list(others)
    return {
        "leads": leads,
        "planned": [row for row in rows if row.planned],
        "others": [row for row in rows if row.done_at and row.part != Part.LEAD],
        "withdrawn": [row for row in rows if row.withdrawn_at],
    }
