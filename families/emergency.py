"""Break glass: a record is opened out of need, with a reason, for four hours, and its leaders are told."""

from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse

from cluster_ehs.core.tasks import queue_message
from clusters.models import User
from clusters.people import duties
from families import policies
from families.alerts import people_to_tell


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
    for person in people_to_tell(cluster_id=cluster_id, restricted=restricted):
        # A manager opens no family's record: the list of emergencies says who and why, by reference.
        leads = cluster_id in duties(person).leads
        path = reverse("family-history", args=[family_id]) if leads else reverse("emergencies")
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


def family_of_reference(reference: str) -> UUID | None:
    """The record that a reference names, whether or not one may read it; nothing else of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_family_of_reference(%s)", [reference])
        return cursor.fetchone()[0]
