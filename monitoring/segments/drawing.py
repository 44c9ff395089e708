"""The tree as a picture: a node under a node, each with its share of families that made progress as a bar.

Drawn downwards and indented, so that it is read on a telephone without moving sideways. The page has the same as text.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cluster_ehs.core.drawing import BRAND, FONT, INK, LINE, QUIET

WIDTH, INDENT, LINE_HEIGHT, BAR, GAP = 400, 22, 19, 16, 18


@dataclass(frozen=True)
class Placed:
    """One node: its words over a bar, at a depth; `above` is the place of its parent among the nodes."""

    words: tuple[str, ...]
    share: int
    size: int
    depth: int
    above: int | None
    top: int

    @property
    def left(self) -> int:
        return 2 + self.depth * INDENT

    @property
    def bar_top(self) -> int:
        return self.top + len(self.words) * LINE_HEIGHT + 4


def words_of(node: dict[str, Any], by: str = "") -> str:
    """What the families of a node have in common, in words."""
    when = " or ".join(node.get("when", ()))
    return f"{by}: {when}" if when else "All families whose progress is known"


def placed(tree: dict[str, Any]) -> list[Placed]:
    found: list[Placed] = []

    def add(node: dict[str, Any], by: str, depth: int, above: int | None) -> None:
        wide = (WIDTH - depth * INDENT) // 8
        top = found[-1].bar_top + BAR + GAP if found else 2
        words = tuple(textwrap.wrap(words_of(node, by), wide))
        found.append(Placed(words, node["progress"], node["size"], depth, above, top))
        mine = len(found) - 1
        for part in node["parts"]:
            add(part, node["by"], depth + 1, mine)

    add(tree, "", 0, None)
    return found


def tree_svg(tree: dict[str, Any], *, description: str) -> SafeString:
    """The picture, with a title and a description for who does not see it."""
    nodes = placed(tree)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="eh-tree" viewBox="0 0 {} {}" role="img" '
        'aria-labelledby="tree-title tree-words" focusable="false" font-family="{}">'
        '<title id="tree-title">What goes with progress</title><desc id="tree-words">{}</desc>{}</svg>',
        WIDTH,
        nodes[-1].bar_top + BAR + 4,
        FONT,
        description,
        format_html_join("", "{}", ((part,) for node in nodes for part in _drawn(node, nodes))),
    )


def _drawn(node: Placed, nodes: list[Placed]) -> Iterator[SafeString]:
    if node.above is not None:
        parent = nodes[node.above]
        y = node.top + LINE_HEIGHT // 2 + 2
        path = f"M{parent.left + 8},{parent.bar_top + BAR} V{y} H{node.left - 3}"
        yield format_html('<path d="{}" fill="none" stroke="{}"/>', path, QUIET)
    for number, line in enumerate(node.words):
        y = node.top + (number + 1) * LINE_HEIGHT - 4
        text = '<text x="{}" y="{}" font-size="15" font-weight="600" fill="{}">{}</text>'
        yield format_html(text, node.left, y, INK, line)
    whole = WIDTH - 152 - node.depth * INDENT
    bar = '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}"/>'
    yield format_html(bar, node.left, node.bar_top, whole, BAR, "#ffffff", LINE)
    yield format_html(bar, node.left, node.bar_top, round(whole * node.share / 100, 1), BAR, BRAND, BRAND)
    figure = f"{node.share} % of {node.size:,}"
    text = '<text x="{}" y="{}" font-size="14" fill="{}">{}</text>'
    yield format_html(text, node.left + whole + 6, node.bar_top + BAR - 3, INK, figure)
