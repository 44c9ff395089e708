"""What is left of an entry when its marks are taken out. Pure: the page, the PDF and the JSON all come from here.

What is withheld is removed from the text, not covered: it is in no byte of what goes out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from keeping.subject_access.others import joined

GONE = "█████"


class AMark(Protocol):
    line: int | None
    start: int | None
    end: int | None
    reason: str


@dataclass(frozen=True)
class Piece:
    """A part of a line: its text, or what is withheld (then `text` is empty) and why. marks: those that withhold it."""

    text: str
    reason: str = ""
    marks: tuple[Any, ...] = ()
    hidden: str = ""


@dataclass(frozen=True)
class Shown:
    """A line: its label and its pieces. whole: the mark that withholds all of it."""

    number: int
    label: str
    name: str
    pieces: tuple[Piece, ...]
    whole: Any = None

    @property
    def text(self) -> str:
        return "".join(piece.text if not piece.reason else GONE for piece in self.pieces)

    @property
    def is_touched(self) -> bool:
        return any(piece.reason for piece in self.pieces)


def whole_mark(marks: Iterable[AMark]) -> Any:
    """The mark that withholds an entry as a whole, or None."""
    return next((mark for mark in marks if mark.line is None), None)


def redacted(lines: Sequence[dict[str, Any]], marks: Iterable[AMark]) -> list[Shown]:
    """The lines with live marks taken out. marks: those that are not undone."""
    by_line: dict[int, list[AMark]] = {}
    for mark in marks:
        if mark.line is not None:
            by_line.setdefault(mark.line, []).append(mark)
    return [_line(number, line, by_line.get(number, [])) for number, line in enumerate(lines)]


def _line(number: int, line: dict[str, Any], marks: list[Any]) -> Shown:
    whole = next((mark for mark in marks if mark.start is None), None)
    text = str(line["text"])
    if whole:
        pieces: tuple[Piece, ...] = (Piece("", whole.reason, (whole,), text),)
        return Shown(number, line["label"], line["name"], pieces, whole)
    return Shown(number, line["label"], line["name"], tuple(_pieces(text, marks)))


def _pieces(text: str, marks: list[Any]) -> Iterable[Piece]:
    reached, places = 0, joined((mark.start, mark.end) for mark in marks)
    starts = [start for start, _ in places]
    within: list[list[Any]] = [[] for _ in places]
    for mark in marks:
        within[bisect_right(starts, mark.start) - 1].append(mark)
    for (start, end), here in zip(places, within, strict=True):
        if start > reached:
            yield Piece(text[reached:start])
        yield Piece("", here[0].reason, tuple(here), text[start:end])
        reached = end
    if reached < len(text):
        yield Piece(text[reached:])
