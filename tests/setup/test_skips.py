"""`make test` says what it skipped; under CI=true a skip is a failure."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = {
    "test_one.py": "import pytest\ndef test_one():\n    pytest.skip('no such machine')\ndef test_two():\n    pass\n",
    "test_module.py": "import pytest\npytest.skip('no such package', allow_module_level=True)\n",
}


@pytest.fixture
def inner(tmp_path):
    for name, text in TESTS.items():
        (tmp_path / name).write_text(text)

    def run(ci: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "tests.skips", "-c", "/dev/null", str(tmp_path)],
            env={"PATH": "", "PYTHONPATH": str(ROOT), "CI": ci},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_skip_is_named_with_its_reason(inner):
    done = inner("")
    assert done.returncode == 0, done.stdout
    assert "not run here" in done.stdout
    assert "1 × no such machine" in done.stdout
    assert "1 × no such package" in done.stdout


@pytest.mark.parametrize("which", TESTS)
def test_under_ci_a_skip_fails(inner, which, tmp_path):
    for other in TESTS.keys() - {which}:
        (tmp_path / other).unlink()
    done = inner("true")
    assert done.returncode != 0
    assert "CI=true allows no skip" in done.stdout
