"""Clusters, schools and the periods in which a school is a member."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from clusters import policies
from clusters.changes import change, record, said, wrong
from clusters.models import Cluster, School, SchoolMembership, User


@transaction.atomic
def add_cluster(*, by: User, **values: Any) -> Cluster:
    """Raises ValidationError naming the fields, Denied for anybody but a manager."""
    policies.check_manage(by)
    cluster = Cluster(**values)
    cluster.full_clean()
    cluster.save()
    record(by=by, kind="cluster", text=f"Added the Cluster {cluster} ({cluster.prefix}).", about=cluster)
    return cluster


@transaction.atomic
def change_cluster(cluster: Cluster, *, by: User, **values: Any) -> Cluster:
    """The prefix stays once a reference may carry it: references are said on the telephone."""
    policies.check_manage(by)
    cluster = Cluster.objects.select_for_update().get(pk=cluster.pk)
    if values.get("prefix", cluster.prefix) != cluster.prefix and cluster.referencecounter_set.exists():
        raise wrong("prefix", f"References already begin with {cluster.prefix}, so it cannot change.")
    change(cluster, values, by=by, kind="cluster")
    return cluster


@transaction.atomic
def add_school(*, by: User, **values: Any) -> School:
    policies.check_manage(by)
    school = School(**values)
    school.full_clean()
    school.save()
    record(by=by, kind="school", text=f"Added the school {school}.", about=school)
    return school


@transaction.atomic
def change_school(school: School, *, by: User, **values: Any) -> School:
    policies.check_manage(by)
    school = School.objects.select_for_update().get(pk=school.pk)
    change(school, values, by=by, kind="school")
    return school


@transaction.atomic
def add_membership(
    *, by: User, school: School, cluster: Cluster, starts_on: date, ends_on: date | None = None
) -> SchoolMembership:
    """A school joins, or comes back. Raises ValidationError naming the school and the dates that it overlaps.

    `ends_on` is the first day on which the school is no longer a member.
    """
    policies.check_manage(by)
    School.objects.select_for_update().get(pk=school.pk)
    refuse_overlap(school, starts_on, ends_on)
    membership = SchoolMembership(school=school, cluster=cluster, starts_on=starts_on, ends_on=ends_on)
    membership.full_clean()
    membership.save()
    until = f" until {said(ends_on)}" if ends_on else ""
    record(
        by=by,
        kind="membership",
        text=f"{school} is a member of {cluster} from {said(starts_on)}{until}.",
        about=membership,
    )
    return membership


@transaction.atomic
def end_membership(membership: SchoolMembership, *, by: User, ends_on: date) -> SchoolMembership:
    """A school leaves: `ends_on` is the first day on which it is no longer a member."""
    policies.check_manage(by)
    membership = (
        SchoolMembership.objects.select_for_update(of=("self",))
        .select_related("school", "cluster")
        .get(pk=membership.pk)
    )
    if ends_on <= membership.starts_on:
        raise wrong("ends_on", f"The end must be after the start, {said(membership.starts_on)}.")
    refuse_overlap(membership.school, membership.starts_on, ends_on, but=membership)
    membership.ends_on = ends_on
    membership.save(update_fields=["ends_on"])
    record(
        by=by,
        kind="membership",
        text=f"{membership.school} leaves {membership.cluster} on {said(ends_on)}.",
        about=membership,
    )
    return membership


def refuse_overlap(
    school: School, starts_on: date, ends_on: date | None, *, but: SchoolMembership | None = None
) -> None:
    if ends_on is not None and ends_on <= starts_on:
        raise wrong("ends_on", "The end must be after the start.")
    others = SchoolMembership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on), school=school
    ).select_related("cluster")
    if ends_on is not None:
        others = others.filter(starts_on__lt=ends_on)
    if but is not None:
        others = others.exclude(pk=but.pk)
    other = others.order_by("starts_on").first()
    if other is not None:
        until = f"until {said(other.ends_on)}" if other.ends_on else "with no end yet"
        raise wrong(
            "starts_on",
            f"{school} is a member of {other.cluster} from {said(other.starts_on)} {until}. "
            "End that membership first, or choose dates outside it.",
        )
