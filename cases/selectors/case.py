"""One case with what every one of its pages shows: family, people, flags, lead worker, services."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases.models import Case, CaseService, CaseStatus
from cases.selectors.beside import BESIDE_CASE
from cases.selectors.cover import cover_beside_case, day_of, has_covers
from cases.selectors.loans import away, loan_beside_case
from cases.selectors.steps import harm_waits, has_legal, has_steps
from cluster_ehs.core.figures import weeks_between
from clusters.models import User
from clusters.people import duties
from families.models import Flag, Person

FLAG_COLOURS = {
    Flag.Kind.VISITING_RISK: "red",
    Flag.Kind.ADDRESS_NOT_SHARED: "red",
    Flag.Kind.OTHER: "yellow",
}


def live_flags() -> Any:
    """The flags of a family that hold today, as one array beside the case."""
    today = timezone.localdate()
    return (
        Flag.objects.filter(family_id=OuterRef("family_id"))
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today))
        .order_by("kind")
        .values(data=JSONObject(kind="kind", text="text"))
    )


# Putting the query together takes longer than asking it, so each thread does that once a day. (Not once for all
# threads: while Django writes a query down, it counts in it.)
_MADE = threading.local()


def case_with_family() -> QuerySet[Case]:
    """Cases with family, plan, flags and the lead worker of today, in one query."""
    today = timezone.localdate()
    if getattr(_MADE, "on", None) != today:
        _MADE.rows, _MADE.on = _case_with_family(), today
    return _MADE.rows.all()


def _case_with_family() -> QuerySet[Case]:
    rows: Any = Case.objects.annotate(
        lead=FilteredRelation("lead_workers", condition=Q(lead_workers__ends_on__isnull=True)),
        flags=ArraySubquery(live_flags()),
        loan=loan_beside_case(),
        harm_waits=harm_waits(),
        has_steps=has_steps(),
        has_legal=has_legal(),
        has_covers=has_covers(),
        cover_now=cover_beside_case(),
        **{name: make() for name, make in BESIDE_CASE.items()},
    )
    # The type checker knows no join that an annotation adds.
    return rows.select_related("family", "cluster", "plan", "lead__worker")


def lead_of(case: Case) -> User | None:
    lead = getattr(case, "lead", None)
    return lead.worker if lead else None


def people_of(family_id: UUID) -> list[Person]:
    """The family's people: children by age, then adults of the household, then those outside it."""
    rows = Person.objects.filter(family_id=family_id).select_related("relationship", "first_language", "school")
    return sorted(
        rows,
        key=lambda p: (not p.is_child, not p.in_household, p.birth_date or date.max, p.short_name),
    )


def who_is_who(person: Person) -> str:
    """“Zdeňka 9”, “mum Jana”: how a family is told in one line."""
    if person.is_child:
        return f"{person.short_name} {person.age}" if person.age is not None else person.short_name
    how = person.relationship.label.lower() if person.relationship else ""
    return f"{how} {person.short_name}".strip()


# Names beside the family's, so that the bar stays a bar on a phone.
MOST_NAMED = 8


def identity(case: Case, people: list[Person], services: list[CaseService]) -> dict[str, Any]:
    """What the identity bar says: name, who belongs to the family, tags, lead worker with reference.

    Keys: name, line, line_more, tags, more, more_more. What ends in “_more” a phone leaves to the tabs.
    """
    today = timezone.localdate()
    belong = [who_is_who(person) for person in people if person.in_household or not person.is_child]
    first = sum(person.in_household and person.is_child for person in people) or len(belong)
    if len(belong) > MOST_NAMED:
        # Of a large network the nearest are named; the tab People has them all.
        belong[MOST_NAMED - 1 :] = [f"and {len(belong) - MOST_NAMED + 1} more"]
    weeks = (weeks_between(case.opened_on, case.closed_on or today) or 0) + 1
    if case.status == CaseStatus.CLOSED:
        tags: list[tuple[str, str]] = [(f"Closed {case.closed_on:%-d %b %Y}", "grey")]
    elif case.status == CaseStatus.CLOSING:
        tags = [("Waiting for sign-off", "orange")]
    else:
        tags = [(f"Open, week {weeks}", "blue")]
    if getattr(case, "harm_waits", False):
        tags.insert(0, ("Risk of significant harm: no step up recorded", "red"))
    out = away(case)
    if out:
        since = date.fromisoformat(out["since"])
        tags.append((f"On loan to {out['partner']} since {since:%-d %b}", "purple"))
    if case.family.restricted:
        tags.append(("Restricted", "purple"))
    languages = {
        person.first_language.label if person.first_language else "language not known"
        for person in people
        if person.interpreter_needed
    }
    tags += [(f"Interpreter: {language}", "yellow") for language in sorted(languages)]
    for flag in getattr(case, "flags", []):
        kind = Flag.Kind(flag["kind"])
        text = flag["text"] if kind == Flag.Kind.OTHER and flag["text"] else kind.label
        tags.append((text, FLAG_COLOURS[kind]))
    lead = lead_of(case)
    also = [
        f"{service.service.name.lower()}, {service.worker.name}"
        for service in services
        if service.status == CaseService.Status.ACTIVE and (lead is None or service.worker_id != lead.pk)
    ]
    more = [f"Lead worker {lead.name}" if lead else "No lead worker"]
    more += [f"{row['covering']} covers until {day_of(row['until'])}" for row in getattr(case, "cover_now", ())]
    more.append(f"ref {case.reference}")
    return {
        "name": f"{case.family.name} family",
        "line": " · ".join(belong[:first]),
        "line_more": " · ".join(belong[first:]),
        "tags": tags,
        "more": " · ".join(more),
        "more_more": f"also {'; '.join(also)}" if also else "",
    }


def user_writes(user: User, case: Case, services: list[CaseService]) -> bool:
    """As policies.can_write, from what the page has loaded already."""
    of = duties(user)
    if case.status == CaseStatus.CLOSED:
        return False
    if case.cluster_id in of.leads:
        return True
    lead = lead_of(case)
    return case.cluster_id in of.clusters and (
        (lead is not None and lead.pk == user.pk)
        or any(s.worker_id == user.pk and s.status == CaseService.Status.ACTIVE for s in services)
        or any(row["covering_id"] == user.pk for row in getattr(case, "cover_now", ()))
    )
