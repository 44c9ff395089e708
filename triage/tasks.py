"""What Celery starts for screening: each finds its work in the database, so a lost or doubled message does no harm."""

from celery import shared_task
from django.utils import timezone

from triage.alarms import tell_of_long_waits


@shared_task(name="triage.tell_of_long_waits")
def tell_of_long_waits_today() -> int:
    """Beat asks every morning. Returns how many mails are noted."""
    return tell_of_long_waits(timezone.localdate())
