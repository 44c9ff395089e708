"""What police, MindMate and CSWS send: kept once, matched where there is no doubt, otherwise left to a person.

No doubt means: the school or the postcode says which Cluster, and in it exactly one child has the UPN or the NHS number
and the birth date and the name that were given, and no identifier that says otherwise. A fear of harm is never matched
here: the leaders are told at once, and a person opens it.

All of it runs as the named actor "feed", which reads no family but the one that it has just named for certain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Named
from cluster_ehs.core.scope import NamedActor, acting_as, hide_from
from clusters.areas import by_postcode, by_school, school_named
from clusters.models import Cluster, User
from families.models import Person
from families.names import words
from referrals import policies
from referrals.intake import birth_date, make_referral, receive_intake
from referrals.intake_changes import change_intake
from referrals.models import Intake, Referral
from referrals.rules import plainly_restricted

FEED = Named(str(NamedActor.FEED))
SOURCES = (Intake.Source.POLICE, Intake.Source.SPA, Intake.Source.CSWS)


@dataclass(frozen=True)
class Delivered:
    """id and reference: what the sender is told. new: False for a second delivery; changed: it came with other words.
    matched: made into a referral."""

    id: UUID
    reference: str
    new: bool
    matched: bool
    changed: bool = False


@transaction.atomic
def deliver(
    *,
    source: str,
    external_id: str,
    payload: Mapping[str, Any],
    received_at: datetime | None = None,
    harm: bool = False,
    school_urn: str = "",
    brought_by: User | None = None,
) -> Delivered:
    """Keep a notification and, when there is no doubt about the child, make the referral.

    The same (source, external_id) with the same words is kept once; with other words it brings the entry up to date.
    brought_by: whose file or token it is; what a leader may not read is neither changed nor matched by it [ADR 0025].
    None: the senders' own folder. Raises Denied.
    Afterwards no scope is open: who called as a person opens it again.
    """
    now = timezone.now()
    payload = plainly_restricted(payload)
    received_at = min(received_at or now, now)
    school = school_named(urn=school_urn, name=str(payload.get("school_name", "")))
    cluster = by_school(school, timezone.localtime(received_at).date()) if school else None
    cluster = cluster or by_postcode(str(payload.get("postcode", "")))
    about: dict[str, Any] = {"cluster": cluster, "school": school, "harm": harm, "received_at": received_at}
    if school_urn and school is None:
        payload = {**payload, "school_urn": school_urn}
    only_in = policies.may_change_entries_of(brought_by) if brought_by else None
    elsewhere = only_in is not None and cluster is not None and cluster.pk not in only_in
    with acting_as(NamedActor.FEED):
        if brought_by and only_in is not None:
            hide_from(brought_by.pk)
        received = receive_intake(by=FEED, source=source, external_id=external_id, payload=payload, **about)
        changed = not received.new and change_intake(
            by=FEED,
            received=received,
            payload=payload,
            cluster_id=cluster.pk if cluster else None,
            school_id=school.pk if school else None,
            harm=harm,
            only_in=only_in,
        )
        waits = harm or not received.new or cluster is None or elsewhere or "restricted" in payload
        child = None if waits or cluster is None else certain_child(cluster, payload)
    matched = False
    if child and cluster:
        intake = Intake(
            pk=received.id,
            cluster=cluster,
            school=school,
            source=source,
            payload=dict(payload),
            received_at=received_at,
            reference=received.reference,
        )
        matched = _link(intake, cluster, *child)
    return Delivered(received.id, received.reference, received.new, matched, changed)


def certain_child(cluster: Cluster, payload: Mapping[str, Any]) -> tuple[UUID, UUID] | None:
    """Child and family when exactly one child of the Cluster is meant beyond doubt. Runs as the feed."""
    born = birth_date(payload)
    upn = str(payload.get("upn", "")).strip().upper()
    nhs_number = "".join(str(payload.get("nhs_number", "")).split()).replace("-", "")
    if born is None or not (upn or nhs_number):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_feed_children(%s, %s, %s, %s)", [cluster.pk, upn, nhs_number, born])
        found = cursor.fetchall()
    if len(found) != 1:
        return None
    person, family, first_name, last_name, known_as = found[0]
    first, last = (words(str(payload.get(name, ""))) for name in ("first_name", "last_name"))
    same_first = bool(first) and first in (words(first_name), words(known_as))
    return (person, family) if same_first and last == words(last_name) else None


def _link(intake: Intake, cluster: Cluster, child: UUID, family: UUID) -> bool:
    """The referral of a child who is known for certain. False when the record refuses it: then a person decides."""
    try:
        with transaction.atomic(), acting_as(NamedActor.FEED, family=family):
            person = Person.objects.select_related("family").get(pk=child)
            if person.family.restricted:
                return False
            referral = make_referral(by=FEED, cluster=cluster, intake=intake, child=person)
            _say(intake, referral)
    except ValidationError:
        return False
    return True


def _say(intake: Intake, referral: Referral) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_feed_link(%s, %s)", [intake.pk, referral.pk])
    text = f"{intake.reference} made into referral {referral.reference}: number, birth date and name agree"
    audit.event(by=FEED, kind="intake.linked", text=text, about=referral)
