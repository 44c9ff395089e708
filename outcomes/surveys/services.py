"""Writing: draw, send, remind, note who does not want to be asked, enter paper, end. Answers go by the database."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, act_as_user, acting_as
from clusters.changes import record
from clusters.models import Service, User
from families.models import Family
from outcomes.family_page.services import LETTERS, digest
from outcomes.measures.models import Instrument
from outcomes.surveys import policies
from outcomes.surveys.drawing import draw
from outcomes.surveys.models import Survey, SurveyInvitation, SurveyStratum
from outcomes.surveys.population import population

log = logging.getLogger(__name__)

MOST_TRIES = 8
State = SurveyInvitation.State


@dataclass(frozen=True)
class Plan:
    """What a manager or leader decides before the draw."""

    title: str
    clusters: Collection[int]
    services: list[Service]
    starts_on: date
    ends_on: date
    wanted: int
    answer_until: date
    instruments: list[Instrument]
    questions: list[dict[str, Any]]
    first_reminder_on: date | None = None
    second_reminder_on: date | None = None
    seed: int | None = None
    # Another number than `wanted` for a service, by its key.
    wanted_of: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """An invitation with what opens it: shown or printed once, only digests are kept."""

    invitation: SurveyInvitation
    token: str
    code: str


@dataclass(frozen=True)
class Door:
    id: UUID
    survey_id: int


@transaction.atomic
def draw_survey(*, by: User, plan: Plan) -> Survey:
    """Draw the sample of each service. Raises Denied, ValidationError by field."""
    policies.check_draw(by, plan.clusters)
    today = timezone.localdate()
    if plan.ends_on < plan.starts_on:
        raise ValidationError({"ends_on": "The period must not end before it begins"})
    if plan.answer_until <= today:
        raise ValidationError({"answer_until": "The last day for answers must be after today"})
    if not plan.instruments and not plan.questions:
        raise ValidationError({"instruments": "Choose what is asked, or write a question of your own"})
    seed = plan.seed if plan.seed is not None else secrets.randbelow(1_000_000)
    with acting_as(NamedActor.SURVEY, clusters=sorted(plan.clusters)):
        strata = population(clusters=plan.clusters, services=plan.services, start=plan.starts_on, end=plan.ends_on)
        clusters_of = _clusters({key for stratum in strata for key in stratum.families})
        wanted = {stratum.service.code: plan.wanted_of.get(stratum.service.pk, plan.wanted) for stratum in strata}
        chosen = draw(seed, {stratum.service.code: stratum.families for stratum in strata}, wanted)
        if not any(chosen.values()):
            raise ValidationError({"services": "No family can be asked: none had these services in that period"})
        survey = Survey.objects.create(
            title=plan.title.strip(),
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            cluster_ids=sorted(plan.clusters),
            seed=seed,
            wanted=plan.wanted,
            instrument_ids=[each.pk for each in plan.instruments],
            questions=plan.questions,
            answer_until=plan.answer_until,
            first_reminder_on=plan.first_reminder_on,
            second_reminder_on=plan.second_reminder_on,
            drawn_by=by,
            drawn_at=timezone.now(),
        )
        for stratum in strata:
            keys = chosen[stratum.service.code]
            made = SurveyStratum.objects.create(
                survey=survey,
                service=stratum.service,
                population=len(stratum.families),
                wanted=plan.wanted_of.get(stratum.service.pk),
                drawn=len(keys),
                excluded=stratum.excluded,
            )
            SurveyInvitation.objects.bulk_create(
                SurveyInvitation(survey=survey, stratum=made, family_id=UUID(key), cluster_id=clusters_of[key])
                for key in keys
            )
    act_as_user(by.pk)
    number = sum(len(keys) for keys in chosen.values())
    record(by=by, kind="survey", text=f"Drew {number} families for the survey {survey.title}", about=survey)
    return survey


def _clusters(families: Collection[str]) -> dict[str, int]:
    rows = Family.objects.filter(pk__in=families)
    return {str(pk): cluster for pk, cluster in rows.values_list("pk", "cluster_id")}


def _locked(by: User, invitations: Iterable[UUID]) -> list[SurveyInvitation]:
    rows = SurveyInvitation.objects.select_for_update(of=("self",)).select_related("survey").filter(pk__in=invitations)
    found = list(rows)
    for invitation in found:
        policies.check_send(by, invitation.survey)
        policies.check_runs(invitation.survey)
    return found


def lacks_reminder(survey: Survey, invitation: SurveyInvitation, *, today: date | None = None) -> bool:
    """Whether a link or letter that is sent today reminds the family."""
    if invitation.state != State.SENT or invitation.sent_on is None:
        return False
    day = today or timezone.localdate()
    return invitation.reminders < survey.reminders_due(asked_on=invitation.sent_on, today=day)


@transaction.atomic
def send(*, by: User, invitations: Iterable[UUID], way: str) -> list[Sent]:
    """Make link and code of each; what was made before opens nothing any more. Raises Denied, Conflict.

    It counts as a reminder when the day of one has come since the family was asked.
    """
    sent = []
    for invitation in _locked(by, invitations):
        policies.check_takes_answers(invitation.survey)
        reminder = lacks_reminder(invitation.survey, invitation)
        if invitation.state not in (State.DRAWN, State.SENT):
            raise Conflict("This family has answered, or does not want to be asked.")
        token = secrets.token_urlsafe(24)
        code = "".join(secrets.choice(LETTERS) for _ in range(6))
        invitation.token_digest, invitation.code_digest = digest(token), make_password(code)
        invitation.tries, invitation.way = 0, way
        if invitation.sent_on is None:
            invitation.sent_on = timezone.localdate()
        elif reminder:
            invitation.reminders += 1
        invitation.state = State.SENT
        invitation.save()
        text = f"{'Reminded of' if reminder else 'Asked in'} the survey {invitation.survey.title}, by {way}"
        audit.event(by=by, kind="survey.sent", text=text, about=invitation)
        sent.append(Sent(invitation, token, f"{code[:3]} {code[3:]}"))
    return sent


@transaction.atomic
def decline(*, by: User, invitation: SurveyInvitation) -> None:
    """The family does not want to be asked, now or in a later survey. Raises Denied, Conflict."""
    for found in _locked(by, [invitation.pk]):
        if found.state == State.ANSWERED:
            raise Conflict("This family has answered.")
        found.state, found.token_digest, found.code_digest = State.DECLINED, None, ""
        found.save()
        audit.event(by=by, kind="survey.declined", text="Does not want to be asked in surveys", about=found)


@transaction.atomic
def end_survey(*, by: User, survey: Survey) -> None:
    """No link opens any more. Raises Denied."""
    policies.check_end(by, survey)
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    if survey.ended_at is None:
        survey.ended_at = timezone.now()
        survey.save(update_fields=["ended_at"])
        record(by=by, kind="survey", text=f"Ended the survey {survey.title}", about=survey)


@transaction.atomic
def translate_questions(*, by: User, survey: Survey, texts: Mapping[str, Mapping[str, str]]) -> None:
    """Keep what somebody who reads a language wrote for the authority's own questions. texts: by question, language.

    An empty text takes a translation away: the question is shown in English then. Raises Denied, Conflict.
    """
    policies.check_end(by, survey)
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    policies.check_runs(survey)
    survey.questions = [
        {**own, "in": {slug: text.strip() for slug, text in texts.get(own["key"], {}).items() if text.strip()}}
        for own in survey.questions
    ]
    survey.save(update_fields=["questions"])
    record(by=by, kind="survey", text=f"Translated the questions of the survey {survey.title}", about=survey)


# --- answers ---
def find_door(token: str) -> Door | None:
    """The survey behind a link; None when there is none, or no longer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, survey_id FROM ehs_survey_door(%s)", [digest(token)])
        row = cursor.fetchone()
    return Door(*row) if row else None


