"""The family's page: who is given a link, the code that opens it, and what the family adds.

What the family reads and writes goes through functions of the database (outcomes migration 0010): the family is an
actor that sees no table, so nothing here can show it more than they hand out.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from cases.models import Case, FamilyLink, Goal, LeadWorker
from cases.services.common import keys, locked, tell
from cluster_ehs.core import audit, limits
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Role, StaffRole, User
from families.models import Person
from outcomes.family_page.policies import check_give, may_have_page
from outcomes.followup.models import FollowUp
from referrals.public.languages import LANGUAGES

log = logging.getLogger(__name__)

WEEKS = 26
MOST_DAYS = 366
# Codes tried in an hour on devices that never opened the link; each address and each known device has its own few.
MOST_TRIES = 20
TRIES_OF_ONE = 8
QUARTER = 15 * 60
HOUR = 60 * 60
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
    """Where a private link leads, before its code."""

    id: UUID
    family_id: UUID
    cluster_id: int
    case_id: UUID
    language: str


@dataclass(frozen=True)
class Visitor:
    """Who opened the link: the person of the family, for as long as the visit lasts. token, key: digests."""

    link_id: UUID
    family_id: UUID
    cluster_id: int
    case_id: UUID
    person_id: UUID
    name: str
    language: str
    token: str
    key: str

    @property
    def pk(self) -> None:
        """No user stands behind it: history names the person of the family."""
        return None

    @property
    def actor_name(self) -> str:
        return f"{self.name}, on the family’s page"


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# --- what the worker does ---
@transaction.atomic
def make_family_link(
    *,
    by: User,
    case: Case,
    person: Person,
    language: str = "en",
    expires_on: date | None = None,
    shared_goals: Collection[UUID] = (),
) -> NewLink:
    """A new private link for one person of the family; that person's earlier one ends.

    Raises Denied (lead worker or leader only) or ValidationError (`person`, `language`, `expires_on`, `shared_goals`).
    """
    case = locked(case)
    check_give(by, case)
    wrong: dict[str, str] = {}
    if person.family_id != case.family_id or not may_have_page(person):
        wrong["person"] = "Choose an adult or young person who lives in the family or takes part in the plan"
    until = _until(expires_on, wrong)
    shared = _shared(case, shared_goals, wrong)
    if language not in LANGUAGES:
        wrong["language"] = "Choose one of the languages"
    if wrong:
        raise ValidationError(wrong)
    now = timezone.now()
    FamilyLink.objects.filter(case=case, person=person, withdrawn_at__isnull=True).update(withdrawn_at=now)
    token = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(LETTERS) for _ in range(8))
    link = FamilyLink.objects.create(
        **keys(case),  # type: ignore[arg-type]
        case=case,
        person=person,
        language=language,
        shared_goals=shared,
        while_restricted=case.family.restricted,
        token_digest=digest(token),
        code_digest=make_password(code),
        created_by=by,
        expires_on=until,
    )
    text = f"Gave {person.short_name} a private link to the family’s page"
    audit.event(by=by, kind="case.link_made", text=text, about=link)
    return NewLink(link, token, f"{code[:4]} {code[4:]}")


def _until(expires_on: date | None, wrong: dict[str, str]) -> date:
    today = timezone.localdate()
    until = expires_on or today + timedelta(weeks=WEEKS)
    if not today < until <= today + timedelta(days=MOST_DAYS):
        wrong["expires_on"] = "The last day must be after today and within a year"
    return until


def _shared(case: Case, goals: Collection[UUID], wrong: dict[str, str]) -> list[UUID]:
    wanted = set(goals)
    found = Goal.objects.filter(plan__case=case, whose__isnull=False, pk__in=wanted).values_list("pk", flat=True)
    if set(found) != wanted:
        wrong["shared_goals"] = "A goal is no longer in the plan. Load the page again"
    return sorted(wanted)


def _held(by: User, link: FamilyLink) -> FamilyLink:
    rows = FamilyLink.objects.select_for_update(of=("self",)).select_related("case", "person")
    found = rows.get(pk=link.pk)
    check_give(by, found.case)
    if found.withdrawn_at:
        raise Conflict("This link has been withdrawn already.")
    return found


@transaction.atomic
def change_family_link(
    *, by: User, link: FamilyLink, language: str, expires_on: date, shared_goals: Collection[UUID]
) -> FamilyLink:
    """Renew a link, or change what it shows: link and code stay. Raises Denied, Conflict, ValidationError by field."""
    link = _held(by, link)
    wrong: dict[str, str] = {}
    until = _until(expires_on, wrong)
    shared = _shared(link.case, shared_goals, wrong)
    if language not in LANGUAGES:
        wrong["language"] = "Choose one of the languages"
    if wrong:
        raise ValidationError(wrong)
    link.language, link.expires_on, link.shared_goals = language, until, shared
    link.save(update_fields=["language", "expires_on", "shared_goals"])
    text = f"Changed {link.person.short_name}’s private link: until {until:%-d %B %Y}"  # type: ignore[union-attr]
    audit.event(by=by, kind="case.link_changed", text=text, about=link)
    return link


@transaction.atomic
def withdraw_family_link(*, by: User, link: FamilyLink) -> FamilyLink:
    """End a private link now, also for whoever has it open. Raises Denied or Conflict (ended already)."""
    link = _held(by, link)
    link.withdrawn_at = timezone.now()
    link.save(update_fields=["withdrawn_at"])
    audit.event(by=by, kind="case.link_withdrawn", text="Withdrew a private link to the family’s page", about=link)
    return link


# --- what the family does ---
def ask_as_family(function: str, *values: Any) -> Any:
    """One answer of one of the functions, asked as the family."""
    holders = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}({holders})", values)  # noqa: S608 - our own names
        return cursor.fetchone()


def find_door(token: str) -> Door | None:
    """Where the link leads; None when there is no such link, or no longer."""
    row = ask_as_family("ehs_family_door", digest(token))
    return Door(*row) if row else None


def find_visitor(token: str, key: str) -> Visitor | None:
    """Who has the page open; None when the visit is over, or the link, or the person's part in the plan."""
    row = key and ask_as_family("ehs_family_visitor", digest(token), digest(key))
    # mypy takes the starred row for all of the arguments.
    return Visitor(*row, token=digest(token), key=digest(key)) if row else None  # type: ignore[misc]


