"""The six boxes as rows of a page: read from the record or from what was typed, and moved without a script too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formulation.models import QUESTIONS, Factor, P

EMPTY_LINES = 3
MOST_LINES = 60
NAME = re.compile(r"^(?P<p>[a-z]+)-(?P<number>\d{1,3})-text$")
MOVE = re.compile(r"^(?P<p>[a-z]+)-(?P<number>\d{1,3}):(?P<to>[a-z]+)$")
UP, DOWN = "up", "down"


@dataclass
class Row:
    """A line of a box as the page shows it: what was typed, with its tags and what is wrong with it."""

    p: str
    number: int
    text: str = ""
    domain: str = ""
    person: str = ""
    factor: str = ""
    error: str = ""
    added_by: str = ""
    tags: str = ""
    # The button by which it was moved just now: it has the focus, so that pressing again moves further.
    pressed: str = ""

    @property
    def name(self) -> str:
        return f"{self.p}-{self.number}"

    @property
    def tall(self) -> int:
        """Lines of the input, about sixty characters each."""
        return max(1, min(6, -(-len(self.text) // 60)))


@dataclass
class Box:
    p: P
    rows: list[Row] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(self.p.label)

    @property
    def question(self) -> str:
        return QUESTIONS[self.p]


Boxes = dict[str, Box]


def empty_boxes() -> Boxes:
    return {p.value: Box(p) for p in P}


def boxes_of(factors: Iterable[Factor]) -> Boxes:
    made = empty_boxes()
    for factor in factors:
        rows = made[factor.p].rows
        tags = (str(factor.domain_id or ""), str(factor.person_id or ""), str(factor.pk))
        rows.append(Row(factor.p, len(rows), factor.text, *tags))
    return made


def boxes_of_data(data: Mapping[str, Any]) -> Boxes:
    """The rows as they were sent, each box in the order of its numbers."""
    made = empty_boxes()
    named = sorted(
        (match["p"], int(match["number"])) for key in data if (match := NAME.match(key)) and match["p"] in made
    )
    for p, number in named:
        key = f"{p}-{number}"
        made[p].rows.append(
            Row(p, number, *(data.get(f"{key}-{part}", "") for part in ("text", "domain", "person", "factor")))
        )
    return made


def move(boxes: Boxes, asked: str) -> Row | None:
    """Carry out one move, “perpetuating-2:up”, “…:down” or “…:protective”; the row that moved, if there is such a row.

    Into another box it goes to the end. Empty lines are left out and the others numbered anew.
    """
    match = MOVE.match(asked)
    if match is None or match["p"] not in boxes:
        return None
    from_box = boxes[match["p"]]
    row = next((r for r in from_box.rows if r.number == int(match["number"]) and r.text.strip()), None)
    if row is None:
        return None
    for box in boxes.values():
        box.rows = [r for r in box.rows if r.text.strip()]
    at, to = from_box.rows.index(row), match["to"]
    if to in (UP, DOWN):
        from_box.rows.remove(row)
        from_box.rows.insert(max(0, at - 1) if to == UP else at + 1, row)
    elif to in boxes and to != match["p"] and len(boxes[to].rows) < MOST_LINES:
        from_box.rows.remove(row)
        boxes[to].rows.append(row)
    row.pressed = to
    for p, box in boxes.items():
        for number, each in enumerate(box.rows):
            each.p, each.number = p, number
    return row


def with_empty_lines(box: Box, *, more: bool) -> None:
    """Empty lines at the end of a box: three, and three more where “Add lines” was pressed."""
    empty = 0
    for row in reversed(box.rows):
        if row.text.strip():
            break
        empty += 1
    target = empty + EMPTY_LINES if more else max(empty, EMPTY_LINES)
    start = max((row.number for row in box.rows), default=-1) + 1
    for number in range(start, start + target - empty):
        if len(box.rows) < MOST_LINES:
            box.rows.append(Row(box.p.value, number))
