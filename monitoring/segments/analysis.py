"""Groups of families by their needs, and what goes with progress. The worker alone loads this: it needs scikit-learn.

k-means over needs (each given or not); how many groups is decided by the silhouette: for each family, how much nearer
it is to its own group than to the next, from -1 to 1 (Rousseeuw 1987). Numbers of groups that would leave one with
fewer than ten families are not considered, so no group is small. Stable means that other starting points find the
same: the adjusted Rand index (Hubert and Arabie 1985) of each two of ten runs, 1 being the same groups, 0 chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from clusters.models import Service
from monitoring.segments.chaid import Node, Predictor, Rules, grow
from monitoring.segments.families import AGES, LENGTHS, MISSED, NEEDS, FamilyLine

SMALLEST = 10
FEWEST_FAMILIES = 40
MOST_GROUPS = 9
SEEDS = 10
# From here on ten runs are taken to say the same.
STABLE = 0.8
# Silhouettes of more families than this are estimated from so many of them.
SAMPLE = 2000
# A need that fewer families have is counted under its category.
COMMON = 0.04
UP, NOT_UP = "progress", "little or none"
LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True)
class Groups:
    """labels: the group of each row. tried: number of groups, silhouette, smallest size; both None when it is small."""

    labels: np.ndarray
    number: int
    silhouette: float
    stability: float
    tried: tuple[tuple[int, float | None, int | None], ...]


def _run(matrix: np.ndarray, number: int, seed: int) -> np.ndarray:
    return KMeans(n_clusters=number, n_init=10, random_state=seed).fit_predict(matrix)


# So few figures are done sooner by one core than handed to several, and the machine stays free for others.
@threadpool_limits.wrap(limits=1)
def find_groups(matrix: np.ndarray) -> Groups | None:
    """The groups of rows of noughts and ones; None when no number of groups leaves ten in each."""
    distinct = len(np.unique(matrix, axis=0))
    best: tuple[float, int, np.ndarray] | None = None
    tried: list[tuple[int, float | None, int | None]] = []
    for number in range(2, min(MOST_GROUPS, distinct - 1) + 1):
        labels = _run(matrix, number, 0)
        smallest = int(np.bincount(labels).min())
        if smallest < SMALLEST:
            tried.append((number, None, None))
            continue
        size = min(len(matrix), SAMPLE)
        score = float(silhouette_score(matrix, labels, sample_size=size, random_state=0))
        tried.append((number, score, smallest))
        if best is None or score > best[0]:
            best = (score, number, labels)
    if best is None:
        return None
    score, number, labels = best
    runs = [labels, *(_run(matrix, number, seed) for seed in range(1, SEEDS))]
    agreement = [adjusted_rand_score(one, other) for one, other in combinations(runs, 2)]
    return Groups(labels, number, score, float(np.mean(agreement)), tuple(tried))


def needs_matrix(lines: Sequence[FamilyLine]) -> tuple[np.ndarray, list[str]]:
    """Families by needs. What few have is counted under its category; a category that few have is left out."""
    least = max(SMALLEST, COMMON * len(lines))
    often: dict[str, int] = {}
    for line in lines:
        for need in line.needs:
            often[need] = often.get(need, 0) + 1

    def column(need: str) -> str:
        return need if often[need] >= least else f"{need.split(':')[0]}: anything else"

    rows = [{column(need) for need in line.needs} for line in lines]
    sizes: dict[str, int] = {}
    for row in rows:
        for name in row:
            sizes[name] = sizes.get(name, 0) + 1
    names = sorted(name for name, size in sizes.items() if size >= least)
    return np.array([[name in row for name in names] for row in rows], dtype=float).reshape(
        len(rows), len(names)
    ), names


def analyse(lines: Sequence[FamilyLine]) -> dict[str, Any]:
    """Everything that the page says, as plain figures and words."""
    with_needs = [line for line in lines if line.needs]
    result: dict[str, Any] = {
        "families": len(lines),
        "without_needs": len(lines) - len(with_needs),
        "groups": [],
        "tried": [],
        "tree": None,
        "known": 0,
        "read": 0,
    }
    if len(with_needs) < FEWEST_FAMILIES:
        return {**result, "why_none": "few"}
    matrix, names = needs_matrix(with_needs)
    found = find_groups(matrix) if len(names) > 1 else None
    if found is None:
        return {**result, "why_none": "alike"}
    letters = _letters(found.labels)
    result |= {
        "number": found.number,
        "silhouette": round(found.silhouette, 2),
        "stability": round(found.stability, 2),
        "stable": found.stability >= STABLE,
        "tried": [[n, None if s is None else round(s, 3), small] for n, s, small in found.tried],
        "groups": _groups(matrix, names, letters, with_needs),
    }
    known = [(line, letter) for line, letter in zip(with_needs, letters, strict=True) if line.progress is not None]
    result |= {"known": len(known), "read": sum(line.read for line, _ in known)}
    rows = [{**line.facts, "group": letter, **_kinds(line)} for line, letter in known]
    outcomes = [UP if line.progress else NOT_UP for line, _ in known]
    tree = grow(rows, outcomes, predictors(letters, with_needs), Rules(fewest=3 * SMALLEST, fewest_part=SMALLEST))
    # A tree of so few families says nothing about anybody.
    if len(known) >= SMALLEST:
        result["tree"] = _tree(tree)
    return result


def _letters(labels: np.ndarray) -> list[str]:
    """A for the largest group, and so on."""
    order = np.argsort(-np.bincount(labels), kind="stable")
    name = {int(label): LETTERS[place] for place, label in enumerate(order)}
    return [name[int(label)] for label in labels]


def _groups(
    matrix: np.ndarray, names: Sequence[str], letters: Sequence[str], lines: Sequence[FamilyLine]
) -> list[dict[str, Any]]:
    overall = matrix.mean(axis=0)
    made = []
    for letter in sorted(set(letters)):
        chosen = np.array([each == letter for each in letters])
        share = matrix[chosen].mean(axis=0)
        order = sorted(range(len(names)), key=lambda n: (overall[n] - share[n], names[n]))
        moved = [line.progress for line, mine in zip(lines, chosen, strict=True) if mine and line.progress is not None]
        enough = len(moved) >= SMALLEST
        made.append(
            {
                "letter": letter,
                "size": int(chosen.sum()),
                "typical": [names[n] for n in order if share[n] - overall[n] >= 0.1 and share[n] >= 0.3][:3],
                "needs": [
                    [names[n], _said(share[n], chosen.sum()), round(100 * overall[n])] for n in range(len(names))
                ],
                "known": len(moved) if enough else None,
                "progress": round(100 * sum(moved) / len(moved)) if enough else None,
            }
        )
    return made


def _said(share: float, size: int) -> int | None:
    """Per cent of a group; None when that is one to nine families."""
    return None if 0 < round(share * size) < SMALLEST else round(100 * share)


KINDS = (
    ("has_send", "Special need or disability", "Special need or disability"),
    ("has_family", "A need of the kind “Family”", "Family"),
    ("has_presenting", "A need of the kind “SEMH presenting behaviours”", "SEMH presenting behaviours"),
    ("has_school", "A need of the kind “School”", "School"),
    ("has_environment", "A need of the kind “Environment”", "Environment"),
)


def _kinds(line: FamilyLine) -> dict[str, str]:
    kinds = {need.split(":")[0] for need in line.needs}
    return {key: "yes" if name in kinds else "no" for key, _, name in KINDS}


def predictors(letters: Sequence[str], lines: Sequence[FamilyLine]) -> list[Predictor]:
    """What the tree may split by. Bands have an order; “not known” may stand with any."""

    def named(bands: Sequence[tuple[int, str]]) -> tuple[str, ...]:
        return tuple(name for _, name in bands)

    routes = tuple(sorted({line.facts["route"] for line in lines}))
    return [
        Predictor("group", "Group", tuple(sorted(set(letters)))),
        Predictor("age", "Age of the youngest child referred", (*named(AGES), "not known"), True, "not known"),
        Predictor("children", "Children referred", ("one", "two or more"), True),
        Predictor("needs", "Needs named", named(NEEDS), True),
        Predictor("route", "Who referred", routes),
        Predictor("length", "Length of the case", (*named(LENGTHS), "no case"), True, "no case"),
        Predictor("service", "Service", ("none", *Service.Kind.values, "several")),
        Predictor("missed", "Contacts missed", named(MISSED), True),
        *(Predictor(key, label, ("yes", "no"), True) for key, label, _ in KINDS),
    ]


def _tree(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {"size": node.size, "progress": round(100 * node.counts.get(UP, 0) / node.size), "parts": []}
    if node.split is not None:
        kinds = dict(Service.Kind.choices)
        made |= {
            "by": node.split.predictor.label,
            "p": _chance(node.split.p),
            "parts": [
                {"when": [kinds.get(c, c) for c in group], **_tree(part)}
                for group, part in zip(node.split.parts, node.parts, strict=True)
            ],
        }
    return made


def _chance(p: float) -> str:
    return "less than 1 in 1,000" if p < 0.001 else f"about {max(1, round(1000 * p))} in 1,000"
