"""Every line that the program logs while it is tested, as production writes it, and a look in each for invented names.

A test that makes the program log a name fails, whatever else it is about: in its own process, in what was made for it
before, and in the servers, workers and commands that it started, whose lines come out on the error stream. At the end
each worker says how many lines it has looked through, and a run of many tests with hardly a line is a failure.
"""

import ast
import functools
import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster_ehs.core.logs import JsonLines
from demo.names import COMMUNITIES

TESTS = Path(__file__).parent
# Hundreds of tests that ask for pages leave thousands of lines.
MANY_TESTS, FEWEST_LINES = 500, 1000
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
        "Baby",
        "Cluster",
        "Directory",
        "Elsewhere",
        "Example",
        "Family",
        "Feed",
        "File",
        "Invented",
        "Log",
        "New",
        "Not",
        "One",
        "Other",
        "Person",
        "Report",
        "Road",
        "Row",
        "Street",
        "Test",
        "The",
        "Two",
        "Use",
        "Worker",
    ]
)
WORD = re.compile(r"[^\W\d_]{3,}(?:[-'’][^\W\d_]+)*")
# A line of the program, as production or as development writes it.
LINE = re.compile(r"\{\"at\": |\d\d:\d\d:\d\d [A-Z]+ \S+ ")


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


def _of_the_demonstration() -> Iterator[str]:
    for c in COMMUNITIES:
        yield from (*c.girls, *c.boys, *c.women, *c.men, *(name for names in c.last for name in names))


def _is_name(word: str) -> bool:
    """Begins with a capital, or is of a script that has none."""
    return (
        word[0].isalpha() and not word[0].islower() and (len(word) > 3 or word[1:].islower()) and word not in ORDINARY
    )


@functools.cache
def invented_names() -> re.Pattern[str]:
    """Names of people and families of the tests and the demonstration, as one pattern of whole words."""
    texts: list[str] = [text for path in TESTS.rglob("*.py") for text in _texts(path.read_text())]
    texts += _of_the_demonstration()
    found = {word for text in texts for word in WORD.findall(text) if _is_name(word) and not word.isupper()}
    return re.compile(r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, found), key=len, reverse=True)) + r")(?!\w)")


def how_many_names() -> int:
    return invented_names().pattern.count("|") + 1


def naming(lines: Iterable[str]) -> list[str]:
    """The lines of a log with a name in them; what is no line of the program's log is passed over."""
    return [line for line in lines if LINE.match(line) and invented_names().search(line)]


class Lines(logging.Handler):
    """Keeps what was logged since it was last looked at, and counts all."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
        self.count += 1

    def look(self) -> list[str]:
        """The lines with a name in them; the rest are forgotten."""
        lines, self.lines = self.lines, []
        return naming(lines)


logged = Lines()
# What the workers have told of themselves: tests run, lines looked through; and how many names they looked for.
TOLD: list[tuple[int, int]] = []
NAMES: list[int] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before each test, since whatever sets up logging anew, a command's module or Celery, takes handlers away."""
    root = logging.getLogger()
    if logged not in root.handlers:
        root.addHandler(logged)


@pytest.fixture(autouse=True)
def _no_name_in_the_log() -> Iterator[None]:
    """Each test looks through its own lines and those before it: of what is made for a whole module, for one."""
    before = logged.look()
    yield
    named = before + logged.look()
    assert not named, "the log names somebody:\n" + "\n".join(named)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """What processes of its own have written is known when a test has ended."""
    outcome: Any = yield
    if call.when == "teardown":
        report = outcome.get_result()
        if named := naming(report.capstderr.splitlines()):
            report.outcome, report.longrepr = "failed", "the error stream names somebody:\n" + "\n".join(named)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if "looked_through" in (getattr(node, "workeroutput", None) or {}):
        TOLD.append(node.workeroutput["looked_through"])
        NAMES.append(node.workeroutput["names"])


def too_few(told: list[tuple[int, int]]) -> bool:
    """Whether a worker has run many tests and heard hardly anything."""
    return any(tests > MANY_TESTS and lines < FEWEST_LINES for tests, lines in told)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    own = (session.testscollected, logged.count)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput.update(looked_through=own, names=how_many_names())
        return
    TOLD[:] = TOLD or [own]
    # The process that deals out the tests has not read them: its workers have.
    NAMES[:] = NAMES or [how_many_names()]
    if too_few(TOLD):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = " + ".join(str(lines) for _, lines in TOLD)
    terminalreporter.line(f"{min(NAMES, default=0)} invented names were looked for in {lines} lines of logs")
    if too_few(TOLD):
        terminalreporter.line("Too few lines for so many tests: the log was not looked through", red=True)
