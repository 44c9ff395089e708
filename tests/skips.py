"""A pytest plugin: what was not run is said plainly, and with CI=true it is a failure."""

import os
from collections.abc import Iterator

import pytest


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure where everything a test may need has been installed."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.longrepr = f"{report.nodeid} was skipped, and CI=true allows no skip: {reason(report)}"
        report.outcome = "failed"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    refuse(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    outcome = yield
    refuse(outcome.get_result())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        counts[reason(report)] = counts.get(reason(report), 0) + 1
    if counts:
        terminalreporter.section("not run here")
    for why, count in sorted(counts.items()):
        terminalreporter.line(f"{count} × {why}")
