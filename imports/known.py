"""What a Cluster already has, as the importer recognises it: references, children, families, cases.

Held in memory for one run, some hundred bytes a row, so that each row costs no query.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import connection

from cases.models import Case, CaseService, CaseStatus
from families.models import Family, Person
from imports.labels import bare
from imports.rows import SheetRow


@dataclass(frozen=True, slots=True)
class KnownChild:
    person: UUID
    family: UUID
    upn: str


class Known:
    """Read with `load()` inside the importer's scope (`imports.acting`), kept up to date by whoever writes."""

    def __init__(self) -> None:
        self._by_upn: dict[str, KnownChild] = {}
        self._by_name: dict[tuple[str, str, date], list[KnownChild]] = {}
        self._by_number: dict[str, UUID] = {}
        self._by_address: dict[tuple[str, str, str], UUID] = {}
        self.references: set[str] = set()
        self.open_case: dict[UUID, UUID] = {}
        self.closed_case: dict[tuple[UUID, date, date], UUID] = {}
        # Services that a case has for the whole family.
        self.of_the_family: set[tuple[UUID, int]] = set()
        self.families = 0
        # Records that the reader may not open are not known: a sheet neither finds nor fills them [ADR 0025].
        self.hidden = ""

    @classmethod
    def load(cls, cluster_id: int) -> "Known":
        found = cls()
        with connection.cursor() as cursor:
            cursor.execute("SELECT ehs_import_references(%s)", [cluster_id])
            found.references = {reference for (reference,) in cursor.fetchall()}
        _, found.hidden = _as_it_stands(cluster_id)
        for pk, name, number, address, postcode in _of(
            Family, cluster_id, "id", "name", "own_number", "address", "postcode"
        ):
            found.add_family(pk, name, number, address, postcode)
        for pk, family, first, last, born, upn, is_child in _of(
            Person, cluster_id, "id", "family_id", "first_name", "last_name", "birth_date", "upn", "is_child"
        ):
            if is_child:
                found.add_child(KnownChild(pk, family, upn), first, last, born)
        for pk, family, status, opened, closed, imported in _of(
            Case, cluster_id, "id", "family_id", "status", "opened_on", "closed_on", "imported"
        ):
            if status != CaseStatus.CLOSED:
                found.open_case[family] = pk
            elif imported:
                found.closed_case[family, opened, closed] = pk
        found.of_the_family = set(
            CaseService.objects.filter(cluster_id=cluster_id, person__isnull=True).values_list("case_id", "service_id")
        )
        return found

    def still_holds(self, cluster_id: int) -> bool:
        """Whether nobody added a referral, restricted a record or opened one since this was read."""
        return _as_it_stands(cluster_id) == (len(self.references), self.hidden)

    def add_family(self, pk: UUID, name: str, number: str, address: str, postcode: str) -> None:
        self.families += 1
        if number:
            self._by_number.setdefault(bare(number), pk)
        if name and address and postcode:
            self._by_address.setdefault((bare(name), bare(postcode), bare(address)), pk)

    def add_child(self, child: KnownChild, first: str, last: str, born: date | None) -> None:
        if child.upn:
            self._by_upn.setdefault(child.upn, child)
        if born and first:
            self._by_name.setdefault((bare(first), bare(last), born), []).append(child)

    def child(self, row: SheetRow) -> KnownChild | None:
        """The same UPN, or the same name and birth date; two UPNs are two children."""
        if row.upn and (found := self._by_upn.get(row.upn)):
            return found
        if not (row.birth_date and row.first_name):
            return None
        namesakes = self._by_name.get((bare(row.first_name), bare(row.last_name), row.birth_date), ())
        return next((c for c in namesakes if not (c.upn and row.upn and c.upn != row.upn)), None)

    def learn(self, child: KnownChild, row: SheetRow) -> None:
        """The row gives a known child the UPN it did not have: from now on another UPN is another child."""
        if child.upn or not row.upn:
            return
        told = replace(child, upn=row.upn)
        self._by_upn[row.upn] = told
        if row.birth_date:
            namesakes = self._by_name.get((bare(row.first_name), bare(row.last_name), row.birth_date), [])
            namesakes[:] = [told if known == child else known for known in namesakes]

    def family(self, row: SheetRow, *, by_address: bool) -> UUID | None:
        """The Cluster's own family number, else (unless told otherwise) the same name, postcode and address."""
        if row.own_number:
            return self._by_number.get(bare(row.own_number))
        if by_address and row.address and row.postcode:
            return self._by_address.get((bare(row.last_name), bare(row.postcode), bare(row.address)))
        return None


def _as_it_stands(cluster_id: int) -> tuple[int, str]:
    """How many references are taken, and which records are closed to this scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM ehs_import_references(%s)), current_setting('ehs.hidden', true)", [cluster_id]
        )
        return cursor.fetchone()


def _of(model: type, cluster_id: int, *columns: str) -> Iterator:
    rows = model.objects.filter(cluster_id=cluster_id)  # type: ignore[attr-defined]
    return rows.values_list(*columns).iterator(chunk_size=5000)
