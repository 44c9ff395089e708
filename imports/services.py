"""An import from the page: a file is received, its words are matched, the import is started."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Cluster, User
from imports import policies
from imports.cells import as_text
from imports.engine import BATCH, Importer
from imports.labels import HEADINGS, Labels, Mapping, check_mapping
from imports.models import ImportRun, RejectedRow, ValueMapping
from imports.reader import SheetError, kind_of, open_sheet

FIRST_ROWS = 5
EXAMPLES = 10


def path_of(run: ImportRun) -> Path:
    return settings.FILES_ROOT / run.path


def mapping_of(cluster: Cluster) -> Mapping:
    """The Cluster's own words that were remembered; those that lead nowhere any more are left out."""
    labels, mapping = Labels(cluster), Mapping()
    for row in ValueMapping.objects.filter(cluster=cluster):
        if row.column == HEADINGS or labels.knows(row.column, row.meant):
            mapping.add(row.column, row.written, row.meant)
    return mapping


@transaction.atomic
def receive_file(*, by: User, cluster: Cluster, file: UploadedFile, by_address: bool) -> ImportRun:
    """Keep an uploaded sheet and check its first rows. Raises ValidationError on `file` when it is no sheet."""
    policies.check_import_into(by, cluster.pk)
    name = Path(file.name or "sheet").name[:200]
    if (file.size or 0) > settings.UPLOAD_LIMIT_BYTES:
        raise ValidationError({"file": "The file is larger than 20 MB. Split the sheet, or save it as .csv."})
    run = ImportRun(cluster=cluster, file_name=name, author=by, path=f"imports/{uuid.uuid4()}")
    path, digest = path_of(run), hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        for chunk in file.chunks():
            digest.update(chunk)
            out.write(chunk)
    run.sha256 = digest.hexdigest()
    try:
        _check_name(name, kind_of(path))
        run.preview = {"by_address": by_address}
        _look(run)
    except SheetError as error:
        path.unlink(missing_ok=True)
        raise ValidationError({"file": str(error)}) from None
    except Exception:
        path.unlink(missing_ok=True)
        raise
    run.save()
    audit.event(by=by, kind="import", text=f"Received the sheet “{name}” to be imported", about=run)
    return run


def _check_name(name: str, kind: str) -> None:
    ending = Path(name).suffix.lower().lstrip(".")
    if ending not in {"xlsx", "csv"}:
        raise SheetError("The file must be named .xlsx or .csv.")
    if ending != kind:
        found = "a workbook" if kind == "xlsx" else "text"
        raise SheetError(f"The file is not what its name says: it is named .{ending} and holds {found}.")


def _look(run: ImportRun) -> None:
    """Work out what the page shows before the import: columns, first rows, what would become of the rows."""
    mapping = mapping_of(run.cluster)
    with open_sheet(path_of(run), also=mapping.headings) as sheet:
        header = sheet.header
        run.rows = max(sheet.size - header.row, 0)
        shown: dict[str, Any] = {
            "by_address": run.preview["by_address"],
            "headings": list(header.texts),
            "header_row": header.row,
            "columns": {name: header.texts[place] for name, place in header.places.items()},
            "unknown_headings": [header.texts[place] for place in header.unknown],
            "missing": list(header.missing),
        }
        importer = Importer(cluster=run.cluster, sheet=sheet, mapping=mapping, source=run.file_name)
        batch = next(iter(importer.batches()), None)
        if batch is None:
            raise SheetError("There are no rows below the headings.")
        reader = importer.reader
        run.preview = shown | {
            "checked": batch.seen,
            "ready": len(batch.ready),
            "known": batch.known,
            "rejected": len(batch.rejects),
            "examples": [{"row": r.row_number, "reasons": list(r.reasons)} for r in batch.rejects[:EXAMPLES]],
            "unknown": [
                {"column": column, "text": text, "rows": n, "nearest": importer.labels.nearest(column, text)}
                for (column, text), n in reader.unknown.most_common(60)
            ],
            "new_workers": sorted(reader.new_workers)[:60],
            "new_schools": sorted(reader.new_schools)[:60],
        }
        if batch.seen < BATCH:
            run.rows = batch.seen


def first_rows(run: ImportRun) -> list[dict[str, str]]:
    """The first rows as they are in the file. Read again each time: names are not kept beside the run."""
    try:
        with open_sheet(path_of(run), also=mapping_of(run.cluster).headings) as sheet:
            texts = sheet.header.texts
            return [dict(zip(texts, map(as_text, cells), strict=False)) for _, cells in islice(sheet, FIRST_ROWS)]
    except (SheetError, FileNotFoundError):
        return []


@transaction.atomic
def save_words(*, by: User, run: ImportRun, words: Iterable[tuple[str, str, str]]) -> ImportRun:
    """Remember (column, written, meant) for the Cluster and look at the file again with them."""
    policies.check_import_into(by, run.cluster_id)
    run = _to_be_matched(run)
    chosen = list(words)
    try:
        check_mapping(chosen, Labels(run.cluster))
        for column, written, meant in chosen:
            ValueMapping.objects.update_or_create(
                cluster=run.cluster, column=column, written=written[:200], defaults={"meant": meant[:200]}
            )
        _look(run)
    except SheetError as error:
        raise ValidationError(str(error)) from None
    run.save(update_fields=["preview", "rows"])
    return run


@transaction.atomic
def start_import(*, by: User, run: ImportRun) -> None:
    """Put the import in the queue. Raises Conflict when somebody has started it already."""
    policies.check_import_into(by, run.cluster_id)
    run = _to_be_matched(run)
    if run.preview["missing"]:
        raise ValidationError(f"Say first which columns are {', '.join(run.preview['missing'])}.")
    run.status = ImportRun.Status.QUEUED
    run.save(update_fields=["status"])
    audit.event(by=by, kind="import", text=f"Started the import of “{run.file_name}”", about=run)
    run_soon(run.pk, run.cluster_id)


@transaction.atomic
def discard(*, by: User, run: ImportRun) -> None:
    """Remove a file that is not to be imported after all."""
    policies.check_import_into(by, run.cluster_id)
    run = _to_be_matched(run)
    path = path_of(run)
    audit.event(by=by, kind="import", text=f"Removed the sheet “{run.file_name}” without importing it", about=run)
    run.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _to_be_matched(run: ImportRun) -> ImportRun:
    locked = ImportRun.objects.select_for_update(of=("self",)).select_related("cluster").get(pk=run.pk)
    if locked.status != ImportRun.Status.MAPPING:
        raise Conflict("This import has been started already.")
    return locked


def run_soon(run_id: uuid.UUID, cluster_id: int) -> None:
    """After the commit, tell a worker. When the message is lost, the sweep finds the run."""
    transaction.on_commit(lambda: current_app.send_task("imports.run_import", [str(run_id), cluster_id]), robust=True)


def keep_rejects(run: ImportRun, rejects: Sequence[Any]) -> None:
    RejectedRow.objects.bulk_create(
        (
            RejectedRow(
                cluster_id=run.cluster_id,
                run=run,
                row_number=reject.row_number,
                reasons=list(reject.reasons),
                original=reject.original,
            )
            for reject in rejects
        ),
        batch_size=1000,
    )
