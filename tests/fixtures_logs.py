"""Every line that the program logs while it is tested, as production writes it, and a look in each for invented names.

A test that makes the program log a name fails, whatever else it is about.
"""

import ast
import functools
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster_ehs.core.logs import JsonLines

TESTS = Path(__file__).parent
# Under which words a name is given to a person, a family or a member of staff, in tests and in the demonstration.
NAMED = frozenset(
    [
        "first_name",
        "last_name",
        "known_as",
        "other_names",
        "name",
        "child_first_name",
        "child_last_name",
        "referrer_name",
        "to_name",
        "referrer_email",
        "email",
        "address",
        "postcode",
        "worker_name",
        "parent_name",
        "carer_name",
    ]
)
MAKERS = frozenset({"a_person", "a_family", "a_user", "Person", "Family"})
# Invented names that are ordinary words of the program's own sentences and places, too.
ORDINARY = frozenset(
    [
        "Example",
        "Invented",
        "Elsewhere",
        "Report",
        "Cluster",
        "Test",
        "File",
        "Directory",
        "Feed",
        "Person",
        "Family",
        "Other",
    ]
)
WORD = re.compile(r"[^\W\d_]{4,}(?:[-'’][^\W\d_]+)*")


def _texts(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in NAMED:
            yield from _constants(node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in NAMED:
                    yield from _constants(value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            for argument in node.args:
                yield from _constants(argument)


def _constants(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


@functools.cache
def invented_names() -> re.Pattern[str]:
    """Names of people and families that the tests make, as one pattern of whole words that begin with a capital."""
    found = {
        word
        for path in TESTS.rglob("*.py")
        for text in _texts(path.read_text())
        for word in WORD.findall(text)
        if word[0].isupper() and not word.isupper() and word not in ORDINARY
    }
    return re.compile(r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, found), key=len, reverse=True)) + r")(?!\w)")


class Lines(logging.Handler):
    """Keeps what was logged since it was last looked at."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def look(self) -> list[str]:
        """The lines with a name in them; the rest are forgotten."""
        lines, self.lines = self.lines, []
        return [line for line in lines if invented_names().search(line)]


logged = Lines()


@pytest.fixture(scope="session", autouse=True)
def _every_line() -> Iterator[None]:
    logging.getLogger().addHandler(logged)
    yield
    logging.getLogger().removeHandler(logged)


@pytest.fixture(autouse=True)
def _no_name_in_the_log(_every_line: None) -> Iterator[None]:
    """Each test looks through its own lines, so that it holds for every process of the tests."""
    logged.lines.clear()
    yield
    named = logged.look()
    assert not named, "the log names somebody:\n" + "\n".join(named)
