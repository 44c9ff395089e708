"""Asking for a disposal, answering as the second person, and carrying it out.

`carry_out` may be killed anywhere: the database's part is one transaction, the files that are still to be removed are
rows that go one by one, and the end is one transaction again. Whoever comes next goes on from there.
"""

from __future__ import annotations

import logging
from datetime import date
from uuid import UUID

from celery import current_app, shared_task
from django.db import connection, transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import User
from families.files import discard_content
from families.models import Family
from keeping.disposal import elsewhere
from keeping.models import Disposal, DisposedFile
from keeping.retention import policies

LEASE_SECONDS = 900
REFUSALS = {
    "role": "A disposal is confirmed by a manager, or by a leader of the Cluster.",
    "same": "You asked for this disposal. A second person confirms it.",
    "held": "The family is on hold, or in the work again. Nothing was removed.",
}
log = logging.getLogger("ehs.disposal")


def ask(*, by: User, family: Family, rule: str, ended_on: date | None, due_on: date) -> Disposal:
    """Ask that a family be disposed of; a second person answers. Raises Denied."""
    policies.check_review(by, family.cluster_id)
    asked = Disposal.objects.create(
        cluster_id=family.cluster_id,
        family_key=family.pk,
        reference=family.reference,
        rule=rule,
        ended_on=ended_on,
        due_on=due_on,
        asked_by=by,
        asked_at=timezone.now(),
    )
    audit.event(by=by, kind="disposal.asked", text=f"Asked for the disposal of {family.reference}: {rule}", about=asked)
    return asked


@transaction.atomic
def answer(*, by: User, disposal: Disposal, yes: bool) -> None:
    """Confirm, as the second person, or refuse. Raises Denied, and Conflict when it was answered before."""
    policies.check_answer(by, disposal, yes=yes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_answer_disposal(%s, %s)", [disposal.pk, yes])
        refused = cursor.fetchone()[0]
    if refused == "answered":
        raise Conflict("This was answered before. Load the page again.")
    if refused:
        raise Denied(REFUSALS[refused])
    kind, said = ("disposal.confirmed", "Confirmed") if yes else ("disposal.refused", "Refused")
    audit.event(by=by, kind=kind, text=f"{said} the disposal of {disposal.reference}", about=disposal)
    if yes:
        transaction.on_commit(lambda: current_app.send_task("keeping.dispose"), robust=True)


@shared_task(name="keeping.dispose")
def carry_out_all() -> int:
    """Carry out what two people agreed to. Returns how many came to their end."""
    ended = 0
    while disposal_id := _lease():
        carry_out(disposal_id)
        ended += 1
    return ended


def _lease() -> UUID | None:
    with acting_as(NamedActor.DISPOSAL), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_lease_disposal(%s)", [LEASE_SECONDS])
        return cursor.fetchone()[0]


def carry_out(disposal_id: UUID) -> None:
    """All steps that are not done yet; files only after the database's part is committed.

    Raises OSError, with nothing removed, where the disposal cannot be written down elsewhere (`elsewhere`).
    """
    with acting_as(NamedActor.DISPOSAL):
        elsewhere.note(Disposal.objects.get(pk=disposal_id))
    with acting_as(NamedActor.DISPOSAL), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_dispose(%s)", [disposal_id])
    with acting_as(NamedActor.DISPOSAL):
        waiting = list(DisposedFile.objects.filter(disposal_id=disposal_id).order_by("pk"))
    for file in waiting:
        discard_content(file.path)
        with acting_as(NamedActor.DISPOSAL):
            DisposedFile.objects.filter(pk=file.pk).delete()
    with acting_as(NamedActor.DISPOSAL), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_disposal_done(%s)", [disposal_id])
    log.info("disposal %s done", disposal_id)


def carry_on() -> None:
    """For the sweep of each minute: what a killed worker or a lost queue left undone."""
    with acting_as(NamedActor.DISPOSAL):
        waits = Disposal.objects.filter(status=Disposal.Status.CONFIRMED).exists()
    if waits:
        current_app.send_task("keeping.dispose")
