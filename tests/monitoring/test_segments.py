"""Need segments: known groups are found again, the worker alone loads what is heavy, managers read them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from sklearn.metrics import adjusted_rand_score

from cases.models import Plan
from cluster_ehs.core import scope
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from monitoring.segments import analysis, services
from monitoring.segments.families import FamilyLine, families, progress_of
from monitoring.segments.views import known_by, shown
from outcomes.readings.scale import Domain
from tests.fixtures_cast import Cast, as_, sign_in
from tests.monitoring.test_dashboard import a_goal, read

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
            progress = random.random() < likely
            facts = {
                "age": random.choice(("under 5", "5 to 10", "11 or older")),
                "children": "one",
                "route": random.choice(("Police", "Mainstream school")),
                "needs": "1 or 2",
                "length": length,
                "service": "family_support",
                "missed": "none",
            }
            lines.append(FamilyLine(frozenset(needs or {KINDS[kind][0]}), facts, progress, read=kind > 1))
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
    assert (result["families"], result["without_needs"], result["known"], result["read"]) == (411, 1, 410, 160)
    assert [group["letter"] for group in result["groups"]] == list("ABCD")
    assert sum(group["size"] for group in result["groups"]) == 410 and result["stable"]
    abuse = next(group for group in result["groups"] if "Family: Domestic abuse" in group["typical"])
    assert abuse["progress"] < 30
    assert result["tree"]["by"] == "Group"
    low = min(result["tree"]["parts"], key=lambda part: part["progress"])
    assert low["when"] == [abuse["letter"]]
    assert shown(result)["known_by"].endswith("readings say it of 160 and goals of 250.")
    older = {key: value for key, value in result.items() if key not in ("known", "read")} | {"scored": 410}
    older["groups"] = [{**group, "scored": group["known"]} for group in result["groups"]]
    assert [group.known for group in shown(older)["groups"]] == [group["known"] for group in result["groups"]]


def a_reading(start: int | None, end: int | None) -> list[dict[str, int | None]]:
    return [{Domain.values[0]: start, Domain.values[1]: 5}, {Domain.values[0]: end, Domain.values[1]: 5}]


@pytest.mark.parametrize(
    ("readings", "rise", "said"),
    [
        ([], None, (None, False)),
        ([], "2", (True, False)),
        ([], "1.9", (False, False)),
        # Two points of one stage are no move, whatever the goals did [L 8].
        ([a_reading(3, 4)], "5", (False, True)),
        ([a_reading(4, 5)], "-3", (True, True)),
        # The latest case that can be compared says it: its own end was not discussed in the first one here.
        ([[{"work": 3}, {"work": None}], a_reading(7, 2)], "5", (False, True)),
        ([[{"work": 3}, {"work": None}]], "2.5", (True, False)),
    ],
)
def test_a_higher_stage_is_progress_and_goals_say_it_where_nothing_was_read_twice(
    readings: list, rise: str | None, said: tuple
) -> None:
    assert progress_of(json.dumps(readings), Decimal(rise) if rise else None) == said


def test_a_number_under_ten_is_not_said() -> None:
    assert not [digit for digit in known_by(204, 7).replace("204", "") if digit.isdigit()]
    assert known_by(204, 7) != known_by(204, 197)


def test_a_manager_asks_the_worker_reads_readings_before_goals_and_nobody_else_may(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for case in (cast.case, cast.restricted_case):
            keys = {"cluster_id": case.cluster_id, "family_id": case.family_id}
            plan = Plan.objects.create(**keys, case=case, agreed_on=today - timedelta(days=12))
            a_goal(plan, None, 1, baseline=3, last=7)
        read(cast.case, start=3, end=4)
    span = {"start": today - timedelta(days=90), "end": today}
    with as_(cast.manager), scope.figures():
        lines = families(clusters=[cast.cluster.pk], **span, today=today)
    assert {(line.progress, line.read) for line in lines} >= {(False, True), (True, False)}
    asked = {"clusters": [cast.cluster], "period_from": span["start"], "period_to": today}
    with as_(cast.leader), pytest.raises(Denied, match="for managers"):
        services.ask_segments(by=cast.leader, **asked)
    with as_(cast.manager):
        run = services.ask_segments(by=cast.manager, **asked)
    assert services.make_segments(run.pk) and not services.make_segments(run.pk), "done once"
    page = sign_in(client, cast.manager).get(f"/reports/segments/{run.pk}/")
    assert page.context["result"]["families"] == len(lines)
    assert "Too few families to group" in page.content.decode()


def test_no_group_and_no_part_of_the_tree_has_fewer_than_ten() -> None:
    lines, _ = made_families((120, 80, 60, 6))
    result = analysis.analyse(lines)
    assert all(group["size"] >= 10 for group in result["groups"])

    def sizes(node: dict) -> list[int]:
        return [node["size"], *(size for part in node["parts"] for size in sizes(part))]

    assert min(sizes(result["tree"])) >= 10
    shares = [(share, group["size"]) for group in result["groups"] for _, share, _ in group["needs"]]
    assert None in [share for share, _ in shares], "of some groups one to nine have a need"
    assert all(share is None or share == 0 or share * size >= 950 for share, size in shares)
    assert shown(result)["groups"], "and the page shows the others"


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
