"""Where each figure of the genogram stands: generations as rows, couples side by side, children under their parents."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from families.genogram.model import OVER, Descent, Figure, Line, Shape, Tree

STEP = 140  # least distance from middle to middle of two figures in a row
ROUNDS = 24
BY_BIRTH = (Line.BIRTH, Line.ADOPTED)


def generations(tree: Tree) -> dict[str, int]:
    """The row of each figure, 0 the eldest: parents above children, partners and siblings in one row.

    Records that contradict themselves (a partner who is also a parent) are drawn all the same: the first tie wins.
    """
    next_to: dict[str, list[tuple[str, int]]] = defaultdict(list)

    def join(upper: str, lower: str, by: int) -> None:
        next_to[upper].append((lower, by))
        next_to[lower].append((upper, -by))

    for descent in sorted(tree.descents, key=lambda d: (d.line is not Line.BIRTH, d.line, d.child, d.parents)):
        for parent in descent.parents:
            join(parent, descent.child, 2 if descent.line is Line.GRAND else 1)
    for couple in tree.couples:
        join(couple.one, couple.two, 0)
    for beside in tree.besides:
        join(beside.one, beside.two, 0)
    row: dict[str, int] = {}
    starts = sorted(tree.figures, key=lambda f: (not f.index, not f.is_child, not f.home))
    for start in starts:
        if start.key in row:
            continue
        # Alone in the record: children stand with the children, adults with the parents.
        row[start.key] = 0 if start.is_child else -1
        waiting = deque([start.key])
        while waiting:
            here = waiting.popleft()
            for there, by in next_to[here]:
                if there not in row:
                    row[there] = row[here] + by
                    waiting.append(there)
    used = {number: place for place, number in enumerate(sorted(set(row.values())))}
    return {key: used[number] for key, number in row.items()}


def places(tree: Tree, row: dict[str, int]) -> dict[str, float]:
    """x of each figure's middle, at least STEP apart within a row; the leftmost at 0."""
    rows = [[f.key for f in tree.figures if row[f.key] == n] for n in range(max(row.values(), default=-1) + 1)]
    blocks = [_blocks(tree, keys) for keys in rows]
    order = {key: float(n) for level in blocks for n, key in enumerate(_flat(level))}
    parents, children = _kin(tree)
    for sweep in range(6):
        down = sweep % 2 == 0
        for level in blocks if down else blocks[::-1]:
            pull = parents if down else children
            level.sort(key=lambda block: _middle([order[k] for b in block for k in pull[b]], order, block))
            for n, key in enumerate(_flat(level)):
                order[key] = float(n)
            _spread(level, order, parents)
    sequence = [_flat(level) for level in blocks]
    x = {key: n * float(STEP) for keys in sequence for n, key in enumerate(keys)}
    for number in range(ROUNDS):
        for keys in sequence if number % 2 == 0 else sequence[::-1]:
            _settle(keys, x, tree, row)
    left = min(x.values(), default=0.0)
    return {key: round(value - left, 1) for key, value in x.items()}


def _flat(level: Iterable[Sequence[str]]) -> list[str]:
    return [key for block in level for key in block]


def _kin(tree: Tree) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    parents: dict[str, list[str]] = defaultdict(list)
    children: dict[str, list[str]] = defaultdict(list)
    born = {descent.child for descent in tree.descents if descent.line in BY_BIRTH}
    for descent in tree.descents:
        if descent.line in BY_BIRTH or descent.child not in born:
            # Who is cared for elsewhere stands with brothers and sisters all the same.
            parents[descent.child] += descent.parents
        for parent in descent.parents:
            children[parent].append(descent.child)
    for beside in tree.besides:
        # Pulled together in the same row.
        parents[beside.one].append(beside.two)
        parents[beside.two].append(beside.one)
    return parents, children


def _middle(pulls: Sequence[float], order: dict[str, float], block: Sequence[str]) -> tuple[float, float]:
    own = sum(order[key] for key in block) / len(block)
    return (sum(pulls) / len(pulls) if pulls else own, own)


