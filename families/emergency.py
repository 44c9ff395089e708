"""Break glass: a record is opened out of need, with a reason, for four hours or less, and its leaders are told."""

from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import request_ids, scope
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.tasks import queue_message
from clusters.models import User
from clusters.notices import tell
from clusters.people import duties
from families import policies
from families.alerts import people_to_tell
from families.models import EmergencyAccess, Family, NamedReader

# As `ehs_break_glass` says it.
LASTS = timedelta(hours=4)


@transaction.atomic
def break_glass(*, by: User, family_id: UUID, reason: str) -> bool:
    """Give `by` four hours of access; False when there is no such record.

    The database writes the access and its event; a restricted record's alert goes to the managers.
    Raises Denied, or ValidationError for a reason that says nothing.
    """
    policies.check_break_glass(by)
    if len(reason.strip()) < 10:
        raise ValidationError({"reason": "Enter why you need this record now, in a few words"})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT access_id, in_cluster, is_restricted FROM ehs_break_glass(%s, %s)", [family_id, reason.strip()]
        )
        row = cursor.fetchone()
    if row is None:
        return False
    access_id, cluster_id, restricted = row
    for person in _to_tell(by, family_id, cluster_id, restricted=restricted):
        path = _where_it_says(person, family_id, cluster_id)
        queue_message(
            key=f"break-glass:{access_id}:{person.pk}",
            to=person.email or "",
            subject="A record was opened in an emergency",
            body="A record was opened in an emergency, with a reason. Sign in to read who and why: "
            f"{settings.PUBLIC_URL}{path}",
            user_id=person.pk,
            url=path,
            family_id=family_id,
            urgent=True,
        )
    return True


def _to_tell(by: User, family_id: UUID, cluster_id: int, *, restricted: bool) -> list[User]:
    """Never who opened it alone: where that is the only manager, those who are named on the record."""
    others = [one for one in people_to_tell(cluster_id=cluster_id, restricted=restricted) if one.pk != by.pk]
    if others or not restricted:
        return others
    # From here on the record is open to who opened it, and so is who is named on it.
    scope.act_as_user(by.pk, request_id=request_ids.current())
    named = NamedReader.objects.filter(family_id=family_id, user__is_active=True).exclude(user_id=by.pk)
    return [one.user for one in named.select_related("user").order_by("pk")]


def _where_it_says(person: User, family_id: UUID, cluster_id: int) -> str:
    """A manager opens no family's record: the list of emergencies says who and why, by reference."""
    if cluster_id in duties(person).leads:
        return reverse("family-history", args=[family_id])
    return reverse("emergencies") if duties(person).is_manager else reverse("family", args=[family_id])


@transaction.atomic
def end_early(access: EmergencyAccess, *, by: User) -> None:
    """The record closes before the four hours are over; whoever opened it is told. Raises Denied, Conflict."""
    policies.check_end_emergency(by, access)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_end_emergency(%s)", [access.pk])
        ended = cursor.fetchone()[0]
    if not ended:
        raise Conflict("This has ended already. Nothing was changed.")
    if by.pk != access.user_id:
        tell(
            access.user,
            key=f"emergency-ended:{access.pk}",
            subject="A record that you opened in an emergency was closed again",
            text=f"{by.actor_name} closed it before the four hours were over. Ask them why. If a child’s safety still "
            "needs it, open it again with a reason.",
            url_name="emergency",
            urgent=True,
        )


def find_opening(user: User, pk: UUID) -> EmergencyAccess | None:
    """One opening, as far as its reader may see it: managers read those of every Cluster, by reference."""
    with scope.figures() if duties(user).is_manager else nullcontext():
        return EmergencyAccess.objects.select_related("user", "family", "cluster").filter(pk=pk).first()


def open_to(user: User) -> QuerySet[EmergencyAccess]:
    """What somebody opened in an emergency and can still read, the last first."""
    now = timezone.now()
    mine = EmergencyAccess.objects.filter(user_id=user.pk, starts_at__lte=now, ends_at__gt=now)
    return mine.select_related("family").order_by("-starts_at")


def opening_of(user: User, family: Family) -> EmergencyAccess | None:
    """By which somebody reads this record, if it is not open to them anyway."""
    if family.cluster_id in duties(user).clusters and not family.restricted:
        return None
    return open_to(user).filter(family=family).first()


def family_of_reference(reference: str) -> UUID | None:
    """The record that a reference names, whether or not one may read it; nothing else of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_family_of_reference(%s)", [reference])
        return cursor.fetchone()[0]
