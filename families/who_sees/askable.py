"""Of which records it can be asked who reads them. Each app names its own from `apps.py`."""

from __future__ import annotations

from collections.abc import Callable
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


@dataclass(frozen=True)
class Askable:
    """load: the record within the reader's own walls, with `family` and `cluster_id`, or None.
    back: the address of its page. note: what else is to be said of it, or nothing."""

    kind: str
    load: Callable[[UUID], Any]
    title: Callable[[Any], str]
    back: Callable[[Any], str]
    parts: tuple[Part, ...]
    note: Callable[[Any], str] = lambda record: ""


ASKABLE: dict[str, Askable] = {}


def may_be_asked(askable: Askable) -> None:
    ASKABLE[askable.kind] = askable
