"""A return is looked over first, then made by a worker as a run, kept for its asker for two weeks, and removed.

A manager reads no family's rows. What the return holds is read by an actor of its own: rows and words of the chosen
Clusters, nothing written.
"""

import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.exports import Sheet, as_csv, as_xlsx
from cluster_ehs.core.scope import NamedActor, acting_as, aside
from clusters.models import Cluster, User
from monitoring.report_files import TYPES
from monitoring.returns import annex_a, policies, ssd
from monitoring.returns.layout import Entry, Listing, rows_of
from monitoring.returns.models import ReturnFile, ReturnKind, ReturnRun
from monitoring.returns.validate import Problem, validate

MAKERS = {ReturnKind.ANNEX_A: annex_a.make, ReturnKind.SSD: ssd.make}
LEASE = timedelta(minutes=10)
KEPT_PROBLEMS = 1000
RETURNS = audit.Named(str(NamedActor.RETURNS))


@dataclass(frozen=True)
class Looked:
    """What a return would hold: rows by list, those of restricted families, and what is missing or not allowed."""

    counts: dict[str, int]
    restricted: int
    problems: list[Problem]


def _looked(made: Sequence[tuple[Listing, list[Entry]]]) -> Looked:
    return Looked(
        {listing.title: len(entries) for listing, entries in made},
        sum(entry.restricted for _, entries in made for entry in entries),
        validate(made),
    )


def look_over(*, by: User, kind: str, clusters: Collection[int], as_at: date) -> Looked:
    """Check a return without making it: nothing of it leaves but counts and references. Raises Denied."""
    policies.check_makes_returns(by)
    with aside(NamedActor.RETURNS, clusters=list(clusters), back_to=by.pk):
        return _looked(MAKERS[ReturnKind(kind)](clusters, as_at))


@transaction.atomic
def ask(*, by: User, kind: str, clusters: Sequence[Cluster], as_at: date, reason: str) -> ReturnRun:
    """Ask for the file, saying why. Each Cluster's trail says so. Raises Denied, ValidationError."""
    policies.check_makes_returns(by)
    if not reason.strip():
        raise ValidationError({"reason": "Say what the file is for"})
    run = ReturnRun.objects.create(
        kind=kind,
        cluster_ids=[cluster.pk for cluster in clusters],
        cluster_names=[cluster.name for cluster in clusters],
        as_at=as_at,
        reason=reason.strip(),
        asked_by=by,
    )
    for cluster in clusters:
        text = f"Asked for “{run.get_kind_display()}” as at {as_at}: {run.reason}"
        audit.event(by=by, kind="return.asked", text=text, about=cluster)
    transaction.on_commit(lambda: current_app.send_task("monitoring.make_return", [str(run.pk)]), robust=True)
    return run


def make_return(run_id: uuid.UUID) -> bool:
    """Make the files of a run, once. False when another worker has it or it is done."""
    now = timezone.now()
    free = ReturnRun.objects.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now), pk=run_id, status="queued")
    if not free.update(leased_until=now + LEASE, tries=F("tries") + 1):
        return False
    run = ReturnRun.objects.get(pk=run_id)
    with acting_as(NamedActor.RETURNS, clusters=run.cluster_ids):
        made = MAKERS[ReturnKind(run.kind)](run.cluster_ids, run.as_at)
        looked = _looked(made)
        # Whoever lost the lease meanwhile writes nothing.
        held = ReturnRun.objects.select_for_update().filter(
            pk=run.pk, status="queued", leased_until=now + LEASE, tries=run.tries
        )
        if not held.exists():
            return False
        ReturnFile.objects.bulk_create(_files(run, made))
        ReturnRun.objects.filter(pk=run.pk).update(
            status=ReturnRun.Status.DONE,
            counts={**looked.counts, "restricted": looked.restricted},
            problems=[problem.kept() for problem in looked.problems[:KEPT_PROBLEMS]],
            finished_at=timezone.now(),
            expires_on=timezone.localdate() + timedelta(days=ReturnRun.KEPT_DAYS),
            leased_until=None,
        )
    return True


def _files(run: ReturnRun, made: Sequence[tuple[Listing, list[Entry]]]) -> list[ReturnFile]:
    """One workbook with a sheet for each list, and each list as CSV; every column in its place."""
    name = f"{run.kind.replace('_', '-')}-{run.as_at}"
    sheets = [Sheet(listing.key, listing.headings, rows_of(listing, entries)) for listing, entries in made]
    contents = [
        (f"{name}.xlsx", "xlsx", as_xlsx(sheets, title=run.get_kind_display(), made_at=run.created_at)),
        *(
            (
                f"{name}-{listing.key.replace(' ', '-').lower()}.csv",
                "csv",
                as_csv(listing.headings, rows_of(listing, entries)),
            )
            for listing, entries in made
        ),
    ]
    return [
        ReturnFile(
            run=run,
            asked_by_id=run.asked_by_id,
            name=file,
            content_type=TYPES[ending],  # type: ignore[index]
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for file, ending, content in contents
    ]


def take_file(*, by: User, run: ReturnRun, name: str) -> ReturnFile | None:
    """The file for its asker; each Cluster's trail says that it was taken. Raises Denied. None when it is gone."""
    policies.check_take_file(by, run)
    file = ReturnFile.objects.filter(run=run, name=name).first()
    if file is not None:
        for cluster in Cluster.objects.filter(pk__in=run.cluster_ids):
            audit.event(by=by, kind="download", text=f"Downloaded “{name}”: {run.reason}", about=cluster)
    return file


def carry_on() -> None:
    """For the sweep: hand out again what waits, and remove files after their day."""
    now = timezone.now()
    left = ReturnRun.objects.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now), status="queued")
    for pk in left.order_by("created_at").values_list("pk", flat=True)[:10]:
        current_app.send_task("monitoring.make_return", [str(pk)])
    for pk in ReturnRun.objects.filter(status="done", expires_on__lt=timezone.localdate()).values_list("pk", flat=True):
        remove_files(pk)


def remove_files(run_id: uuid.UUID) -> None:
    """What was asked, by whom, why and what was in it stays; the files go."""
    with acting_as(NamedActor.RETURNS):
        ReturnFile.objects.filter(run_id=run_id).delete()
        run = ReturnRun.objects.select_for_update().get(pk=run_id)
        ReturnRun.objects.filter(pk=run_id).update(status=ReturnRun.Status.REMOVED)
        for cluster in Cluster.objects.filter(pk__in=run.cluster_ids):
            text = f"Removed the files of “{run.get_kind_display()}” as at {run.as_at}"
            audit.event(by=RETURNS, kind="return.removed", text=text, about=cluster)