def _spread(level: list[list[str]], order: dict[str, float], parents: dict[str, list[str]]) -> None:
    """Turn a couple round when the parents of both stand the other way round."""
    for block in level:
        if len(block) == 2:
            first, second = ([order[p] for p in parents[key]] for key in block)
            if first and second and sum(first) / len(first) > sum(second) / len(second) + 0.01:
                block.reverse()
    for n, key in enumerate(_flat(level)):
        order[key] = float(n)


def _blocks(tree: Tree, keys: Sequence[str]) -> list[list[str]]:
    """People of one row in groups of those who are or were couples, each group in its order from left to right."""
    figures = {figure.key: figure for figure in tree.figures}
    here = set(keys)
    partners: dict[str, list[tuple[bool, str]]] = defaultdict(list)
    for couple in tree.couples:
        if couple.one in here and couple.two in here:
            over = couple.bond in OVER
            partners[couple.one].append((over, couple.two))
            partners[couple.two].append((over, couple.one))
    done: set[str] = set()
    found = []
    for key in sorted(keys, key=lambda k: (-len(partners[k]), keys.index(k))):
        if key not in done:
            found.append(_block(key, partners, figures, done))
    return sorted(found, key=lambda block: min(keys.index(key) for key in block))


def _block(
    centre: str, partners: dict[str, list[tuple[bool, str]]], figures: dict[str, Figure], done: set[str]
) -> list[str]:
    """Earlier partners to the left, the present one to the right; of one couple the man to the left."""
    done.add(centre)
    left: list[str] = []
    right: list[str] = []
    several = len(partners[centre]) > 1
    for over, other in sorted(partners[centre], reverse=True):
        if other in done:
            continue
        done.add(other)
        if several:
            to_left = over and (not left or bool(right))
        else:
            to_left = figures[other].shape is Shape.SQUARE and figures[centre].shape is not Shape.SQUARE
        side = left if to_left else right
        side.append(other)
        waiting = deque([other])
        while waiting:
            for _, further in sorted(partners[waiting.popleft()], reverse=True):
                if further not in done:
                    done.add(further)
                    side.append(further)
                    waiting.append(further)
    return [*reversed(left), centre, *right]


def _settle(keys: Sequence[str], x: dict[str, float], tree: Tree, row: dict[str, int]) -> None:
    """Move a row towards where its parents and children are, without changing its order."""
    wishes: dict[str, list[float]] = {key: [] for key in keys}
    by_parents: dict[tuple[str, ...], list[Descent]] = defaultdict(list)
    born = {descent.child for descent in tree.descents if descent.line in BY_BIRTH}
    for descent in tree.descents:
        by_parents[descent.parents].append(descent)
    for parents, descents in by_parents.items():
        middle = sum(x[key] for key in parents) / len(parents)
        below = [x[descent.child] for descent in descents]
        centre = (min(below) + max(below)) / 2
        for descent in descents:
            follows = descent.line in BY_BIRTH or descent.child not in born
            if follows and descent.child in wishes and row[descent.child] != row[parents[0]]:
                wishes[descent.child].append(middle + x[descent.child] - centre)
        for parent in parents:
            if parent in wishes:
                wishes[parent].append(centre + x[parent] - middle)
    for couple in tree.couples:
        for one, two in ((couple.one, couple.two), (couple.two, couple.one)):
            if one in wishes and two in wishes:
                wishes[one].append(x[two] + (STEP if x[one] > x[two] else -STEP))
    aims = [sum(wishes[key]) / len(wishes[key]) if wishes[key] else x[key] for key in keys]
    for key, value in zip(keys, _apart(aims), strict=True):
        x[key] = value


def _apart(aims: Sequence[float]) -> list[float]:
    """The places nearest to the aims (least squares) that keep the order and the distance."""
    # Without the distances it is a monotone regression: neighbours that would overtake each other share a mean.
    pools: list[list[float]] = []
    for n, aim in enumerate(aims):
        pools.append([aim - n * STEP, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, weight = pools.pop()
            mean = (pools[-1][0] * pools[-1][1] + value * weight) / (pools[-1][1] + weight)
            pools[-1] = [mean, pools[-1][1] + weight]
    flat = [value for value, weight in pools for _ in range(int(weight))]
    return [value + n * STEP for n, value in enumerate(flat)]
