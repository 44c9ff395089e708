"""Which groups of the council's directory mean which roles here: a page (`group_roles`) and a file, read at a sign-in.

The file is a sheet with the columns group, role, cluster, school, post, from, until. For a role in a place that either
names, the directory is who decides: it is given with the group and ends without it, unless work would be left behind. A
line of the page that has ended, or is still to come, names nothing. A group never makes a manager: that needs two.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clusters import leaving
from clusters.changes import record
from clusters.models import Cluster, GroupRole, Post, Role, School, StaffRole, User
from clusters.services import staff

GIVEN = (Role.PRACTITIONER, Role.LEADER, Role.CLINICAL_SUPERVISOR, Role.PANEL_GUEST, Role.REFERRER)


@dataclass(frozen=True)
class Row:
    """One line: who is in the group has the role in the Cluster or school. `ends_on` is the first day without it."""

    group: str
    role: str
    cluster: str = ""
    school: str = ""
    post: str = ""
    starts_on: date | None = None
    ends_on: date | None = None

    def is_now(self, today: date) -> bool:
        return (self.starts_on is None or self.starts_on <= today) and (self.ends_on is None or today < self.ends_on)


def rows() -> tuple[Row, ...]:
    """The lines of the file; none without a file. Raises ImproperlyConfigured, naming the line that is wrong."""
    path = Path(settings.DIRECTORY_ROLES) if settings.DIRECTORY_ROLES else None
    return _read(path, path.stat().st_mtime) if path else ()


@lru_cache(maxsize=1)
def _read(path: Path, changed: float) -> tuple[Row, ...]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return tuple(_row(number, line) for number, line in enumerate(csv.DictReader(lines), 2))


def _row(number: int, line: dict[str, Any]) -> Row:
    said = {name: (value or "").strip() for name, value in line.items() if name}

    def wrong(what: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"{settings.DIRECTORY_ROLES}, line {number}: {what}")

    if said.get("role") == Role.MANAGER:
        raise wrong("a group gives no manager role; that needs two people.")
    if not said.get("group") or said.get("role") not in GIVEN:
        raise wrong(f"a group, and one of the roles {', '.join(GIVEN)}, are needed.")
    if said["role"] == Role.PRACTITIONER and said.get("post") not in Post.values:
        raise wrong(f"a practitioner has one of the posts {', '.join(Post.values)}.")
    try:
        starts_on, ends_on = (date.fromisoformat(said[name]) if said.get(name) else None for name in ("from", "until"))
    except ValueError as error:
        raise wrong("days are written 2026-11-23.") from error
    names = ("group", "role", "cluster", "school", "post")
    return Row(**{name: said.get(name, "") for name in names}, starts_on=starts_on, ends_on=ends_on)


Place = tuple[str, int | None, int | None]


def meanings(today: date) -> Iterator[tuple[Row, Place]]:
    """What is said in the file and on the page, each with its place. What is not known here is left out."""
    for row in rows():
        cluster = Cluster.objects.filter(name=row.cluster).first() if row.cluster else None
        school = School.objects.filter(name=row.school).first() if row.school else None
        if (row.cluster and cluster is None) or (row.school and school is None):
            continue
        yield row, (row.role, cluster.pk if cluster else None, school.pk if school else None)
    for said in GroupRole.objects.on(today):
        row = Row(said.group, said.role, post=said.post, starts_on=said.starts_on, ends_on=said.ends_on)
        yield row, (said.role, said.cluster_id, said.school_id)


@transaction.atomic
def follow(user: User, groups: list[str]) -> None:
    """Give the roles of the person's groups, and end those that are named and no group of theirs gives."""
    today = timezone.localdate()
    held_groups = {str(group) for group in groups}
    wanted: dict[Place, Row] = {}
    named = set()
    for row, place in meanings(today):
        named.add(place)
        if row.group in held_groups and row.is_now(today):
            wanted[place] = row
    if not named:
        return
    open_ended = Q(ends_on__isnull=True) | Q(ends_on__gt=today)
    held = {(role.role, role.cluster_id, role.school_id): role for role in user.roles.filter(open_ended)}
    for place, row in wanted.items():
        if place not in held:
            _give(user, place, row, today)
    for place in named & held.keys() - wanted.keys():
        _end(user, held[place], today)


def _give(user: User, place: Place, row: Row, today: date) -> None:
    try:
        staff.put_role(
            by=user,
            to=user,
            role=row.role,
            cluster=Cluster.objects.get(pk=place[1]) if place[1] else None,
            school=School.objects.get(pk=place[2]) if place[2] else None,
            post=row.post,
            starts_on=today,
            ends_on=row.ends_on,
        )
    except ValidationError as error:
        raise ImproperlyConfigured(f"{settings.DIRECTORY_ROLES}: {row.group}: {'; '.join(error.messages)}") from error
    record(by=user, kind="role", text=f"By the group “{row.group}” of the council’s directory.", about=user)


def _end(user: User, role: StaffRole, today: date) -> None:
    """The role ends today. Where work would be left behind it stays until that is handed over; the history says so."""
    words = staff.role_in_words(role)
    if leaving.held_after(role, today):
        text = f"{user}: {words}: no group of the directory gives it any more, but work has to be handed over first."
    else:
        role.ends_on = max(today, role.starts_on)
        role.save(update_fields=["ends_on"])
        text = f"{user}: {words} ended: no group of the council’s directory gives it any more."
        staff.tell_of_end(role, "No group of the council’s directory gives it to you any more. ")
    record(by=user, kind="role", text=text, about=role)


@register
def check_file(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Of every `manage.py check`: a file that cannot be read is named before anybody signs in by it."""
    try:
        rows()
    except (ImproperlyConfigured, OSError) as error:
        return [Error(str(error), id="clusters.directory_roles")]
    return []
