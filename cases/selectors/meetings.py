"""Meetings of a case with who was there, the minutes to hand out, forums, and what waits to be recorded."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from cases.models import Case, CaseMeeting, Forum, ForumAttendee, MeetingAttendee, Task
from cases.selectors.lists import mine
from clusters.models import User
from families.addresses import WITHHELD, address_flags, withheld_words
from families.models import Family, Flag, Person


@dataclass
class Shown:
    """A meeting as a page and its minutes show it."""

    meeting: CaseMeeting
    came: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    next_at: datetime | None = None


def meetings(case_id: UUID, *, with_tasks: bool = True) -> QuerySet[CaseMeeting]:
    """The meetings of a case, the latest first: two more queries for who was there and for the tasks.

    with_tasks: False where the page has the tasks of the case already.
    """
    present = MeetingAttendee.objects.select_related("person__relationship", "user")
    rows = (
        CaseMeeting.objects.filter(case_id=case_id)
        .select_related("author", "forum", "followed_by", "case__family", "case__cluster")
        .prefetch_related(
            Prefetch("present", queryset=present),
            Prefetch("forum__attendees", queryset=ForumAttendee.objects.select_related("user")),
        )
    )
    tasks = Prefetch("tasks", queryset=Task.objects.select_related("owner"))
    return rows.prefetch_related(tasks) if with_tasks else rows


def told(row: MeetingAttendee) -> str:
    """“Jana Novák (mother)”, “Asha Example”, “Ms Hall, Invented Primary School”."""
    if row.person is not None:
        how = (
            "child"
            if row.person.is_child
            else (row.person.relationship.label.lower() if row.person.relationship else "")
        )
        return f"{row.person} ({how})" if how else str(row.person)
    return str(row)


def shown(meeting: CaseMeeting, tasks: list[Task] | None = None) -> Shown:
    """Reads what `meetings` has prefetched. tasks: those of the meeting, when at hand."""
    made = Shown(meeting, tasks=list(meeting.tasks.all()) if tasks is None else tasks)
    for row in sorted(meeting.present.all(), key=_order):
        group = made.asked if row.came is None else made.came if row.came else made.away
        group.append(told(row))
    if meeting.forum:
        of_forum = [str(one) for one in meeting.forum.attendees.all()]
        group = made.came if meeting.was_held else made.asked
        group += [name for name in of_forum if name not in group]
    following = getattr(meeting, "followed_by", None)
    if following and not following.not_held:
        made.next_at = following.held_at
    return made


def _order(row: MeetingAttendee) -> tuple[Any, ...]:
    """The family first, its children before all; then ours; then those from outside."""
    person = row.person
    return (person is None, not (person and person.is_child), row.user_id is None, str(row))


def for_outside(text: str, family: Family, people: Collection[Person], flags: Collection[Flag] | None = None) -> str:
    """The text without an address that somebody must not be told: minutes pass through many hands."""
    for secret in withheld_words(family, people, flags):
        loose = r"\W*".join(re.escape(word) for word in re.findall(r"\w+", secret))
        if " " in secret and len(secret) <= 10:
            # A postcode is written with and without its space.
            loose = r"\s*".join(re.escape(letter) for letter in secret.replace(" ", ""))
        # An address that is typed as “?” has no word to look for.
        if loose:
            text = re.sub(loose, f"[{WITHHELD.lower()}]", text, flags=re.IGNORECASE)
    return text


# --- forums ---
def forums(clusters: Collection[int]) -> list[Forum]:
    rows = Forum.objects.filter(cluster_id__in=clusters).select_related("author", "cluster")
    return list(rows.order_by("-held_at")[:40])


def parts_of(forum: Forum) -> list[CaseMeeting]:
    """The parts of the cases that the reader may see."""
    rows = CaseMeeting.objects.filter(forum=forum, cluster_id=forum.cluster_id).select_related("case__family")
    return list(rows.prefetch_related(Prefetch("tasks", queryset=Task.objects.select_related("owner"))).order_by("pk"))


@dataclass
class ToHandOut:
    """One case's part of a forum for its paper: no address that somebody must not be told."""

    part: CaseMeeting
    purpose: str
    child_voice: str
    decisions: str
    tasks: list[tuple[str, Task]]


def to_hand_out(parts: Collection[CaseMeeting]) -> list[ToHandOut]:
    """Two more queries, however many cases."""
    families = {part.family_id for part in parts}
    flags = address_flags(families)
    people: dict[UUID, list[Person]] = {}
    for person in Person.objects.filter(family_id__in={flag.family_id for flag in flags}):
        people.setdefault(person.family_id, []).append(person)
    made = []
    for part in parts:

        def out(text: str, of: CaseMeeting = part) -> str:
            return for_outside(text, of.case.family, people.get(of.family_id, []), flags)

        tasks = [(out(task.what), task) for task in part.tasks.all()]
        made.append(ToHandOut(part, out(part.purpose), out(part.child_voice), out(part.decisions), tasks))
    return made


def parts_in_all(forum: Forum) -> int:
    """How many cases a forum takes, those that the reader may not see too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_cases_of_forum(%s)", [forum.pk])
        return cursor.fetchone()[0]


def coming_forums(cluster_id: int) -> list[Forum]:
    since = timezone.now() - timedelta(hours=12)
    return list(Forum.objects.filter(cluster_id=cluster_id, held_at__gte=since).order_by("held_at")[:10])


# --- what waits ---
def waiting(user: User, clusters: Collection[int]) -> list[CaseMeeting]:
    """Meetings that wait for the user: past ones of the own cases that nobody recorded, and those of the coming week
    to which the user is asked in cases of others. One query."""
    now = timezone.now()
    own = Case.objects.open().filter(mine(user), cluster_id__in=clusters).values("pk")
    past = Q(held_at__lte=now) & (Q(case_id__in=own) | Q(author=user))
    coming = Q(held_at__gt=now, held_at__lt=now + timedelta(days=7), present__user=user) & ~Q(case_id__in=own)
    rows = CaseMeeting.objects.filter(past | coming, cluster_id__in=clusters, recorded_at__isnull=True)
    return list(rows.exclude(case__status="closed").select_related("case__family").distinct().order_by("held_at")[:40])
