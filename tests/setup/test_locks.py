"""What is installed is locked by hash, carries its reason, and names no place it came from."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "package-lock.json")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def declared() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["dependencies"] + project["optional-dependencies"]["dev"]


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_address_or_a_machine(name):
    text = (ROOT / name).read_text()
    # npm's own field for who pays for a package is content of the package, not where it comes from.
    text = re.sub(r'"funding": (\{[^}]*\}|\[[^\]]*\])', "", text)
    assert not re.search(r"https?://|file:|--index-url|--find-links|\"resolved\"", text)


@pytest.mark.parametrize("name", LOCKS[:2])
def test_every_locked_package_has_hashes(name):
    text = (ROOT / name).read_text()
    for entry in re.split(r"\n(?=[\w.-]+==)", text):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_every_npm_package_has_its_digest():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all("integrity" in package for path, package in packages.items() if path)


def test_each_declared_dependency_is_locked_and_both_locks_agree():
    names = {normal(re.split(r"[\[<>=~! ]", line)[0]) for line in declared()}
    everything, program = locked("requirements-dev.txt"), locked("requirements.txt")
    assert names <= {normal(name) for name in everything}
    assert program.items() <= everything.items()


def test_each_dependency_has_a_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text()
    for line in declared():
        assert re.search(rf'"{re.escape(line)}",\s+# \S+', text), line
