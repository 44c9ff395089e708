"""What a run says, taken once and kept: its report's tables beside those of the period before."""

from typing import Any

from monitoring.models import ReportRun
from monitoring.shapes import Period
from monitoring.suite import BY_KEY
from monitoring.suite.engine import snapshot_of
from monitoring.suite.outside import for_outside
from monitoring.suite.shapes import Asked


def asked_of(run: ReportRun) -> Asked:
    """What the run was asked, with the names that its Clusters had then."""
    return Asked(tuple(run.cluster_ids), tuple(run.cluster_names), Period(run.period_from, run.period_to), run.as_at)


def take_snapshot(run: ReportRun) -> dict[str, Any]:
    """The figures of a run, as at the moment it was asked for. The caller opens the scope.

    For outside without the period before: its days may have been given out by themselves.
    """
    snapshot = snapshot_of(BY_KEY[run.report], asked_of(run), compare=not run.outside)
    return for_outside(snapshot) if run.outside else snapshot
