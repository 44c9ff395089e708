"""The letter that moves with a family: a snapshot of the parts that it agreed to share, in words."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cases.models import Attendance, Case, Contact, GoalStatus
from families.addresses import address_flags, address_to_share
from families.models import Agreement, Family, Person
from formulation.models import Formulation, P
from referrals.models import Referral

PARTS = {
    "story": "What the referral said",
    "plan": "The plan: goals and how they moved",
    "formulation": "The formulation",
    "contacts": "A summary of the contacts, without notes",
    "services": "The services given",
    "address": "Address and telephone",
}


def case_of(referral: Referral) -> Case | None:
    """The open case that has taken the referral up."""
    return Case.objects.open().filter(case_referrals__referral=referral).first()


def parts_of(referral: Referral, case: Case | None) -> list[tuple[str, str]]:
    """The parts that can be shared: an address that somebody must not be told does not go into a letter."""
    possible = {"story", "address"} if case is None else set(PARTS)
    if address_flags([referral.family_id]):
        possible.discard("address")
    return [(key, label) for key, label in PARTS.items() if key in possible]


def write_letter(
    *, referral: Referral, case: Case | None, agreement: Agreement, parts: list[str], why: str
) -> dict[str, Any]:
    """Names and birth dates of child and household always; beyond them the chosen parts only."""
    family = Family.objects.get(pk=referral.family_id)
    people = Person.objects.filter(family=family, in_household=True).order_by("-is_child", "birth_date", "pk")
    writers = {
        "story": lambda: _story(referral),
        "plan": lambda: _plan(case),
        "formulation": lambda: _formulation(case),
        "contacts": lambda: _contacts(case),
        "services": lambda: _services(case),
    }
    chosen = [key for key in PARTS if key in parts]
    return {
        "why": why,
        "agreed": {"by": agreement.given_by, "on": agreement.given_on.isoformat()},
        "family": family.name,
        "address": address_to_share(family) if "address" in chosen else {},
        "people": [_person(person, referral) for person in people],
        "parts": [{"heading": PARTS[key], "lines": writers[key]()} for key in chosen if key in writers],
    }


def _person(person: Person, referral: Referral) -> dict[str, Any]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "is_child": person.is_child,
        "named": person.pk == referral.child_id,
    }


def _story(referral: Referral) -> list[str]:
    story = getattr(referral, "story", None)
    told = (
        ("Worrying", "worrying"),
        ("Going well", "going_well"),
        ("The family wants", "family_wants"),
        ("In the child's own words", "child_says"),
        ("Tried so far", "tried"),
    )
    return [f"{label}: {getattr(story, name)}" for label, name in told if story and getattr(story, name).strip()]


def _plan(case: Case | None) -> list[str]:
    plan = getattr(case, "plan", None) if case else None
    lines = []
    for goal in plan.goals.order_by("position", "created_at") if plan else ():
        scores = list(goal.scores.order_by("scored_on", "created_at").values_list("score", flat=True))
        moved = f" (scores {', '.join(str(score) for score in scores)})" if scores else ""
        state = "" if goal.status == GoalStatus.LIVE else f", {goal.get_status_display().lower()}"
        lines.append(f"“{goal.words}”{state}{moved}")
    return lines or ["No goal was agreed."]


def _formulation(case: Case | None) -> list[str]:
    latest = Formulation.objects.filter(case=case).order_by("-number").first() if case else None
    if latest is None:
        return ["No formulation was made."]
    factors = latest.factors.order_by("position", "created_at")
    return [
        f"{P(p).label}: {'; '.join(f.text for f in factors if f.p == p)}" for p in P if any(f.p == p for f in factors)
    ]


def _contacts(case: Case | None) -> list[str]:
    contacts = list(Contact.objects.filter(case=case, attendance=Attendance.ATTENDED).order_by("at")) if case else []
    if not contacts:
        return ["No contact took place."]
    kinds = Counter(str(contact.get_kind_display()).lower() for contact in contacts)
    counted = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
    return [f"{len(contacts)} contacts from {contacts[0].at:%-d %B %Y} to {contacts[-1].at:%-d %B %Y}: {counted}"]


def _services(case: Case | None) -> list[str]:
    rows = case.services.select_related("service").order_by("starts_on") if case else ()
    return [f"{row.service.name} from {row.starts_on:%-d %B %Y}" for row in rows] or ["No service had begun."]
