"""What Celery starts: each finds its work in the database, so a lost or doubled message does no harm."""

import uuid

from celery import shared_task

from monitoring import reports, schedules
from monitoring.extract import services as extracts
from monitoring.quality import services as quality
from monitoring.returns import services as returns
from monitoring.segments import services as segments


@shared_task(name="monitoring.start_due_reports")
def start_due_reports() -> int:
    """Beat asks every morning; the sweep as well, when a day has not been looked at. Returns how many."""
    return len(schedules.start_due_reports())


@shared_task(name="monitoring.make_report")
def make_report(run_id: str) -> bool:
    return reports.make_report(uuid.UUID(run_id))


@shared_task(name="monitoring.check_quality")
def check_quality() -> int:
    """Look for what is to be put right in each Cluster that was not checked for six hours. Returns how many."""
    return quality.check_due()


@shared_task(name="monitoring.make_return")
def make_return(run_id: str) -> bool:
    return returns.make_return(uuid.UUID(run_id))


@shared_task(name="monitoring.make_extract")
def make_extract(pk: str) -> bool:
    return extracts.make_extract(uuid.UUID(pk))


@shared_task(name="monitoring.make_segments")
def make_segments(pk: str) -> bool:
    return segments.make_segments(uuid.UUID(pk))
