"""What somebody is to do: one of ours, or somebody outside, whose task the lead worker follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Task
from cases.policies import lead_worker
from cases.services.common import keys, locked_for_writing, tell
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Role, StaffRole, User


@dataclass(frozen=True)
class ToDo:
    """Something to be done, by whom and when. Without an owner: by somebody `outside`, followed by the lead worker."""

    what: str
    owner: User | None
    due_on: date
    outside: str = ""


@transaction.atomic
def add_task(*, by: User, case: Case, task: ToDo) -> Task:
    """Raises Denied or ValidationError (`what`, `owner`)."""
    case = locked_for_writing(by=by, case=case)
    made = tasks_of(case, [task], by=by)[0]
    audit.event(by=by, kind="case.task_added", text=f"{made.outside or made.owner.name} is to: {made.what}", about=made)
    return made


def tasks_of(case: Case, tasks: Iterable[ToDo], *, by: User, **source: Any) -> list[Task]:
    """The tasks of a meeting, a supervision or an audit; the caller has locked the case and checked who writes.

    source: the record that they come from, by the field of Task.
    """
    wanted = list(tasks)
    owners = {task.owner.pk for task in wanted if task.owner}
    working = set(
        StaffRole.objects.today()
        .filter(user_id__in=owners, cluster_id=case.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER])
        .values_list("user_id", flat=True)
    )
    made = []
    for task in wanted:
        if not task.what.strip():
            raise ValidationError({"what": "Enter what is to be done"})
        if task.owner is None and not task.outside.strip():
            raise ValidationError({"owner": "Choose who does it, or enter who does it outside"})
        if task.owner and task.owner.pk not in working:
            raise ValidationError({"owner": f"{task.owner.name} does not work in this Cluster today"})
        made.append(
            Task(
                **keys(case),
                **source,
                case=case,
                what=task.what.strip(),
                owner=task.owner or lead_worker(case) or by,
                outside="" if task.owner else task.outside.strip(),
                due_on=task.due_on,
            )
        )
    made = Task.objects.bulk_create(made)
    for row in made:
        if row.owner_id != by.pk:
            tell(
                row.owner,
                key=f"task:{row.pk}",
                subject="A task has been given to you",
                text=f"There is something for you to do in a case, by {row.due_on:%-d %B %Y}.",
                url_name="case-meetings",
                pk=case.pk,
                about=case,
            )
    return made


def follow_on(case: Case, *, to: User) -> None:
    """What is done outside is followed by the lead worker of the day: part of a handover."""
    Task.objects.filter(case=case, done_at__isnull=True).exclude(outside="").update(owner=to)


@transaction.atomic
def finish_task(*, by: User, task: Task) -> Task:
    """Mark a task as done: by its owner, or by those who write in the case. Raises Denied, Conflict (done already)."""
    row = Task.objects.select_for_update(of=("self",)).select_related("done_by").get(pk=task.pk)
    if row.owner_id != by.pk:
        locked_for_writing(by=by, case=row.case)
    if row.done_at:
        raise Conflict(f"This was done on {timezone.localtime(row.done_at):%-d %B %Y} by {row.done_by}.")
    row.done_at, row.done_by = timezone.now(), by
    row.save(update_fields=["done_at", "done_by"])
    audit.event(by=by, kind="case.task_done", text=f"Done: {row.what}", about=row)
    return row
