"""What Celery starts. The run is found in the database, so a lost or doubled message does no harm."""

import uuid

from celery import shared_task

from imports import running


@shared_task(name="imports.run_import")
def run_import(run_id: str, cluster_id: int) -> bool:
    return running.run_import(uuid.UUID(run_id), cluster_id)