def open_door(*, door: Door, token: str, code: str, key: str, address: str) -> tuple[Visitor | None, str]:
    """Try a code: the visitor with the key of the new visit, or nobody and why (“wrong”, “too often”).

    key: of an earlier visit on this device. Few tries are left to each address and device, and to all strangers
    together; a device that has opened the link before is never counted with those.
    """
    with acting_as(NamedActor.FAMILY):
        who = f"{door.id}:{address}"
        kept = None
        if not (
            limits.over("family-codes", address, at_most=30, seconds=HOUR)
            or limits.over("family-code", who, at_most=TRIES_OF_ONE, seconds=QUARTER)
        ):
            kept = ask_as_family("ehs_family_try", door.id, digest(key), MOST_TRIES)[0]
        if kept is None:
            log.warning("a code was refused: too often")
            return None, "too often"
        if not check_password("".join(code.upper().split()), kept):
            log.warning("a code was refused: wrong")
            return None, "wrong"
        new = secrets.token_urlsafe(32)
        if not ask_as_family("ehs_family_open", door.id, kept, digest(new))[0]:
            return None, "wrong"
    return find_visitor(token, new), new


def read_page(visitor: Visitor) -> dict[str, Any] | None:
    """All that the page shows, and the trace that it was read; None when it has closed meanwhile."""
    with acting_as(NamedActor.FAMILY):
        page = ask_as_family("ehs_family_page", visitor.token, visitor.key)[0]
        if page is None:
            return None
        audit.look(by=visitor, at=visitor, page="family's page")
    return json.loads(page) if isinstance(page, str) else page


def leave(*, token: str, key: str) -> None:
    if key:
        with acting_as(NamedActor.FAMILY):
            ask_as_family("ehs_family_leave", digest(token), digest(key))


