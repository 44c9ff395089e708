"""The import itself: a sheet is read once, in batches of a thousand, and each batch goes in whole.

(Cluster, reference) identifies a referral, so a sheet that was half imported, or wholly, is taken up again by
importing it again. Each batch is one transaction under a lock of its Cluster: two imports take turns.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, connection, reset_queries, transaction
from django.utils import timezone

from clusters.models import Cluster, User
from imports.known import Known
from imports.labels import Labels, Mapping
from imports.reader import Sheet
from imports.rows import RowReader, SheetRow
from imports.writing import Writer

BATCH = 1000
# The first half of a pair for PostgreSQL's advisory locks; the second is the Cluster.
LOCK = 0x1EF7


@dataclass(frozen=True)
class Reject:
    """A row that did not go in: every reason it has, and its original text by heading."""

    row_number: int
    reasons: tuple[str, ...]
    original: dict[str, str]


@dataclass
class Batch:
    """What became of some consecutive rows. `ready` are written by `Importer.store`."""

    seen: int = 0
    known: int = 0
    added: int = 0
    ready: list[SheetRow] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


class Importer:
    """Imports one sheet into one Cluster. `cluster` is None for one that does not exist yet (a dry run).

    Made inside a scope that reads the Cluster; `store` needs the importer's (`imports.acting`).
    """

    def __init__(
        self,
        *,
        cluster: Cluster | None,
        sheet: Sheet,
        mapping: Mapping,
        source: str,
        author: User | None = None,
        by_address: bool = True,
    ) -> None:
        self.cluster, self.sheet, self.mapping, self.source = cluster, sheet, mapping, source
        self.author, self.by_address = author, by_address
        self._load()
        self.reader = RowReader(header=sheet.header, labels=self.labels, mapping=mapping, today=timezone.localdate())

    def _load(self) -> None:
        self.labels = Labels(self.cluster)
        if self.cluster is None:
            self.known = Known()
            return
        self.known = Known.load(self.cluster.pk)
        self.writer = Writer(
            cluster=self.cluster,
            labels=self.labels,
            known=self.known,
            author=self.author,
            source=self.source,
            by_address=self.by_address,
        )

    def batches(self, *, skip: int = 0) -> Iterator[Batch]:
        """The rows, checked, in batches. `skip` leaves out as many rows that an interrupted run has settled."""
        first_row: dict[str, int] = {}
        batch = Batch()
        for place, (number, cells) in enumerate(self.sheet):
            reference = self.reader.reference(cells)
            earlier = first_row.setdefault(reference, number) if reference else number
            if place < skip:
                continue
            self._check(batch, number, cells, reference, earlier)
            batch.seen += 1
            if batch.seen == BATCH:
                yield batch
                batch = Batch()
        if batch.seen:
            yield batch

    def _check(self, batch: Batch, number: int, cells: list[Any], reference: str, earlier: int) -> None:
        twice = [f"reference: “{reference}” stands in row {earlier} already"] if earlier != number else []
        if not twice and reference in self.known.references:
            batch.known += 1
            return
        row, reasons = self.reader.read(number, cells)
        if row is None or twice:
            batch.rejects.append(Reject(number, (*twice, *reasons), self.reader.original(cells)))
        else:
            batch.ready.append(row)

    def store(self, batch: Batch) -> None:
        """Write what is ready, in the caller's transaction as the importer. Afterwards the batch's counts hold."""
        assert self.cluster is not None  # noqa: S101 - a dry run stores nothing
        # In development Django remembers every statement, and these are long.
        reset_queries()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, self.cluster.pk])
        if not self.known.still_holds(self.cluster.pk):
            self._load()
        fresh = [row for row in batch.ready if row.reference not in self.known.references]
        batch.known += len(batch.ready) - len(fresh)
        batch.added = self._write(fresh, batch)
        batch.rejects.sort(key=lambda reject: reject.row_number)
        batch.ready = []

    def _write(self, rows: list[SheetRow], batch: Batch) -> int:
        """Write the rows; when the database refuses, halve them until the row that it refuses stands alone."""
        if not rows:
            return 0
        try:
            with transaction.atomic():
                self.writer.write(rows)
        except (DataError, IntegrityError) as error:
            self._load()
            if len(rows) == 1:
                words = str(error).partition("\n")[0]
                batch.rejects.append(Reject(rows[0].number, (f"could not be stored: {words}",), rows[0].original))
                return 0
            middle = len(rows) // 2
            return self._write(rows[:middle], batch) + self._write(rows[middle:], batch)
        return len(rows)
