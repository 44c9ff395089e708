"""What Celery starts: each finds its work in the database, so a lost or doubled message does no harm."""

import uuid

from celery import shared_task

from monitoring import reports


@shared_task(name="monitoring.start_due_reports")
def start_due_reports() -> int:
    """Beat asks every morning; the first of the month has something to start. Returns how many."""
    return len(reports.start_due_reports())


@shared_task(name="monitoring.make_report")
def make_report(run_id: str) -> bool:
    return reports.make_report(uuid.UUID(run_id))
