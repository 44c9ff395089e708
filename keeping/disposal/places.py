"""Where a family may be named in words that are not its own: from the list of fields to the database."""

from typing import Any

from django.apps import apps

from keeping.fields import Fate, Holds
from keeping.lines import LINES
from keeping.models import Place


def places() -> list[tuple[str, str]]:
    """(table, column) of every text that a disposal takes names out of."""
    return [
        (model._meta.db_table, str(model._meta.get_field(field).column))
        for label, line in LINES.items()
        if line.fate == Fate.CLEAN
        for model in [apps.get_model(label)]
        for field in line.that_hold(Holds.TEXT, Holds.JSON, Holds.FILE)
    ]


def copy_to_database(**_: Any) -> None:
    """Make the table of places say what the list says. Runs as the owner, after `migrate`."""
    Place.objects.all().delete()
    Place.objects.bulk_create(Place(table_name=table, column_name=column) for table, column in places())
