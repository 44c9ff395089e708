"""Ask who referred for more; the answer puts the referral back on the agenda."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import queue_message
from clusters.models import StaffRole, User
from clusters.notices import tell
from referrals.models import Referral, Status
from triage import policies
from triage.models import AgendaItem, Meeting, Question
from triage.services.endings import lock_referral
from triage.services.meetings import ASKED, put_off, take_back_put_off

DAYS = 14
MOST_DAYS = 60
MOST_TRIES = 20
LONGEST = 5000


@dataclass(frozen=True)
class Asked:
    """What the page without a sign-in shows: the question and whom to ring, nothing of the child."""

    id: UUID
    family_id: UUID
    cluster_id: int
    question: str
    reference: str
    cluster: str
    telephone: str
    due_on: date


class TheReferrer:
    """Who answers by the link, as the history names them: no user stands behind it."""

    pk = None
    actor_name = str(NamedActor.ANSWER)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def ask_referrer(*, by: User, referral: Referral, text: str, due_on: date | None = None) -> Question:
    """Ask who referred. A colleague finds it in My work; outside, a mail without personal data brings a link.

    The referral leaves the agenda until the answer comes, or until the day after `due_on` (in 14 days).

    Raises Denied unless a leader acts, or while harm is feared and CSWS has not been told; Conflict when it is decided
    or a question is open; ValidationError by field.
    """
    referral = lock_referral(referral)
    policies.check_defer(by, referral)
    today = timezone.localdate()
    due_on = due_on or today + timedelta(days=DAYS)
    if not text.strip():
        raise ValidationError({"text": "Enter what you want to know."})
    if not today < due_on <= today + timedelta(days=MOST_DAYS):
        raise ValidationError({"due_on": f"Choose a day after today and within {MOST_DAYS} days."})
    if referral.status != Status.TO_SCREEN:
        raise Conflict("This referral has been decided meanwhile. Load the page again.")
    if Question.objects.filter(referral=referral, answered_at__isnull=True).exists():
        raise Conflict("A question about this referral is open already. Note its answer first.")
    colleague = _colleague(referral)
    token = secrets.token_urlsafe(32) if not colleague and referral.referrer_email else ""
    question = Question.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        referral=referral,
        text=text.strip(),
        asked_by=by,
        asked_at=timezone.now(),
        due_on=due_on,
        to_user=colleague,
        token_digest=digest(token) if token else "",
        while_restricted=referral.family.restricted,
    )
    items = AgendaItem.objects.select_for_update(of=("self",)).filter(referral=referral, deferred_at__isnull=True)
    for item in items.exclude(meeting__status=Meeting.Status.CLOSED).select_related("meeting"):
        put_off(by=by, item=item, reason=f"{ASKED}{text.strip()}", to_kind=item.meeting.kind)
    audit.event(
        by=by, kind="question", text=f"Referral {referral.reference}: asked the referrer for more", about=question
    )
    _send(referral, question, token)
    return question


def _colleague(referral: Referral) -> User | None:
    """Who logged it, while that is staff of the Cluster; what came from outside has a referrer to write to first."""
    if referral.author_id is None or referral.referrer_email:
        return None
    roles = StaffRole.objects.today().filter(user_id=referral.author_id, cluster_id=referral.cluster_id)
    return User.objects.filter(pk=referral.author_id, is_active=True).first() if roles.exists() else None


def _send(referral: Referral, question: Question, token: str) -> None:
    to = question.to_user.email if question.to_user else referral.referrer_email
    if not to:
        return
    path = reverse("referrer-answer", args=[token]) if token else reverse("question", args=[question.pk])
    queue_message(
        key=f"question:{question.pk}",
        to=to,
        subject=f"A question about referral {referral.reference}",
        body=(
            f"The Cluster needs to know more before it can decide on referral {referral.reference}.\n\n"
            f"Read the question and answer it here, by {question.due_on.day} {question.due_on:%B %Y}:\n"
            f"{settings.PUBLIC_URL}{path}\n\n"
            "Please do not answer by e-mail, and do not pass this link on.\n"
        ),
    )


@transaction.atomic
def answer_question(*, by: User, question: Question, answer: str, told_by: str = "") -> Question:
    """Staff of the Cluster answer, or note what the referrer told them. Back to the agenda at once.

    Raises Denied, Conflict when it was answered meanwhile, ValidationError by field.
    """
    policies.check_answer(by, question)
    lock_referral(question.referral)
    question = Question.objects.select_for_update(of=("self",)).select_related("referral").get(pk=question.pk)
    if question.answered_at:
        raise Conflict(f"Answered by {question.answered_by_name} meanwhile. Load the page again.")
    if not answer.strip():
        raise ValidationError({"answer": "Enter the answer."})
    question.answer, question.answered_at = answer.strip(), timezone.now()
    question.answered_by, question.answered_by_name = by, told_by.strip() or by.name
    question.save(update_fields=["answer", "answered_at", "answered_by", "answered_by_name"])
    audit.event(by=by, kind="question", text=f"Answer noted, from {question.answered_by_name}", about=question)
    if question.asked_by_id != by.pk:
        _tell_asker(question)
    take_back_put_off(question.cluster_id)
    return question


def _tell_asker(question: Question) -> None:
    tell(
        question.asked_by,
        key=f"question-answered:{question.pk}",
        subject="A question about a referral is answered",
        text="What you asked about a referral has been answered.",
        url_name="question",
        pk=question.pk,
        about=question,
    )


def find_question(token: str) -> Asked | None:
    """The open question behind a link; None when there is none, or no longer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_question(%s)", [digest(token)])
        row = cursor.fetchone()
    return Asked(*row) if row else None


def answer_by_link(*, asked: Asked, token: str, name: str, answer: str) -> bool:
    """Keep what somebody without a sign-in answers. False when somebody was first, or after too many tries."""
    with acting_as(NamedActor.ANSWER), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ehs_question_answer(%s, %s, %s, %s)",
            [digest(token), name.strip() or "The referrer", answer.strip()[:LONGEST], MOST_TRIES],
        )
        kept = bool(cursor.fetchone()[0])
        if kept:
            about = Question(pk=asked.id, family_id=asked.family_id, cluster_id=asked.cluster_id)
            audit.event(by=TheReferrer(), kind="question", text="The referrer answered by the link", about=about)
    if kept:
        with acting_as(NamedActor.PLANNER, clusters=[asked.cluster_id]):
            for question in Question.objects.filter(pk=asked.id).select_related("asked_by"):
                _tell_asker(question)
    return kept


def school_questions() -> list[Asked]:
    """What is asked of the schools of the person who acts, about referrals that they made; nothing of the child."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_school_questions()")
        return [Asked(*row) for row in cursor.fetchall()]


@transaction.atomic
def answer_from_school(*, by: User, asked: Asked, answer: str) -> None:
    """Keep what a school answers under its own sign-in. Raises ValidationError by field, Conflict when it came late."""
    if not answer.strip():
        raise ValidationError({"answer": "Enter the answer."})
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_school_answer(%s, %s)", [asked.id, answer.strip()[:LONGEST]])
        kept = bool(cursor.fetchone()[0])
    if not kept:
        raise Conflict("This question was answered meanwhile, or its day has passed. Ring the Cluster.")
    about = Question(pk=asked.id, family_id=asked.family_id, cluster_id=asked.cluster_id)
    audit.event(by=by, kind="question", text="The school answered under its sign-in", about=about)
