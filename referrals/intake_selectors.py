"""Reads of what came in from outside: the queue, and beside each the children it may be about."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from clusters.models import User
from clusters.people import duties
from families.models import Person
from families.search import KnownElsewhere, Match, find_people, known_elsewhere
from referrals.intake import birth_date
from referrals.models import Intake, IntakeReject

AT_MOST = 200


def intakes(user: User) -> QuerySet[Intake]:
    """Those of the user's Clusters and, for a leader, those without a Cluster."""
    mine = duties(user)
    within = Q(cluster_id__in=mine.clusters)
    return Intake.objects.filter(within | Q(cluster_id__isnull=True) if mine.leads else within)


def to_match(user: User) -> list[Intake]:
    """What waits, a fear of harm first, then the oldest."""
    rows = intakes(user).filter(state=Intake.State.NEW).select_related("cluster", "school")
    return list(rows.order_by("-harm", "received_at", "id")[:AT_MOST])


def dealt_with(user: User) -> list[Intake]:
    rows = intakes(user).exclude(state=Intake.State.NEW).select_related("cluster", "acted_by", "referral")
    return list(rows.order_by("-acted_at")[:50])


def to_look_at(user: User) -> list[Intake]:
    """What its sender changed after it had become a referral, the oldest change first."""
    rows = intakes(user).filter(to_look_at=True).select_related("cluster", "referral")
    return list(rows.order_by("changed_at")[:AT_MOST])


def rejects() -> list[IntakeReject]:
    """Rows of files that could not be taken and that nobody has seen to, the oldest first."""
    return list(IntakeReject.objects.filter(settled_at=None)[:AT_MOST])


def still_to_match(request: HttpRequest) -> QuerySet[Intake] | None:
    user = request.user
    open_ones = intakes(user).filter(Q(state=Intake.State.NEW) | Q(to_look_at=True))  # type: ignore[arg-type]
    return open_ones if duties(user).clusters else None  # type: ignore[arg-type]


@dataclass(frozen=True)
class Candidate:
    """A child who may be the one: rows of (label, as given, on the record, whether they differ)."""

    match: Match
    rows: list[tuple[str, str, str, bool]]


def candidates(intake: Intake) -> tuple[list[Candidate], list[KnownElsewhere]]:
    """Children of the Cluster who may be meant, the likeliest first, and Clusters elsewhere that know such a child."""
    payload = intake.payload
    asked: dict[str, Any] = {
        "query_name": f"{payload.get('first_name', '')} {payload.get('last_name', '')}".strip(),
        "birth_date": birth_date(payload),
        "upn": str(payload.get("upn", "")),
        "nhs_number": str(payload.get("nhs_number", "")),
    }
    clusters = [intake.cluster_id] if intake.cluster_id else []
    found = find_people(clusters=clusters, limit=8, **asked)
    children = [match for match in found if match.person.is_child][:5]
    return [Candidate(match, _beside(intake, match.person)) for match in children], known_elsewhere(**asked)


def _beside(intake: Intake, person: Person) -> list[tuple[str, str, str, bool]]:
    payload = intake.payload
    family = person.family
    pairs: list[tuple[str, Any, Any]] = [
        ("First name", payload.get("first_name"), person.first_name),
        ("Last name", payload.get("last_name"), person.last_name),
        ("Known as", payload.get("known_as"), person.known_as),
        ("Born", birth_date(payload), person.birth_date),
        ("School", intake.school or payload.get("school_name"), person.school),
        ("Address", payload.get("address"), person.other_address or family.address),
        ("Postcode", payload.get("postcode"), family.postcode),
        ("Telephone", payload.get("telephone") or payload.get("carer_telephone"), person.telephone or family.telephone),
        ("UPN", payload.get("upn"), person.upn),
        ("NHS number", payload.get("nhs_number"), person.nhs_number),
    ]
    rows = [(label, _text(given), _text(held)) for label, given, held in pairs]
    return [(*row, bool(row[1] and row[2]) and row[1].casefold() != row[2].casefold()) for row in rows if any(row[1:])]


def _text(value: Any) -> str:
    if hasattr(value, "strftime"):
        return f"{value.day} {value:%B %Y}"
    return str(value or "").strip()


def days_waiting(intake: Intake) -> int:
    return max((timezone.localdate() - timezone.localtime(intake.received_at).date()).days, 0)
