"""Pages of a list by key: the next page begins after the last row seen, so the thousandth costs what the first does.

A page is named by the id of a row and never by its values: an address must not hold a name.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet, Subquery
from django.http import HttpRequest

SIZE = 25


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    newer: str = ""
    older: str = ""


def page(queryset: QuerySet, request: HttpRequest, *, order: Sequence[str], size: int = SIZE) -> Page:
    """One page in `order` (names with or without minus, the last one unique). `?after=` or `?before=` name a row."""
    after, before = _id(request.GET.get("after")), _id(request.GET.get("before"))
    backwards = before is not None
    wanted = list(order)
    order = [_turned(name) for name in wanted] if backwards else wanted
    anchor = before or after
    rows = queryset.order_by(*order)
    if anchor is not None:
        rows = rows.filter(beyond(order, _values(queryset.model, order, anchor)))
    found = list(rows[: size + 1])
    if anchor is not None and not found:
        # The row that the address names is gone, or hidden: begin again rather than show nothing.
        anchor, backwards, found = None, False, list(queryset.order_by(*wanted)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    there_are_newer = more if backwards else anchor is not None
    there_are_older = bool(found) and (True if backwards else more)
    return Page(
        found,
        newer=_address(request, before=found[0]) if there_are_newer and found else "",
        older=_address(request, after=found[-1]) if there_are_older else "",
    )


def _values(model: type[Model], order: Sequence[str], anchor: uuid.UUID) -> list[Any]:
    """The row's own values, read in the same statement as the page."""
    row = model._default_manager.filter(pk=anchor)
    names = [name.lstrip("-") for name in order]
    return [anchor if name == "id" else Subquery(row.values(name)[:1]) for name in names]


def _id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """What comes after a row: (a, b) beyond (1, 2), written so that the index on (a, b) leads."""
    beyond = Q()
    same = Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        beyond |= same & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{field: value})
    first = order[0]
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": values[0]})
    return bound & beyond


def _address(request: HttpRequest, **row: Model) -> str:
    kept = {name: value for name, value in request.GET.items() if name not in ("after", "before")}
    return "?" + urlencode({**kept, **{name: str(record.pk) for name, record in row.items()}})
