"""On the day of a reminder whoever leads the Cluster is told how many families are to be reminded, not which."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.conf import settings
from django.urls import reverse

from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import queue_message
from families.alerts import people_to_tell
from outcomes.surveys.models import Survey, SurveyInvitation
from outcomes.surveys.services import lacks_reminder


def tell_of_reminders(today: date) -> int:
    """Note one mail per leader, survey and reminder. Returns how many were noted; a second run notes none anew.

    A day on which the scheduler did not run is made good with the next.
    """
    told = 0
    for survey in Survey.objects.filter(ended_at=None, answer_until__gte=today, first_reminder_on__lte=today):
        with acting_as(NamedActor.SCHEDULER):
            asked = SurveyInvitation.objects.filter(
                survey=survey, state=SurveyInvitation.State.SENT, family__restricted=False
            )
            waiting = Counter(each.cluster_id for each in asked if lacks_reminder(survey, each, today=today))
        second = survey.second_reminder_on is not None and survey.second_reminder_on <= today
        for cluster_id, number in sorted(waiting.items()):
            told += _tell(survey, 2 if second else 1, cluster_id, number)
    return told


def _tell(survey: Survey, due: int, cluster_id: int, number: int) -> int:
    path = reverse("survey-families", args=[survey.pk])
    leaders = people_to_tell(cluster_id=cluster_id, restricted=False)
    families = "One family has" if number == 1 else f"{number} families have"
    for leader in leaders:
        queue_message(
            key=f"survey-reminder:{survey.pk}:{due}:{cluster_id}:{leader.pk}",
            to=leader.email or "",
            subject="Families are to be reminded of a survey",
            body=f"{families} not answered “{survey.title}” yet, and the day of the reminder has come. Sign in to "
            f"print the letters: {settings.PUBLIC_URL}{path}",
            user_id=leader.pk,
            url=path,
        )
    return len(leaders)
