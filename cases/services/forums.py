"""Rethink Forum and Progress and Planning: one meeting that takes several stuck cases [E]."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from cases.models import Case, CaseMeeting, Forum, ForumAttendee
from cases.policies import check_staff_of
from cases.services.meetings import Outside, add_meeting
from cluster_ehs.core import audit
from clusters.models import Cluster, User


@transaction.atomic
def plan_forum(*, by: User, cluster: Cluster, kind: str, held_at: datetime, place: str = "") -> Forum:
    """A day for stuck cases, by anybody who works in the Cluster. Raises Denied."""
    check_staff_of(by, cluster.pk)
    forum = Forum.objects.create(cluster=cluster, kind=kind, held_at=held_at, place=place.strip(), author=by)
    audit.event(by=by, kind="forum.planned", text=f"Planned: {forum.get_kind_display()}", about=forum)
    return forum


@transaction.atomic
def say_who_is_there(*, by: User, forum: Forum, staff: Collection[User], outside: Collection[Outside]) -> None:
    """Who is there for all of the cases; takes the place of what was said before. Raises Denied."""
    check_staff_of(by, forum.cluster_id)
    Forum.objects.select_for_update().get(pk=forum.pk)
    forum.attendees.all().delete()
    rows = {
        (one.name, ""): ForumAttendee(cluster_id=forum.cluster_id, forum=forum, user=one, name=one.name)
        for one in staff
    }
    for one in outside:
        name, agency = one.name.strip(), one.agency.strip()
        if name:
            rows[(name, agency)] = ForumAttendee(cluster_id=forum.cluster_id, forum=forum, name=name, agency=agency)
    ForumAttendee.objects.bulk_create(rows.values())
    audit.event(by=by, kind="forum.attendees", text="Said who is there", about=forum)


@transaction.atomic
def take_to_forum(*, by: User, forum: Forum, case: Case, purpose: str) -> CaseMeeting:
    """Put a case on a forum with what it asks of it. Raises Denied, ValidationError (`case`, `purpose`)."""
    if case.cluster_id != forum.cluster_id:
        raise ValidationError({"case": "This case belongs to another Cluster"})
    if not purpose.strip():
        raise ValidationError({"purpose": "Enter where it is stuck and what you ask of the forum"})
    if CaseMeeting.objects.filter(forum=forum, case=case).exists():
        raise ValidationError({"case": "This case is on this forum already"})
    return add_meeting(by=by, case=case, held_at=forum.held_at, purpose=purpose, place=forum.place, forum=forum)
