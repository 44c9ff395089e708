"""What referrals show on pages of the kernel and of families."""

import re
from typing import Any

from cluster_ehs.core import drafts, numbers, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters.http import UserRequest
from clusters.people import duties
from referrals import policies, who_sees
from referrals.intake_folder import sweep_folder
from referrals.intake_selectors import intakes, still_to_match
from referrals.models import Referral
from referrals.public.draft import forget_old
from referrals.selectors import DRAFT_KEY, NEWEST_FIRST, by_reference, school_referrals, within_reach

LINES_AT_HOME = 8
# What the sender of an online request was told.
FROM_OUTSIDE = re.compile(r"^\s*AH-[A-Z2-7]{4}-[A-Z2-7]{4}\s*$", re.IGNORECASE)
REFERENCE = re.compile(r"^[A-Za-z]{1,6}-\d{4}-\d{1,6}$")


def fill_all() -> None:
    who_sees.fill()
    SWEEPS.append(forget_old)
    slots.fill(
        "nav",
        order=20,
        template="referrals:nav",
        selector=lambda request: {"label": "Referrals", "url_name": "referral-list"},
        policy=policies.can_list,
    )
    slots.fill(
        "home.main",
        order=15,
        template="referrals/slots/own_school.html",
        selector=own_school,
        policy=policies.can_see_own_school,
    )
    slots.fill("home.side", order=20, template="referrals/slots/log.html", selector=log_button, policy=policies.can_log)
    numbers.count("to match", still_to_match)
    slots.fill(
        "home.side",
        order=15,
        template="referrals/slots/to_match.html",
        selector=waiting_to_match,
        policy=policies.can_match,
    )
    slots.fill("search.results", order=10, template="referrals/slots/found.html", selector=found)
    slots.fill("family.beside", order=10, template="referrals/slots/of_family.html", selector=of_family)
    SWEEPS.append(sweep_folder)
    slots.fill("family.subjects", template="referrals:subjects", selector=subjects)
    slots.fill("my_work", order=40, template="referrals:my_work", selector=unfinished, policy=policies.can_log)


def own_school(request: UserRequest) -> dict[str, Any]:
    return {"lines": school_referrals(request.user)[:LINES_AT_HOME]}


def log_button(request: UserRequest) -> dict[str, Any]:
    return {}


def waiting_to_match(request: UserRequest) -> dict[str, Any] | None:
    waiting = numbers.of(request, "to match")
    return {"waiting": waiting} if waiting else None


def found(request: UserRequest, *, query: str) -> dict[str, Any] | None:
    """Only what looks like a reference is looked up, so that a search by name costs no query here."""
    if FROM_OUTSIDE.match(query):
        came_in = list(intakes(request.user).filter(reference=query.strip().upper())[:5])
        return {"came_in": came_in} if came_in else None
    if not REFERENCE.match(query):
        return None
    referrals = by_reference(query, duties(request.user).clusters)
    return {"referrals": referrals} if referrals else None


def of_family(request: UserRequest, *, family: Any) -> dict[str, Any] | None:
    return {"referrals": _referrals(request, family)[:20]}


def subjects(request: UserRequest, *, family: Any) -> dict[str, Any]:
    """The children whom the family's referrals name."""
    return {"person_ids": {referral.child_id for referral in _referrals(request, family)}}


def _referrals(request: UserRequest, family: Any) -> list[Referral]:
    """The family's referrals, read once for a page."""
    kept: dict[Any, list[Referral]] = request.__dict__.setdefault("_referrals_of", {})
    if family.pk not in kept:
        rows = Referral.objects.filter(cluster_id=family.cluster_id, family_id=family.pk)
        kept[family.pk] = list(rows.select_related("child", "route").order_by(*NEWEST_FIRST))
    return kept[family.pk]


def unfinished(request: UserRequest) -> dict[str, Any]:
    """Referrals that were begun and not sent, for the list of what needs me."""
    rows = [
        {
            "title": draft.title,
            "detail": "Your referral is not finished",
            "url": draft.url,
            "action": "Finish it",
            "action_url": draft.url,
            "days_late": 0,
            "when": draft.saved_at,
        }
        for draft in within_reach(d for d in drafts.unfinished(request.user) if d.key.startswith(DRAFT_KEY))
    ]
    return {"overdue": [], "this_week": rows}
