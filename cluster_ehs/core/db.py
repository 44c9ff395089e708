"""Which database login the process is using, the short time in which it is the owner, and rows added together.

The web and worker processes only ever log in as the application role. `migrate` and the
set-up of the tests need the owner of the tables; they ask for it here, by name.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault


@contextmanager
def as_owner() -> Iterator[None]:
    """Point the default connection at the same database as its owner, and back afterwards.

    Raises ImproperlyConfigured when DATABASE_OWNER_URL is not set.
    """
    if not settings.DATABASE_OWNER_URL:
        raise ImproperlyConfigured("DATABASE_OWNER_URL is not set. It is required to change the database's structure.")
    owner = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(USER=owner["USER"], PASSWORD=owner["PASSWORD"])
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def add_together(rows: Iterable[models.Model]) -> None:
    """Insert rows of several tables in one statement: one trip to the database instead of one for each table.

    Reads nothing back and sends no signals; walls, keys and the triggers of the history hold as for any other insert.
    Keys between the rows are checked at the end of the statement.
    """
    tables: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    inserts, values = [], []
    for model, same in tables.items():
        fields = [
            f for f in model._meta.local_concrete_fields if not (isinstance(f, models.AutoField) and f.primary_key)
        ]
        lines = []
        for row in same:
            places, found = _places(row, fields)
            lines.append(f"({', '.join(places)})")
            values += found
        columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
        table = connection.ops.quote_name(model._meta.db_table)
        # Names of tables and columns are the models' own; every value is a parameter.
        inserts.append(f"INSERT INTO {table} ({columns}) VALUES {', '.join(lines)}")  # noqa: S608
    if not inserts:
        return
    before = ", ".join(f"part{number} AS ({insert})" for number, insert in enumerate(inserts[:-1]))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {before} {inserts[-1]}" if before else inserts[-1], values)
    for same in tables.values():
        for row in same:
            row._state.adding, row._state.db = False, connection.alias


def _places(row: models.Model, fields: list[Any]) -> tuple[list[str], list[Any]]:
    """A place holder for each field, and the values; what the database fills in itself is left to it."""
    places, values = [], []
    for field in fields:
        value = field.pre_save(row, add=True)
        if isinstance(value, DatabaseDefault):
            places.append("DEFAULT")
        else:
            places.append("%s")
            values.append(field.get_db_prep_save(value, connection=connection))
    return places, values
