"""What Celery starts: each finds its work in the database, so a lost or doubled message does no harm."""

import uuid

from celery import shared_task

from keeping.subject_access import services as subject_access


@shared_task(name="keeping.do_access_job")
def do_access_job(pk: str) -> bool:
    return subject_access.do(uuid.UUID(pk))
