"""What Celery starts for outcomes: each finds its work in the database, so a lost or doubled message does no harm."""

from celery import shared_task
from django.utils import timezone

from outcomes.surveys.reminders import tell_of_reminders


@shared_task(name="outcomes.tell_of_survey_reminders")
def tell_of_survey_reminders() -> int:
    """Beat asks every morning. Returns how many mails are noted."""
    return tell_of_reminders(timezone.localdate())
