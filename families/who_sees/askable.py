"""Of which records it can be asked who reads them. Each app names its own from `apps.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Part:
    """A part of a record that is read by itself: the rows of `table` whose `column` is the record's key.

    if_other: it is named only where other people read it than the part before.
    text: it is written words, which a private record keeps to its author and the author's clinical supervisor.
    """

    label: str
    table: str
    column: str = "id"
    text: bool = False
    if_other: bool = False


def wrote_it(record: Any) -> list[tuple[int | None, str]]:
    return [(getattr(record, "author_id", None), "Wrote it")]


@dataclass(frozen=True)
class Askable:
    """load: the record within the reader's own walls, with `family` and `cluster_id`, or None.
    back: the address of its page. note: what else is to be said of it, or nothing. people: keys of those whom the
    record itself names as its readers, each with what they do in it. narrow: it is read by these, by the leaders, by
    who works with the family and in an emergency, and not by everybody in the Cluster."""

    kind: str
    load: Callable[[UUID], Any]
    title: Callable[[Any], str]
    back: Callable[[Any], str]
    parts: tuple[Part, ...]
    note: Callable[[Any], str] = lambda record: ""
    people: Callable[[Any], Iterable[tuple[int | None, str]]] = wrote_it
    narrow: Callable[[Any], bool] = lambda record: False


ASKABLE: dict[str, Askable] = {}


def may_be_asked(askable: Askable) -> None:
    ASKABLE[askable.kind] = askable