def add_scores(*, visitor: Visitor, scores: Mapping[UUID, int]) -> int:
    """Add the family's own scores of today, 0 to 10; a second one of the day replaces the first. How many were kept."""
    with acting_as(NamedActor.FAMILY):
        kept = sum(
            bool(ask_as_family("ehs_family_score", visitor.token, visitor.key, goal, score)[0])
            for goal, score in scores.items()
        )
        if kept:
            audit.event(by=visitor, kind="family_page.scores", text="Scored the goals", about=_case(visitor))
    if kept:
        _tell(
            visitor,
            key=f"family-scores:{visitor.link_id}:{timezone.localdate():%Y%m%d}",
            subject="A family has scored its goals",
            text="Somebody of a family scored the goals of the plan on the family’s page.",
            url_name="case-plan",
        )
    return kept


def say_agreement(*, visitor: Visitor, goal_id: UUID, agrees: bool, words: str) -> bool:
    """Keep whether the person agrees with a goal, and why; the worker is told. False when the goal is gone."""
    with acting_as(NamedActor.FAMILY):
        kept = bool(ask_as_family("ehs_family_agree", visitor.token, visitor.key, goal_id, agrees, words.strip())[0])
        if kept:
            said = "Agrees with a goal" if agrees else "Does not agree with a goal"
            audit.event(by=visitor, kind="family_page.agreement", text=said, about=_case(visitor))
    if kept:
        _tell(
            visitor,
            key=f"family-agreement:{goal_id}:{visitor.person_id}:{timezone.now():%Y%m%d%H%M}",
            subject="A family agrees with a goal" if agrees else "A family does not agree with a goal",
            text="Somebody of a family said so on the family’s page. It stands beside the goal.",
            url_name="case-plan",
        )
    return kept


def answer_follow_up(*, visitor: Visitor, follow_up_id: UUID, answer: Mapping[str, Any]) -> bool:
    """Keep the family's own answer to a follow-up that is due. False when it was answered meanwhile.

    answer: things (1 to 5), words, slipped, wants_help (yes, no, unknown), scores by goal.
    """
    with acting_as(NamedActor.FAMILY):
        kept = bool(
            ask_as_family("ehs_family_follow_up", visitor.token, visitor.key, follow_up_id, json.dumps(dict(answer)))[0]
        )
        if kept:
            text = "Answered the follow-up"
            audit.event(by=visitor, kind="family_page.follow_up", text=text, about=_case(visitor))
    if kept:
        wants = answer.get("wants_help") == "yes"
        _tell(
            visitor,
            key=f"family-follow-up:{follow_up_id}",
            subject="A family would like help again" if wants else "A family has answered its follow-up",
            text="Somebody of a family answered how things are after the ending, on the family’s page.",
            url_name="follow-up",
            pk=follow_up_id,
        )
    return kept


def _case(visitor: Visitor) -> Case:
    """The case by its keys alone, for the history: the family cannot read it."""
    return Case(pk=visitor.case_id, family_id=visitor.family_id, cluster_id=visitor.cluster_id)


def _tell(visitor: Visitor, *, key: str, subject: str, text: str, url_name: str, pk: UUID | None = None) -> None:
    """Whoever holds the case now: lead worker, else who stays in touch, else the leaders."""
    with acting_as(NamedActor.PLANNER, clusters=[visitor.cluster_id]):
        for user in holders(visitor.case_id, visitor.cluster_id):
            tell(
                user,
                key=f"{key}:{user.pk}",
                subject=subject,
                text=text,
                url_name=url_name,
                pk=pk or visitor.case_id,
                about=_case(visitor),
            )


def holders(case_id: UUID, cluster_id: int) -> list[User]:
    today = timezone.localdate()
    lead = LeadWorker.objects.filter(case_id=case_id, ends_on__isnull=True, starts_on__lte=today)
    found = [row.worker for row in lead.select_related("worker")]
    if not found:
        due = FollowUp.objects.filter(case_id=case_id, holder__isnull=False).exclude(status="not_needed")
        found = [row.holder for row in due.select_related("holder").order_by("-due_on")[:1] if row.holder]
    works = StaffRole.objects.today().filter(cluster_id=cluster_id, user__is_active=True)
    here = set(works.values_list("user_id", flat=True))
    found = [user for user in found if user.pk in here]
    if found:
        return found
    return [role.user for role in works.filter(role=Role.LEADER).select_related("user").order_by("pk")]
