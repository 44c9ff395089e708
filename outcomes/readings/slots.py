"""What readings show on the pages of the case, on My work, beside the closing form and in the settings."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseStatus
from cases.policies import is_practitioner
from cases.selectors.beside import BESIDE_CASE
from cases.selectors.home import BESIDE, of_mine
from cluster_ehs.core import slots
from clusters.http import UserRequest
from clusters.models import User
from clusters.people import duties
from outcomes import policies as of_outcomes
from outcomes.models import FamilyReading
from outcomes.readings import policies, selectors
from outcomes.readings.pictures import radar

Moment = FamilyReading.Moment
CORRECTED = " (corrected version)"


def on_outcomes(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """The journey in one look: the picture, what has moved, the next reading."""
    journey = selectors.of_case(case.pk, request.user)
    rows = selectors.lines(journey)
    return {
        "journey": journey,
        "chart": radar(journey, rows) if not journey.blind else None,
        "can_add": policies.can_record(request.user, case, Moment.END),
        "missing": _missing(journey, case),
    }


def _missing(journey: selectors.Journey, case: Case) -> str:
    if journey.start is None and timezone.localdate() > case.opened_on + selectors.ASKED_FROM:
        return "The start was not read."
    if case.status == "closed" and journey.end is None:
        return "The end was not read."
    return ""


def before_closing(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """Closing asks for the reading at the end."""
    journey = selectors.of_case(case.pk, request.user)
    return {"journey": journey, "end": journey.end}


def my_work(request: UserRequest, **_: Any) -> dict[str, list[dict[str, Any]]]:
    """Readings that are missing in the cases that I lead: no statement of its own."""
    today = timezone.localdate()
    overdue: list[dict[str, Any]] = []
    soon: list[dict[str, Any]] = []
    for mine in of_mine(request).cases:
        case: Any = mine.case
        if not mine.leads or case.imported:
            continue
        new = reverse("reading-new", args=[case.pk])
        row = {"url": reverse("case-outcomes", args=[case.pk]), "action": "Read with the family", "days_late": 0}
        if not case.start_read and case.opened_on <= today - selectors.ASKED_FROM:
            due = case.opened_on + selectors.START_WITHIN
            late = max((today - due).days, 0)
            row |= {"title": str(case.family), "action_url": f"{new}?moment=start", "days_late": late, "when": due}
            row |= {"detail": f"No reading at the start, due by {due:%-d %B}{mine.mark}"}
            (overdue if late else soon).append(row)
        elif not case.end_read and (case.status == CaseStatus.CLOSING or case.came_back):
            row |= {"title": str(case.family), "action_url": f"{new}?moment=end", "when": today}
            row |= {"detail": f"No reading at the end, and the closure was asked for{mine.mark}"}
            soon.append(row)
    return {"overdue": overdue, "this_week": soon}


def in_chronology(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """That a reading was made, read with the case; what it says is on its own page."""
    url = reverse("case-readings", args=[case.pk])
    rows: list[dict[str, Any]] = getattr(case, "readings_taken", [])
    return {
        "entries": [
            {
                "at": timezone.make_aware(datetime.combine(date.fromisoformat(row["taken_on"]), time(12))),
                "kind": "Reading",
                "title": f"Reading {Moment(row['moment']).label.lower()}{CORRECTED if row['corrects'] else ''}",
                "by": row["author"],
                "text": "",
                "url": url,
            }
            for row in rows
        ]
    }


def settings_entry(request: UserRequest) -> dict[str, Any]:
    return {
        "label": "Cut points of readings",
        "url_name": "settings-reading-cuts",
        "about": "Where low ends and high begins in the progress matrix, from a day on.",
    }


def is_manager(user: User, **_: object) -> bool:
    return duties(user).is_manager


def fill_all() -> None:
    BESIDE.update(selectors.beside_case())
    BESIDE_CASE["readings_taken"] = selectors.taken
    slots.fill(
        "case.outcomes.main",
        order=20,
        template="outcomes/readings/slots/journey.html",
        selector=on_outcomes,
        policy=of_outcomes.reads_text,
    )
    slots.fill(
        "case.closing",
        order=10,
        template="outcomes/readings/slots/closing.html",
        selector=before_closing,
        policy=of_outcomes.reads_text,
    )
    slots.fill("my_work", order=45, template="outcomes:readings", selector=my_work, policy=is_practitioner)
    slots.fill(
        "case.chronology",
        order=62,
        template="outcomes:readings",
        selector=in_chronology,
        policy=of_outcomes.reads_text,
    )
    slots.fill(
        "home.side",
        order=91,
        template="outcomes/readings/slots/to_samples.html",
        selector=lambda request: {},
        policy=of_outcomes.is_leader,
    )
    slots.fill("settings.nav", order=62, template="outcomes:cuts", selector=settings_entry, policy=is_manager)
