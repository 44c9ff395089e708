"""Ask for an extract, make it in the worker, take it with a reason, end it."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit, scope
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, User
from monitoring import worked_out
from monitoring.extract.files import make_file
from monitoring.extract.models import Extract, ExtractFile, ExtractTaken
from monitoring.extract.people import children
from monitoring.extract.policies import check_use_extracts
from monitoring.policies import check_see_figures

LASTS = timedelta(days=14)
ENDED = "This extract has ended: its file is no longer kept. Ask for a new one if the work goes on."


def ask_extract(
    *,
    by: User,
    clusters: Sequence[Cluster],
    period_from: date,
    period_to: date,
    purpose: str,
    recipient: str,
    basis: str,
    ethics_reference: str = "",
) -> Extract:
    """Ask for an extract; a worker makes it. Raises Denied."""
    check_use_extracts(by)
    check_see_figures(by, [cluster.pk for cluster in clusters])
    with transaction.atomic():
        extract = Extract.objects.create(
            asked_by=by,
            cluster_ids=[cluster.pk for cluster in clusters],
            cluster_names=[cluster.name for cluster in clusters],
            period_from=period_from,
            period_to=period_to,
            purpose=purpose,
            recipient=recipient,
            basis=basis,
            ethics_reference=ethics_reference,
            expires_on=timezone.localdate() + LASTS,
        )
        audit.event(by=by, kind="extract", text=f"Asked for an evaluation extract for {recipient}", about=extract)
        transaction.on_commit(lambda: worked_out.make_soon(extract), robust=True)
    return extract


def make_extract(pk: uuid.UUID) -> bool:
    """Make the file. False when another worker has it, or it is done. Raises LostLease.

    The key of the pseudonyms lives in one call alone: a worker that is killed halfway leaves no key and no file.
    """
    extract = worked_out.take(Extract, pk)
    if extract is None:
        return False
    worked_out.keep(extract, step="counting children", progress=10)
    with acting_as(NamedActor.FIGURES):
        found = children(
            clusters=extract.cluster_ids,
            start=extract.period_from,
            end=extract.period_to,
            today=timezone.localdate(),
        )
        worked_out.keep(extract, step="grouping what is rare", progress=50)
        made = make_file(found, about=_about(extract))
        ExtractFile.objects.create(extract=extract, content=made.content, sha256=made.sha256)
        worked_out.finish(extract, found=made.found())
    return True


def _about(extract: Extract) -> list[tuple[str, str]]:
    return [
        ("For", extract.recipient),
        ("Purpose", " ".join(extract.purpose.split())),
        ("Legal basis", extract.get_basis_display()),
        ("Ethics approval", extract.ethics_reference or "none named"),
        ("Clusters", ", ".join(extract.cluster_names)),
        ("Referrals received", extract.period_words),
        ("Asked for by", extract.asked_by.name),
        ("Made on", f"{timezone.localdate():%d/%m/%Y}"),
    ]


def take_extract(*, by: User, extract: Extract, why: str) -> bytes:
    """The file, after noting who took it and why. Raises Denied, and Conflict before it is made or once it ended."""
    check_use_extracts(by)
    with transaction.atomic(), scope.figures():
        extract = Extract.objects.select_for_update(of=("self",)).get(pk=extract.pk)
        if extract.ended_at is not None or extract.expires_on < timezone.localdate():
            raise Conflict(ENDED)
        if extract.status != "done":
            raise Conflict("This extract is not made yet.")
        file = ExtractFile.objects.get(extract=extract)
        ExtractTaken.objects.create(extract=extract, user=by, why=why, sha256=file.sha256)
        audit.event(by=by, kind="extract", text=f"Took the extract for {extract.recipient}: {why}", about=extract)
    return bytes(file.content)


def end_extract(*, by: User, extract: Extract) -> None:
    """Remove the file now. The log stays. Raises Denied, and Conflict when it has ended."""
    check_use_extracts(by)
    with transaction.atomic():
        locked = Extract.objects.select_for_update(of=("self",)).get(pk=extract.pk)
        if locked.ended_at is not None:
            raise Conflict(ENDED)
        _end(locked, by)
        audit.event(by=by, kind="extract", text=f"Ended the extract for {locked.recipient}", about=locked)


def _end(extract: Extract, by: User | None) -> None:
    with scope.figures():
        ExtractFile.objects.filter(extract=extract).delete()
    Extract.objects.filter(pk=extract.pk).update(ended_at=timezone.now(), ended_by=by)


def carry_on() -> None:
    """For the sweep: extracts that wait for a worker, and files whose days are over."""
    worked_out.carry_on(Extract)
    over = Extract.objects.filter(ended_at__isnull=True, expires_on__lt=timezone.localdate(), status="done")
    for extract in over[:20]:
        with transaction.atomic():
            _end(extract, None)
