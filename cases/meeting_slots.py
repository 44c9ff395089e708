"""What meetings, supervision and audits show on the pages of others: my work, the homes, the meetings of a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from cases import policies
from cases.models import Case, Event
from cases.selectors.case_audit import of_case as audits_of_case
from cases.selectors.events import sessions_beside
from cases.selectors.meetings import waiting
from cases.selectors.supervisions import due, overdue, parts_of_case
from cluster_ehs.core import slots
from clusters.http import UserRequest
from clusters.models import User
from clusters.people import duties


def my_meetings(request: UserRequest) -> dict[str, Any]:
    """Meetings to record or to go to, registers to take, and the own supervision when it is late or near."""
    clusters = duties(request.user).works_in
    now, today = timezone.now(), timezone.localdate()
    late: list[dict[str, Any]] = []
    coming: list[dict[str, Any]] = []
    for meeting in waiting(request.user, clusters):
        title, url = str(meeting.case.family), reverse("case-meeting", args=[meeting.case_id, meeting.pk])
        what = meeting.get_kind_display()
        if meeting.held_at > now:
            coming.append(_row(what, meeting.case.family.name, url, when=timezone.localtime(meeting.held_at)))
            continue
        days = (today - timezone.localdate(meeting.held_at)).days
        detail = f"{what} of {timezone.localtime(meeting.held_at):%-d %B} is not recorded"
        record = reverse("case-meeting-record", args=[meeting.case_id, meeting.pk])
        late.append(_row(title, detail, url, days=days, action="Record it", action_url=record))
    team = reverse("supervision-team")
    for each in due(clusters, worker=request.user, events=sessions_beside(request.user)):
        for session in each.beside["events"]:
            at = timezone.localtime(datetime.fromisoformat(session["at"]))
            if at > now:
                coming.append(_row(session["title"], "", reverse("event", args=[session["event"]]), when=at))
                continue
            detail = f"{Event.Kind(session['kind']).label} of {at:%-d %B}: the register is to be taken"
            url = reverse("event-register", args=[session["id"]])
            days = (today - at.date()).days
            late.append(_row(session["title"], detail, url, days=days, action="Take the register", action_url=url))
        if each.planned_on and each.planned_on <= today + timedelta(days=7):
            coming.append(_row("Supervision", "", team, when=each.planned_on))
        elif each.days_late and each.due_on:
            detail = f"Was due {each.due_on:%-d %B}, every {each.weeks} weeks"
            late.append(_row("Supervision", detail, team, days=each.days_late, action="See it", action_url=team))
    return {"overdue": late, "this_week": coming}


def _row(
    title: str, detail: str, url: str, *, days: int = 0, action: str = "", action_url: str = "", when: Any = None
) -> dict[str, Any]:
    return {
        "title": title,
        "detail": detail,
        "url": url,
        "action": action,
        "action_url": action_url,
        "days_late": days,
        "when": when,
    }


def supervision_overdue(request: UserRequest) -> dict[str, Any] | None:
    """Whose supervision is late, for the leader."""
    late = overdue(duties(request.user).leads)
    return {"late": late} if late else None


def supervised(request: UserRequest, *, case: Case) -> dict[str, Any] | None:
    """The case's parts of supervision that the reader may see."""
    parts = parts_of_case(case.pk)
    return {"parts": parts} if parts else None


def audited(request: UserRequest, *, case: Case) -> dict[str, Any] | None:
    """Finished audits of the case, for those who work on it and for leaders."""
    found = audits_of_case(case.pk)
    return {"audits": found} if found else None


def settings_entry(request: UserRequest) -> dict[str, Any]:
    return {
        "label": "Audit questions",
        "url_name": "settings-audit-questions",
        "about": "What a case-file audit asks of each file.",
    }


def is_manager(user: User, **_: object) -> bool:
    return duties(user).is_manager


def nav(request: UserRequest) -> dict[str, Any]:
    return {"label": "Supervision", "url_name": "supervision-team"}


def fill_all() -> None:
    slots.fill("nav", order=44, template="cases:team_supervision", selector=nav, policy=policies.staff_of_clusters)
    slots.fill("my_work", order=30, template="cases:my_meetings", selector=my_meetings, policy=policies.is_practitioner)
    slots.fill(
        "home.side",
        order=35,
        template="cases/slots/supervision_overdue.html",
        selector=supervision_overdue,
        policy=policies.is_leader,
    )
    slots.fill("case.meetings.main", order=10, template="cases/slots/supervised.html", selector=supervised)
    slots.fill("case.meetings.main", order=20, template="cases/slots/audited.html", selector=audited)
    slots.fill("settings.nav", order=60, template="cases:audit_questions", selector=settings_entry, policy=is_manager)
