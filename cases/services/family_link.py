"""The family's private page: a link, and a code that is told apart from it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from cases.models import Case, FamilyLink
from cases.policies import check_open, check_share_plan
from cases.services.common import keys, locked
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User

WEEKS = 26
MOST_TRIES = 5
# Without letters and digits that are mistaken for each other when they are read out.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class NewLink:
    """Shown once: only digests are kept."""

    link: FamilyLink
    token: str
    code: str


@dataclass(frozen=True)
class Door:
    """Where a private link leads."""

    id: UUID
    family_id: UUID
    cluster_id: int
    case_id: UUID


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_family_link(*, by: User, case: Case, expires_on: date | None = None) -> NewLink:
    """A new private link for the family of an open case; earlier ones of the case end.

    Raises Denied (only lead worker or leader) or ValidationError (`expires_on`).
    """
    case = locked(case)
    check_share_plan(by, case)
    check_open(case)
    today = timezone.localdate()
    until = expires_on or today + timedelta(weeks=WEEKS)
    if not today < until <= today + timedelta(days=366):
        raise ValidationError({"expires_on": "The link must end after today and within a year"})
    FamilyLink.objects.filter(case=case, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())
    token = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(LETTERS) for _ in range(8))
    link = FamilyLink.objects.create(
        **keys(case),  # type: ignore[arg-type]
        case=case,
        token_digest=digest(token),
        code_digest=make_password(code),
        created_by=by,
        expires_on=until,
    )
    audit.event(by=by, kind="case.link_made", text="Gave the family a private link to its plan", about=link)
    return NewLink(link, token, f"{code[:4]} {code[4:]}")


@transaction.atomic
def withdraw_family_link(*, by: User, link: FamilyLink) -> FamilyLink:
    """End a private link now. Raises Denied or Conflict (ended already)."""
    link = FamilyLink.objects.select_for_update(of=("self",)).select_related("case").get(pk=link.pk)
    check_share_plan(by, link.case)
    if link.withdrawn_at:
        raise Conflict("This link has been withdrawn already.")
    link.withdrawn_at = timezone.now()
    link.save(update_fields=["withdrawn_at"])
    audit.event(by=by, kind="case.link_withdrawn", text="Withdrew the family’s private link", about=link)
    return link


def find_door(token: str) -> Door | None:
    """Where the link leads; None when there is no such link, or no longer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, family_id, cluster_id, case_id FROM ehs_family_link(%s)", [digest(token)])
        row = cursor.fetchone()
    return Door(*row) if row else None


def try_code(door: Door, code: str) -> bool | None:
    """Whether the code opens the door; None when it has been tried too often and a new link is needed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_family_link_try(%s, %s)", [door.id, MOST_TRIES])
        kept = cursor.fetchone()[0]
        if kept is None:
            return None
        if not check_password("".join(code.upper().split()), kept):
            return False
        cursor.execute("SELECT ehs_family_link_opened(%s, %s)", [door.id, kept])
    return True
