"""Unfinished answers of the public form: a row that only the sender's cookie finds and opens."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cluster_ehs.core.audit import Named
from cluster_ehs.core.boxes import Box
from cluster_ehs.core.scope import NamedActor, acting_as
from referrals.public.models import PublicDraft

COOKIE = f"{settings.HOST_COOKIE_PREFIX}ask"
LASTS = timedelta(hours=2)
THE_FORM = Named(str(NamedActor.PUBLIC_FORM))


@dataclass
class Answers:
    """What was answered so far. `steps`: what the browser sent, by step. `chosen`: worked out from it. `typed`: what
    stood on a page when its language was changed, not yet sent."""

    id: UUID
    secret: str
    started_at: float
    steps: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    chosen: dict[str, Any] = field(default_factory=dict)
    proof: dict[str, Any] = field(default_factory=dict)
    sent: str = ""
    typed: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def answer(self, step: str, name: str, otherwise: str = "") -> str:
        """One text that was entered; empty when it was not asked yet."""
        values = self.steps.get(step, {}).get(name) or [otherwise]
        return values[0].strip()


def asks_of(answers: Answers) -> str:
    """Whose way through the pages it is: a school's worker goes the way of all professionals."""
    who = answers.answer("who", "who_asks", "professional")
    return "professional" if who == "school" else who


def _digest(secret: str, what: str) -> bytes:
    return hashlib.sha256(f"{what}:{secret}".encode()).digest()


def _box(secret: str) -> Box:
    return Box([secret], purpose="public form")


def _opened(sealed: str, secret: str) -> str:
    """Also of the release before, for the two hours that such an answer lasts."""
    if sealed.startswith("gAAAA"):
        return Fernet(base64.urlsafe_b64encode(_digest(secret, "seal"))).decrypt(sealed.encode()).decode()
    return _box(secret).open(sealed)


@contextmanager
def form_scope(secret: str = "") -> Iterator[None]:
    """The public form's own narrow scope, with the one unfinished answer that this secret opens."""
    with acting_as(NamedActor.PUBLIC_FORM):
        _name(_digest(secret, "find").hex() if secret else "")
        yield
        _name("")


def _name(digest: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ehs.public_draft', %s, true)", [digest])


def begin() -> Answers:
    """A new, empty draft with a secret of its own, which goes into the sender's cookie."""
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    draft = PublicDraft(digest=_digest(secret, "find").hex(), sealed="", started_at=now, expires_at=now + LASTS)
    answers = Answers(draft.pk, secret, time.time())
    draft.sealed = _seal(answers)
    with form_scope(secret):
        draft.save(force_insert=True)
    return answers


def _seal(answers: Answers) -> str:
    data = {
        "started_at": answers.started_at,
        "steps": answers.steps,
        "chosen": answers.chosen,
        "proof": answers.proof,
        "sent": answers.sent,
        "typed": answers.typed,
    }
    return _box(answers.secret).seal(json.dumps(data))


def load(secret: str) -> Answers | None:
    """The draft of this secret, its row locked; None when there is none or its time is over. Within `form_scope`."""
    if not secret:
        return None
    row = PublicDraft.objects.select_for_update().filter(expires_at__gt=timezone.now()).first()
    if row is None:
        return None
    return Answers(row.pk, secret, **json.loads(_opened(row.sealed, secret)))


def save(answers: Answers) -> None:
    """Keep it for two hours from now. Within `form_scope`."""
    PublicDraft.objects.filter(pk=answers.id).update(sealed=_seal(answers), expires_at=timezone.now() + LASTS)


def throw_away(answers: Answers) -> None:
    PublicDraft.objects.filter(pk=answers.id).delete()


def forget_old() -> None:
    """Sweep: remove what nobody has come back to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_forget_public_drafts()")
