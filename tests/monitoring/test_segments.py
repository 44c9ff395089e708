"""Need segments: known groups are found again, the worker alone loads what is heavy, managers read them."""

import subprocess
import sys
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from monitoring.segments import analysis
from monitoring.segments.families import FamilyLine

# Four kinds of family, as [L 9.1] found them: who needs what.
KINDS = (
    ("Family: SEMH (parent/carer)", "Family: Parenting", "Environment: Finance/debt"),
    ("Family: Domestic abuse", "SEMH cause: Trauma", "SEMH presenting behaviours: Anger"),
    ("Special need or disability: diagnosed", "SEMH cause: ADHD/ASC query", "School: Exclusion risk"),
    ("School: Attendance", "SEMH presenting behaviours: Anxiety"),
)
ALL = sorted({need for kind in KINDS for need in kind})


def made_families(sizes: Sequence[int], *, noise: float = 0.06, seed: int = 3) -> tuple[list[FamilyLine], list[int]]:
    random = Random(seed)
    lines, truth = [], []
    for kind, size in enumerate(sizes):
        for _ in range(size):
            needs = {need for need in ALL if (random.random() < (1 - 2 * noise if need in KINDS[kind] else noise))}
            # Of the second kind, half make progress when it is the first half year; of the others most do.
            length = random.choice(("under 3 months", "3 to 6 months", "over 6 months"))
            likely = 0.85 if kind != 1 else 0.15
            change = 3.0 if random.random() < likely else 0.5
            facts = {
                "age": random.choice(("under 5", "5 to 10", "11 or older")),
                "children": "one",
                "route": random.choice(("Police", "Mainstream school")),
                "needs": "1 or 2",
                "length": length,
                "service": "family_support",
                "missed": "none",
            }
            lines.append(FamilyLine(frozenset(needs or {KINDS[kind][0]}), facts, change))
            truth.append(kind)
    return lines, truth


@pytest.mark.parametrize("seed", [1, 2])
def test_known_groups_are_found_again(seed: int) -> None:
    lines, truth = made_families((140, 110, 90, 70), seed=seed)
    matrix, names = analysis.needs_matrix(lines)
    found = analysis.find_groups(matrix)
    assert found is not None and set(names) == set(ALL)
    assert found.number == 4
    assert adjusted_rand_score(truth, found.labels) >= 0.9
    assert found.stability >= 0.95


def test_what_is_said_of_the_groups_and_of_progress() -> None:
    lines, _ = made_families((140, 110, 90, 70))
    result = analysis.analyse([*lines, FamilyLine(frozenset(), lines[0].facts, None)])
    assert (result["families"], result["without_needs"], result["scored"]) == (411, 1, 410)
    assert [group["letter"] for group in result["groups"]] == list("ABCD")
    assert sum(group["size"] for group in result["groups"]) == 410 and result["stable"]
    abuse = next(group for group in result["groups"] if "Family: Domestic abuse" in group["typical"])
    assert abuse["progress"] < 30
    assert result["tree"]["by"] == "Group"
    low = min(result["tree"]["parts"], key=lambda part: part["progress"])
    assert low["when"] == [abuse["letter"]]


def test_no_group_and_no_part_of_the_tree_has_fewer_than_ten() -> None:
    lines, _ = made_families((120, 80, 60, 6))
    result = analysis.analyse(lines)
    assert all(group["size"] >= 10 for group in result["groups"])

    def sizes(node: dict) -> list[int]:
        return [node["size"], *(size for part in node["parts"] for size in sizes(part))]

    assert min(sizes(result["tree"])) >= 10


def test_families_without_groups_are_said_not_to_be_stable_or_clear() -> None:
    random = np.random.default_rng(7)
    found = analysis.find_groups((random.random((300, 12)) < 0.3).astype(float))
    assert found is not None
    assert found.silhouette < 0.25 and found.stability < analysis.STABLE


def test_few_families_are_not_grouped() -> None:
    lines, _ = made_families((10, 9, 8, 7))
    assert analysis.analyse(lines)["why_none"] == "few"
    same = [FamilyLine(frozenset({"School: Attendance"}), lines[0].facts, None)] * 60
    assert analysis.analyse(same)["why_none"] == "alike"


def test_neither_the_web_nor_a_command_loads_what_is_heavy() -> None:
    """Asked of a fresh process that has loaded every address, every task and the command line."""
    script = (
        "import sys, django; from importlib import import_module; django.setup(); import_module('cluster_ehs.urls');"
        "import_module('cluster_ehs.wsgi'); import_module('monitoring.tasks');"
        "print([name for name in ('sklearn', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
