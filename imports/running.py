"""Carrying out a started import, once, whatever happens to the worker in the middle.

Each batch of rows, its rejects and the number of rows done are one transaction, so a run that is taken up again goes
on where the last batch ended. A lease says whose it is; who has lost it writes nothing more.
"""

import logging
import uuid
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from django.db.models import F, Min, Q
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import LEASE
from clusters.people import duties
from imports.acting import importing
from imports.engine import Batch, Importer
from imports.models import ImportRun
from imports.reader import SheetError, open_sheet
from imports.services import keep_rejects, mapping_of, path_of, run_soon

STOPPED = "An error in the program stopped the import. Import the file again: rows that are in stay as they are."
NOT_THEIRS = "Whoever uploaded this sheet no longer leads the Cluster. Its leader can upload it."
KEPT_UNSTARTED = timedelta(days=7)

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has taken the run over."""


class Named:
    """The importer as it stands in the history."""

    pk = None
    actor_name = str(NamedActor.IMPORTER)


def run_import(run_id: uuid.UUID, cluster_id: int) -> bool:
    """Carry out a run that waits or that its worker left. True when this call brought it to its end."""
    run = _lease(run_id, cluster_id)
    if run is None:
        return False
    try:
        _carry_out(run)
    except LeaseLost:
        return False
    except SoftTimeLimitExceeded:
        # The rest is for the next one: free the lease and say so.
        with acting_as(NamedActor.IMPORTER, clusters=[cluster_id]):
            ImportRun.objects.filter(pk=run_id, leased_until=run.leased_until).update(leased_until=None)
            run_soon(run_id, cluster_id)
        return False
    except SheetError as error:
        _end(run, ImportRun.Status.FAILED, str(error))
    except FileNotFoundError:
        _end(run, ImportRun.Status.FAILED, "The file is no longer there. Upload it again.")
    except OperationalError:
        # The database was away: the lease runs out and the sweep hands the run out again.
        raise
    except Exception:
        log.exception("import %s stopped", run_id)
        _end(run, ImportRun.Status.FAILED, STOPPED)
    else:
        _end(run, ImportRun.Status.DONE, "")
    return True


def _lease(run_id: uuid.UUID, cluster_id: int) -> ImportRun | None:
    now = timezone.now()
    with acting_as(NamedActor.IMPORTER, clusters=[cluster_id]):
        run = (
            ImportRun.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("cluster", "author")
            .filter(_left(now), pk=run_id, status__in=[ImportRun.Status.QUEUED, ImportRun.Status.RUNNING])
            .first()
        )
        if run:
            run.status, run.leased_until = ImportRun.Status.RUNNING, now + LEASE
            run.save(update_fields=["status", "leased_until"])
    return run


def _left(now: datetime) -> Q:
    return Q(leased_until__isnull=True) | Q(leased_until__lt=now)


def _carry_out(run: ImportRun) -> None:
    if run.author and run.cluster_id not in duties(run.author).leads:
        raise SheetError(NOT_THEIRS)
    with importing(run.cluster, run.author):
        mapping = mapping_of(run.cluster)
    with open_sheet(path_of(run), also=mapping.headings) as sheet:
        with importing(run.cluster, run.author):
            importer = Importer(
                cluster=run.cluster,
                sheet=sheet,
                mapping=mapping,
                source=run.file_name,
                author=run.author,
                by_address=run.preview["by_address"],
            )
        for batch in importer.batches(skip=run.done_rows):
            with importing(run.cluster, run.author):
                importer.store(batch)
                keep_rejects(run, batch.rejects)
                _count(run, batch)


def _count(run: ImportRun, batch: Batch) -> None:
    """Add a batch to the run's counts and prolong the lease, in the batch's own transaction."""
    until = timezone.now() + LEASE
    still_ours = ImportRun.objects.filter(pk=run.pk, leased_until=run.leased_until).update(
        leased_until=until,
        done_rows=F("done_rows") + batch.seen,
        added=F("added") + batch.added,
        known=F("known") + batch.known,
        rejected=F("rejected") + len(batch.rejects),
    )
    if not still_ours:
        raise LeaseLost
    run.leased_until = until


def _end(run: ImportRun, status: ImportRun.Status, message: str) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[run.cluster_id]):
        ended = ImportRun.objects.filter(pk=run.pk, leased_until=run.leased_until).update(
            status=status, message=message, finished_at=timezone.now(), leased_until=None
        )
        if not ended:
            return
        run.refresh_from_db(fields=["done_rows", "added", "known", "rejected"])
        ImportRun.objects.filter(pk=run.pk).update(rows=run.done_rows)
        words = f"Imported “{run.file_name}”: {run.added} added, {run.known} known already, {run.rejected} rejected"
        audit.event(by=Named(), kind="import", text=f"{words}. {message}".strip(), about=run)
    # What went in is in the records, what did not is in the rejects: the file itself is not kept.
    path_of(run).unlink(missing_ok=True)


def due() -> tuple[int, datetime | None]:
    """How many imports wait or run, and since when, for `/metrics`."""
    with acting_as(NamedActor.SCHEDULER):
        left = ImportRun.objects.filter(status__in=[ImportRun.Status.QUEUED, ImportRun.Status.RUNNING])
        return left.count(), left.aggregate(oldest=Min("created_at"))["oldest"]


def carry_on() -> None:
    """For the sweep: hand out again what waits or whose worker has gone, and remove files nobody imported."""
    now = timezone.now()
    with acting_as(NamedActor.SCHEDULER):
        waiting = list(
            ImportRun.objects.filter(_left(now), status__in=[ImportRun.Status.QUEUED, ImportRun.Status.RUNNING])
            .order_by("created_at")
            .values_list("pk", "cluster_id")[:20]
        )
        forgotten = list(
            ImportRun.objects.filter(status=ImportRun.Status.MAPPING, created_at__lt=now - KEPT_UNSTARTED)[:20]
        )
    for pk, cluster_id in waiting:
        run_soon(pk, cluster_id)
    for run in forgotten:
        with acting_as(NamedActor.IMPORTER, clusters=[run.cluster_id]):
            ImportRun.objects.filter(pk=run.pk, status=ImportRun.Status.MAPPING).delete()
        path_of(run).unlink(missing_ok=True)
