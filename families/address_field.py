"""An address is read through its own wall in the database, not from the table of the record [ADR 0024].

The application role may write the column and not read it; what it reads is the view beside the table
(`families_familyaddress`, `families_personaddress`), which leaves out what the reader must not see.
"""

import re
from typing import Any

from django.db import models

_COLUMN = re.compile(r'("?\w+"?)\."(\w+)"')


class AddressField(models.CharField):
    """Text that is selected from the view of the table's addresses; empty where the reader has no right to it."""

    def deconstruct(self) -> Any:
        """In the database it is a plain column."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """Of a plain column only: what is worked out elsewhere has been through here already."""
        found = _COLUMN.fullmatch(sql)
        if found is None:
            return sql, params
        table, column = found.groups()
        view = compiler.quote_name_unless_alias(f"{self.model._meta.db_table}address")
        shown = f"SELECT shown.{column} FROM {view} shown WHERE shown.id = {table}.id"  # noqa: S608 - our own names
        return f"coalesce(({shown}), '')", params
