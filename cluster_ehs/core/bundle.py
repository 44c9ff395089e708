"""Rows that hang on one record, read in the statement that reads the record: a page is then one question, not ten.

The row policies hold within the statement as they do outside it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, QuerySet
from django.db.models.functions import JSONObject

M = TypeVar("M", bound=Model)


def hanging(rows: QuerySet, **more: str) -> ArraySubquery:
    """Every column of some rows that name the record by OuterRef, in their order; `more` are columns beyond them."""
    columns = {field.attname: field.attname for field in rows.model._meta.concrete_fields}
    return ArraySubquery(rows.values(row=JSONObject(**columns, **more)))


def records(model: type[M], rows: Iterable[Mapping[str, Any]]) -> list[M]:
    """The rows as records again. What was asked for beyond their columns is set on them under its name."""
    fields = model._meta.concrete_fields
    names = {field.attname for field in fields}
    found = []
    for row in rows:
        values = [field.to_python(row[field.attname]) for field in fields]
        record = model.from_db(None, [field.attname for field in fields], values)
        for name in row.keys() - names:
            setattr(record, name, row[name])
        found.append(record)
    return found
