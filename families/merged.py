"""Originals of merged records. The row policies hide them; here is the one way to look behind that."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from families.models import Family, Merge


@contextmanager
def merged_rows() -> Iterator[None]:
    """Within the reader's own scope, also see the originals of people and families that were merged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('ehs.merged', true), set_config('ehs.merged', 'on', true)")
        before = cursor.fetchone()[0] or "off"
    try:
        yield
    finally:
        # After an error the transaction is rolled back, and the setting with it.
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('ehs.merged', %s, true)", [before])


def kept_family(pk: UUID) -> Family | None:
    """The record that a merged family became part of; None when it was not merged or cannot be seen."""
    with merged_rows():
        family = Family.objects.filter(pk=pk).first()
        seen = set()
        while family is not None and family.merged_into_id and family.pk not in seen:
            seen.add(family.pk)
            family = Family.objects.filter(pk=family.merged_into_id).first()
    return family if seen else None


def families_within(family: Family) -> list[UUID]:
    """Ids of the families that became part of this one: their history is its history."""
    found = Merge.objects.filter(family_id=family.pk, undone_at__isnull=True, gone_family__isnull=False)
    return [UUID(key) for moved in found.values_list("moved", flat=True) for key in moved.get("families", ())]
