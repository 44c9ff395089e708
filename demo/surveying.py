"""A survey of the last half year: drawn, sent, answered by some by link and on paper."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password

from cluster_ehs.core.scope import acting_as_user
from clusters.models import Service
from demo.clock import as_of, moment
from demo.ground import World
from demo.sign_ins import SURVEY_CODE, SURVEY_TOKEN
from outcomes.family_page.services import digest
from outcomes.models import Instrument, Survey, SurveyInvitation
from outcomes.surveys.questions import READY, WORDS, questions_of
from outcomes.surveys.services import Plan, draw_survey, enter_paper, send

IN_ROMANIAN = "Ce ar trebui să spunem școlii?"
WORDS_SAID = (
    "By letting us have it longer.",
    "More sessions, please.",
    "Ring when you are late.",
    "Nothing, it was good.",
    "A group for dads.",
    "Evenings would be easier.",
    "It helped me to make sense of things.",
)


def survey(world: World) -> None:
    """Drawn by the manager three weeks ago; two thirds are asked, of these most have answered."""
    manager, dee, today = world.staff["mo"], world.staff["dee"], world.today
    random = Random(11)  # noqa: S311 - a story, not a secret
    asked_on = world.workday(today - timedelta(days=20))
    with acting_as_user(manager.pk), as_of(moment(asked_on, 9)):
        drawn = draw_survey(
            by=manager,
            plan=Plan(
                title="How was the help? This half year",
                clusters=[world.cluster.pk],
                services=list(Service.objects.filter(cluster=None, retired_on=None)),
                starts_on=today - timedelta(days=182),
                ends_on=asked_on,
                wanted=12,
                wanted_of={each.pk: 20 for each in Service.objects.filter(cluster=None, kind="family_support")},
                answer_until=today + timedelta(days=25),
                instruments=list(Instrument.objects.filter(code__in=["ons4", "impact", "recommend"])),
                questions=[
                    *({"key": key, **READY[key]} for key in ("reach", "better")),
                    {"key": "1", "text": "What should we tell the school?", "kind": WORDS, "in": {"ro": IN_ROMANIAN}},
                ],
                first_reminder_on=today - timedelta(days=1),
                second_reminder_on=today + timedelta(days=12),
                seed=2021,
            ),
        )
    with acting_as_user(dee.pk), as_of(moment(asked_on, 14)):
        invitations = list(SurveyInvitation.objects.filter(survey=drawn).order_by("stratum_id", "pk"))
        to_send = [each for number, each in enumerate(invitations) if number % 6 != 5]
        send(by=dee, invitations=[each.pk for each in to_send], way="letter")
    with acting_as_user(dee.pk), as_of(moment(today - timedelta(days=4), 10)):
        for number, each in enumerate(to_send[1:]):
            if number % 3 != 2:
                enter_paper(by=dee, invitation=each, answers=_said(drawn, random), share=number == 0)
        SurveyInvitation.objects.filter(pk=to_send[0].pk).update(
            token_digest=digest(SURVEY_TOKEN), code_digest=make_password(SURVEY_CODE)
        )


def _said(drawn: Survey, random: Random) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for question in questions_of(drawn):
        if question.item is None:
            if random.random() < 0.6:
                answers[question.key] = random.choice(WORDS_SAID)
        elif random.random() < 0.08:
            answers[question.key] = None
        elif question.item.choices:
            answers[question.key] = random.choice((4, 4, 4, 3, 3, 2))
        else:
            answers[question.key] = random.choice((3, 2, 4) if "anxiety" in question.key else (5, 6, 7, 7, 8, 9))
    return answers