def try_code(door: Door, code: str) -> str | None:
    """The kept digest when the code is right, empty when it is wrong, None when it was tried too often."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_survey_try(%s, %s)", [door.id, MOST_TRIES])
        kept = cursor.fetchone()[0]
    if kept is None:
        log.warning("a code was refused: too often")
        return None
    if check_password("".join(code.upper().split()), kept):
        return str(kept)
    log.warning("a code was refused: wrong")
    return ""


def answer(invitation_id: UUID, answers: Mapping[str, Any], *, share: bool, proof: str = "") -> bool:
    """Keep the answers apart from the family, and note that it has answered. False when it was answered or has ended.

    proof: the digest of the code, for an answer by link; empty for paper, which who writes in the Cluster enters.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ehs_survey_answer(%s, %s, %s::jsonb, %s)", [invitation_id, proof, json.dumps(answers), share]
        )
        return bool(cursor.fetchone()[0])


@transaction.atomic
def enter_paper(*, by: User, invitation: SurveyInvitation, answers: Mapping[str, Any], share: bool) -> None:
    """What came back on paper. Raises Denied, Conflict when it was answered already."""
    policies.check_send(by, invitation.survey)
    policies.check_runs(invitation.survey)
    if not answer(invitation.pk, answers, share=share):
        raise Conflict("This family has answered already, or does not want to be asked.")
    audit.event(by=by, kind="survey.paper", text="Entered a survey that came back on paper", about=invitation)


def response(survey: Survey) -> dict[int, dict[str, int]]:
    """Invitations by stratum and state, counted in the scope that the caller has."""
    rows = SurveyInvitation.objects.filter(survey=survey).values_list("stratum_id", "state").annotate(n=Count("pk"))
    found: dict[int, dict[str, int]] = {}
    for stratum, state, number in rows:
        found.setdefault(stratum, {})[state] = number
    return found
