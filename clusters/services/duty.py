"""Writes of who is told of a risk of significant harm, and who is away."""

from datetime import date, time, timedelta
from typing import Any

from django.db import transaction

from clusters import policies, selectors
from clusters.changes import record, said, wrong
from clusters.models import Absence, Cluster, DutyContact, User


@transaction.atomic
def add_contact(
    *,
    by: User,
    kind: str,
    cluster: Cluster | None,
    starts_on: date,
    ends_on: date | None = None,
    from_time: time | None = None,
    to_time: time | None = None,
    **values: Any,
) -> DutyContact:
    """Somebody who is told. Raises Denied, ValidationError naming the field."""
    policies.check_duty(by, cluster)
    if (kind == DutyContact.Kind.EMERGENCY_TEAM) is not (cluster is None):
        raise wrong("cluster", "The emergency duty team is the whole city's, every other contact a Cluster's.")
    if values.get("user") is None and not values.get("email"):
        raise wrong("email", "Choose somebody with a sign-in, or enter an e-mail address to write to.")
    if (from_time is None) is not (to_time is None):
        raise wrong("to_time", "Enter both hours, or neither.")
    if ends_on is not None and ends_on <= starts_on:
        raise wrong("ends_on", "The end must be after the start.")
    contact = DutyContact(
        kind=kind, cluster=cluster, starts_on=starts_on, ends_on=ends_on, from_time=from_time, to_time=to_time, **values
    )
    contact.full_clean()
    contact.save()
    where = str(cluster) if cluster else "the whole city"
    text = f"{contact.get_kind_display()} of {where} from {said(starts_on)}: {contact.called}, {contact.hours}."
    record(by=by, kind="duty", text=text, about=contact)
    return contact


@transaction.atomic
def end_contact(contact: DutyContact, *, by: User, ends_on: date) -> DutyContact:
    """Told no more from a day on."""
    contact = DutyContact.objects.select_for_update(of=("self",)).select_related("cluster", "user").get(pk=contact.pk)
    policies.check_duty(by, contact.cluster)
    # One that begins today and is ended today never was: the constraint wants a day at least.
    contact.ends_on = max(ends_on, contact.starts_on + timedelta(days=1))
    contact.save(update_fields=["ends_on"])
    record(by=by, kind="duty", text=f"{contact.called} is told no more from {said(ends_on)}.", about=contact)
    return contact


@transaction.atomic
def add_absence(*, by: User, user: User, starts_on: date, ends_on: date) -> Absence:
    """`ends_on` is the first day back. Raises Denied, ValidationError."""
    policies.check_see_settings(by)
    if not selectors.people_on_duty(by).filter(pk=user.pk).exists():
        raise wrong("user", "Choose somebody who is told in your Cluster.")
    if ends_on <= starts_on:
        raise wrong("ends_on", "The first day back must be after the first day away.")
    absence = Absence.objects.create(user=user, starts_on=starts_on, ends_on=ends_on)
    record(by=by, kind="duty", text=f"{user} is away from {said(starts_on)} until {said(ends_on)}.", about=absence)
    return absence
