"""What of a worker's sessions belongs to “My work”: to record, to come, interpreters to book, services running out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from cases.models import CaseMeeting, Contact
from cases.selectors.home import MyCase, of_mine
from cases.selectors.session_rows import FORTNIGHT
from clusters.http import UserRequest

WEEK = timedelta(days=7)


def session_work(request: UserRequest) -> dict[str, Any]:
    """Rows of the slot `my_work`, out of the cases that the page has loaded."""
    now, today = timezone.now(), timezone.localdate()
    overdue: list[dict[str, Any]] = []
    coming: list[dict[str, Any]] = []
    for row in of_mine(request).cases:
        case, family = row.case, f"{row.case.family}{row.mark}"
        for planned in case.planned_rows:  # type: ignore[attr-defined]
            at, url = datetime.fromisoformat(planned["at"]), reverse("planned-session", args=[planned["id"]])
            name = planned["known_as"] or planned["first_name"]
            who = f"{name}, {family}" if name else family
            what = planned["service"] or Contact.Kind(planned["kind"]).label
            if at < now:
                late = (today - timezone.localdate(at)).days
                said = f"{what} of {_when(at)} is not recorded"
                overdue.append(_row(who, said, url, action="Record it", action_url=url, days_late=late))
                continue
            if at < now + WEEK:
                coming.append(_row(what, who, url, when=at))
            if case.needs_interpreter and not planned["interpreted"]:  # type: ignore[attr-defined]
                overdue.append(_to_book(case.pk, who, what, at, planned["planned_at"], planned=planned["id"]))
        for meeting in case.meetings_without if case.needs_interpreter else ():  # type: ignore[attr-defined]
            at, kind = datetime.fromisoformat(meeting["at"]), CaseMeeting.Kind(meeting["kind"]).label
            overdue.append(_to_book(case.pk, family, kind, at, meeting["planned_at"], meeting=meeting["id"]))
        overdue += _running_out(request, row)
    return {"overdue": overdue, "this_week": coming}


def _running_out(request: UserRequest, row: MyCase) -> list[dict[str, Any]]:
    """The service that the reader gives in a case, two sessions or four weeks before its end."""
    service, use = row.service, row.use
    if service is None or use is None or not use.running_out or service.worker_id != request.user.pk:
        return []
    url = reverse("case-services", args=[row.case.pk])
    said = f"{service.service.name}: {use.warning[:1].lower()}{use.warning[1:]}"
    late = max((timezone.localdate() - use.ends_on).days, 0) if use.ends_on else 0
    return [_row(str(row.case.family), said, url, action="See the service", action_url=url, days_late=late)]


def _when(at: datetime) -> str:
    return f"{timezone.localtime(at):%a %-d %B, %H:%M}"


def _to_book(case_id: UUID, who: str, kind: str, at: datetime, planned_at: str, **of: str) -> dict[str, Any]:
    """No interpreter is booked for something of the next fortnight: late by the days since one could have been."""
    since = max(timezone.localdate(datetime.fromisoformat(planned_at)), timezone.localdate(at - FORTNIGHT))
    late = (timezone.localdate() - since).days
    url = f"{reverse('interpreter-new', args=[case_id])}?{urlencode(of)}"
    said = f"{kind}, {_when(at)}: no interpreter is booked"
    return _row(who, said, reverse("case-services", args=[case_id]), action="Book one", action_url=url, days_late=late)


def _row(
    title: str,
    detail: str,
    url: str,
    *,
    action: str = "",
    action_url: str = "",
    days_late: int = 0,
    when: date | datetime | None = None,
) -> dict[str, Any]:
    return {
        "title": title,
        "detail": detail,
        "url": url,
        "action": action,
        "action_url": action_url,
        "days_late": days_late,
        "when": when,
    }
