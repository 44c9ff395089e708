"""A pytest plugin: which tests share a worker, and which go first, so that none builds twice and none idles at the end.

The tests of a file stay together: what a module makes (the demonstration, the walked surface) is made once. Tests that
take long by themselves are dealt out one by one. The browser's come last: its event loop stays in the process.
"""

import re
import time
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ONE_BY_ONE = ("tests/test_access.py",)
# Of the browser's tests none builds anything for the next.
IN_A_BROWSER = re.compile(r"\[chromium\b")
# Whatever takes over ten seconds, the longest first. What is long and not named here may stand alone at the end.
LONGEST = (
    "tests/escapes/test_surface.py",
    "tests/demo/",
    "tests/setup/test_backup.py",
    "tests/test_access.py::test_the_answers",
    "tests/faults/",
    "tests/api/test_document.py",
    "tests/families/test_pairs.py",
    "tests/core/test_drafts_property.py",
    "tests/setup/",
    "tests/test_double_submit.py",
    "tests/monitoring/test_report_worker.py",
    "tests/core/test_drafts_everywhere.py",
    "tests/keeping/test_scrub.py",
    "tests/core/test_technical.py",
    # The browser's.
    "tests/browser/test_long_journey.py",
    "tests/browser/test_every_page.py",
    "tests/triage/test_board_browser.py",
    "tests/browser/test_contact_on_a_phone.py",
    "tests/browser/test_formulation.py",
    "tests/browser/test_public_form.py",
    "tests/browser/test_people.py",
    "tests/browser/test_supervision.py",
    "tests/browser/test_sessions_on_a_phone.py",
    "tests/browser/test_merge.py",
)


def unit(nodeid: str) -> str:
    """What one worker does in one go: a file, or one test of a long file or in the browser."""
    alone = nodeid.startswith(ONE_BY_ONE) or IN_A_BROWSER.search(nodeid)
    return nodeid if alone else nodeid.split("::")[0]


def rank(nodeid: str) -> int:
    return next((place for place, start in enumerate(LONGEST) if nodeid.startswith(start)), len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    browsers = {unit(item.nodeid) for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: (unit(item.nodeid) in browsers, rank(item.nodeid)))


class LongestFirst(LoadScopeScheduling):
    """Deals out units in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst:
    config.option.loadscopereorder = False
    return LongestFirst(config, log)


# When each worker had nothing more to do, by its name.
ENDED: dict[str, float] = {}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    ENDED[node.gateway.id] = time.monotonic()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long workers had nothing to do while another still worked: what stands too late in LONGEST shows here."""
    last = max(ENDED.values(), default=0)
    for name, ended in sorted(ENDED.items()):
        if ended < last:
            terminalreporter.line(f"{name} ended {last - ended:.0f} s before the last worker")
