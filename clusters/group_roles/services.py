"""Saying what a group means, and that it means it no more. In the log of the settings, as every change of them."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from clusters import policies
from clusters.changes import record, said, wrong
from clusters.models import Cluster, GroupRole, Post, Role, School, User
from clusters.services.staff import its_place
from clusters.signing_in.council_roles import GIVEN


def in_words(row: GroupRole) -> str:
    """“Practitioner (Family practitioner), Riverside”."""
    place = row.cluster or row.school
    post = f" ({Post(row.post).label})" if row.post else ""
    return f"{Role(row.role).label}{post}{f', {place}' if place else ''}"


@transaction.atomic
def add(
    *,
    by: User,
    group: str,
    role: str,
    starts_on: date,
    ends_on: date | None = None,
    cluster: Cluster | None = None,
    school: School | None = None,
    post: str = "",
) -> GroupRole:
    """From its first day the directory decides who has this role in this place. Raises Denied, ValidationError."""
    policies.check_manage(by)
    if role == Role.MANAGER:
        raise wrong("role", "A group never makes a manager. That needs two people.")
    if role not in GIVEN:
        raise wrong("role", "Choose one of these roles.")
    place: dict[str, Any] = its_place(role=role, cluster=cluster, school=school, post=post)
    if ends_on is not None and ends_on <= starts_on:
        raise wrong("ends_on", "The end must be after the start.")
    row = GroupRole(group=group.strip(), starts_on=starts_on, ends_on=ends_on, added_by=by, **place)
    same = GroupRole.objects.filter(group=row.group, role=row.role, cluster=row.cluster, school=row.school)
    if same.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)).exists():
        raise wrong("group", "This group means this role here already.")
    row.full_clean()
    row.save()
    until = f" until {said(ends_on)}" if ends_on else ""
    text = f"The group “{row.group}” means {in_words(row)} from {said(starts_on)}{until}."
    record(by=by, kind="role", text=text, about=row)
    return row


@transaction.atomic
def end(row: GroupRole, *, by: User, ends_on: date) -> GroupRole:
    """The group means it no more from a day on. Roles that it gave stay, and are then ours to end."""
    policies.check_manage(by)
    row = GroupRole.objects.select_for_update(of=("self",)).select_related("cluster", "school").get(pk=row.pk)
    row.ends_on = max(ends_on, row.starts_on)
    row.save(update_fields=["ends_on"])
    text = f"The group “{row.group}” no longer means {in_words(row)} from {said(row.ends_on)}."
    record(by=by, kind="role", text=text, about=row)
    return row
