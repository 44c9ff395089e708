"""What Celery starts. The run is found in the database, so a lost or doubled message does no harm."""

from celery import shared_task

from clusters.directory import sync


@shared_task(name=sync.TASK)
def run_feed(run_id: int) -> bool:
    return sync.run_feed(run_id)
