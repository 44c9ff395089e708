"""Team around the family and other meetings about one case, and what somebody is to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseMeeting, Task
from cases.services.common import keys, locked_for_writing
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Role, StaffRole, User


@dataclass(frozen=True)
class ToDo:
    """Something to be done, by whom and when."""

    what: str
    owner: User
    due_on: date


@transaction.atomic
def add_meeting(
    *,
    by: User,
    case: Case,
    held_at: datetime,
    kind: str = CaseMeeting.Kind.TAF,
    attendees: str = "",
    decisions: str = "",
    tasks: Iterable[ToDo] = (),
) -> CaseMeeting:
    """Plan a meeting, or record one with who came, what was decided and who does what.

    Raises Denied or ValidationError (`attendees` of a meeting that has been held; `tasks`).
    """
    case = locked_for_writing(by=by, case=case)
    if held_at <= timezone.now() and not attendees.strip():
        raise ValidationError({"attendees": "Enter who came, and from where"})
    meeting = CaseMeeting.objects.create(
        **keys(case),
        case=case,
        kind=kind,
        held_at=held_at,
        attendees=attendees.strip(),
        decisions=decisions.strip(),
        author=by,
    )
    for task in tasks:
        _add_task(case, task, meeting=meeting)
    said = "Planned" if held_at > timezone.now() else "Recorded"
    audit.event(by=by, kind="case.meeting", text=f"{said}: {meeting.get_kind_display()}", about=meeting)
    return meeting


@transaction.atomic
def record_meeting(
    *, by: User, meeting: CaseMeeting, attendees: str, decisions: str, tasks: Iterable[ToDo] = ()
) -> CaseMeeting:
    """Say who came to a meeting that was planned, what was decided and who does what."""
    case = locked_for_writing(by=by, case=meeting.case)
    if not attendees.strip():
        raise ValidationError({"attendees": "Enter who came, and from where"})
    meeting.attendees, meeting.decisions = attendees.strip(), decisions.strip()
    meeting.save(update_fields=["attendees", "decisions"])
    for task in tasks:
        _add_task(case, task, meeting=meeting)
    audit.event(by=by, kind="case.meeting", text=f"Recorded: {meeting.get_kind_display()}", about=meeting)
    return meeting


@transaction.atomic
def add_task(*, by: User, case: Case, task: ToDo) -> Task:
    case = locked_for_writing(by=by, case=case)
    made = _add_task(case, task)
    audit.event(by=by, kind="case.task_added", text=f"{task.owner.name} is to: {task.what}", about=made)
    return made


def _add_task(case: Case, task: ToDo, meeting: CaseMeeting | None = None) -> Task:
    if not task.what.strip():
        raise ValidationError({"what": "Enter what is to be done"})
    works_here = StaffRole.objects.today().filter(
        user=task.owner, cluster_id=case.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER]
    )
    if not works_here.exists():
        raise ValidationError({"owner": f"{task.owner.name} does not work in this Cluster today"})
    return Task.objects.create(
        **keys(case), case=case, meeting=meeting, what=task.what.strip(), owner=task.owner, due_on=task.due_on
    )


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
