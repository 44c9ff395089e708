"""What the family's page shows, in the order it is read; and the links of a case for its worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, FamilyLink, Goal
from families.models import Person
from referrals.public.languages import LANGUAGES

KINDS = {
    "taf": _("Meeting about our plan"),
    "family_group": _("Family meeting"),
    "home_visit": _("Visit at home"),
    "phone": _("Phone call"),
    "video": _("Video call"),
    "session": _("Session"),
    "meeting": _("Meeting"),
    "accompanied": _("Going somewhere together"),
}
# The same headings as the printed exit plan, in the family's language.
EXIT_PLAN = (
    ("in_place", _("What we keep doing")),
    ("wider_family", _("Family and friends who are there for us")),
    ("community", _("Places and groups near us")),
    ("school", _("At school")),
    ("if_things_slip", _("If things start to slip")),
    ("back_in_touch", _("How to get in touch again")),
    ("who_stays", _("Who stays in touch with us")),
)


@dataclass(frozen=True)
class FamilyPage:
    """The page as it is read: `live` and `achieved` goals, what is `ahead`, who helps, the exit plan, what is asked."""

    name: str
    family: str
    closed_on: date | None
    review_on: date | None
    cluster: dict[str, str]
    lead: dict[str, str] | None
    helpers: list[dict[str, str]]
    live: list[dict[str, Any]]
    achieved: list[dict[str, Any]]
    ahead: list[dict[str, Any]]
    exit_plan: list[tuple[Any, str]]
    follow_up: dict[str, Any] | None


def page_of(found: dict[str, Any]) -> FamilyPage:
    """What the database handed out, with days as days and headings in words."""
    goals = [_goal(goal) for goal in found["goals"]]
    plan = found["exit_plan"] or {}
    return FamilyPage(
        name=found["name"],
        family=found["family"],
        closed_on=_day(found["closed_on"]),
        review_on=_ahead(_day(found["review_on"])),
        cluster=found["cluster"],
        lead=found["lead"],
        helpers=found["helpers"],
        live=[goal for goal in goals if goal["live"]],
        achieved=[goal for goal in goals if not goal["live"]],
        ahead=[
            {**one, "at": timezone.localtime(datetime.fromisoformat(one["at"])), "what": KINDS[one["kind"]]}
            for one in found["ahead"]
        ],
        exit_plan=[(label, plan[name]) for name, label in EXIT_PLAN if plan.get(name, "").strip()],
        follow_up=found["follow_up"],
    )


def _goal(goal: dict[str, Any]) -> dict[str, Any]:
    scores = [{**one, "on": _day(one["on"])} for one in goal["scores"]]
    line = [one["score"] for one in scores]
    first = goal["first"] if goal["first"] is not None else (line[0] if line else None)
    return {
        **goal,
        "scores": scores,
        "line": line,
        "first": first,
        "now": line[-1] if line else None,
        "ended_on": _day(goal["ended_on"]),
        "actions": [{**one, "by_when": _day(one["by_when"])} for one in goal["actions"]],
    }


def _ahead(day: date | None) -> date | None:
    """A review that is late is the worker's to make good: the family is promised no day that has passed."""
    return day if day is not None and day >= timezone.localdate() else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# --- for the worker ---
def links_of(case_id: UUID) -> QuerySet[FamilyLink]:
    """Links that were not withdrawn, each with how often it was opened (`openings`) and when last (`opened_at`)."""
    return (
        FamilyLink.objects.filter(case_id=case_id, withdrawn_at__isnull=True, person__isnull=False)
        .select_related("person", "created_by")
        .annotate(openings=Count("visits"), opened_at=Max("visits__created_at"))
        .order_by("created_at")
    )


def said_of(link: FamilyLink, case: Case) -> list[str]:
    """What keeps a link from opening, in words; nothing while it works."""
    person, today = link.person, timezone.localdate()
    assert person is not None  # noqa: S101 - `links_of` leaves the others out
    reasons = []
    if link.expires_on < today:
        reasons.append(f"It ended on {link.expires_on:%-d %B %Y}")
    if person.involvement == "not_to_be":
        reasons.append(f"{person.short_name} is not to be involved in the plan")
    elif not person.in_household and person.involvement != "involved":
        reasons.append(f"{person.short_name} lives elsewhere and is not involved in the plan")
    if person.deceased:
        reasons.append(f"{person.short_name} has died")
    if case.family.restricted and not link.while_restricted:
        reasons.append("The record became restricted: give a new link if the family should still have its page")
    return reasons


def goals_of_one(case_id: UUID, people: list[Person], *, but: UUID | None = None) -> list[tuple[str, str]]:
    """Live goals that are one person's, as choices; without those of the person who reads."""
    names: dict[UUID | None, str] = {person.pk: person.short_name for person in people}
    rows = Goal.objects.filter(plan__case_id=case_id, whose__isnull=False, status="live").exclude(whose_id=but)
    return [(str(goal.pk), f"{names.get(goal.whose_id, '')}: “{goal.words}”") for goal in rows]


def young_childrens_goals(case_id: UUID, people: list[Person], under: int) -> list[str]:
    """Goals of children too young for a page of their own: their parents see them unless the worker says otherwise."""
    young = {person.pk for person in people if person.is_child and (person.age or 0) < under}
    rows = Goal.objects.filter(plan__case_id=case_id, whose_id__in=young, status="live")
    return [str(goal.pk) for goal in rows]


def language_of(person: Person, people: list[Person]) -> str:
    """The language of the page for one person: the own one, else that of the adults at home, if the page speaks it."""
    by_name = {language.english: slug for slug, language in LANGUAGES.items()}
    spoken = [person, *(one for one in people if not one.is_child and one.in_household)]
    labels = [one.first_language.label for one in spoken if one.first_language]
    return next((by_name[label] for label in labels if label in by_name), "en")
