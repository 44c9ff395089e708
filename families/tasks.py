"""What Celery starts for files: the work is found in the database, so a lost or doubled message does no harm."""

from celery import shared_task

from families import previews


@shared_task(name="families.make_previews")
def make_previews() -> int:
    return previews.make_previews()
