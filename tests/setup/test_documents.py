"""What the documents on security name is there, and no point of the standard is passed over."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Points of level 1 and 2 in each chapter of ASVS 5.0.0.
POINTS = dict(enumerate([27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7], start=1))
FILE = re.compile(r"`((?:tests|docs|deploy|core|clusters|families|keeping|monitoring|scripts)/[\w./*-]*)`")
POINT = re.compile(r"\| V(\d+)\.\d+\.\d+(?: to V[\d.]+ \((\d+)\))? \| .+ \| .+ \| .+ \|")


@pytest.mark.parametrize("name", ["security.md", "asvs.md", "privacy.md", "operations.md"])
def test_each_file_that_is_named_is_there(name: str) -> None:
    named = {re.sub("^core/", "cluster_ehs/core/", path) for path in FILE.findall((ROOT / "docs" / name).read_text())}
    assert not [path for path in named if not list(ROOT.glob(path))]


def test_every_point_of_levels_one_and_two_has_its_answer() -> None:
    answered = dict.fromkeys(POINTS, 0)
    for chapter, count in POINT.findall((ROOT / "docs" / "asvs.md").read_text()):
        answered[int(chapter)] += int(count or 1)
    assert answered == POINTS
