"""One line of everything that happened in a case, from every app that has something to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseMeeting, Contact
from cases.selectors.contacts import title_of
from cluster_ehs.core import slots

# Contacts, goals, scores, meetings, reviews, lead workers and services in one query. The walls stand in front of raw
# SQL too: a note that the reader may not see is not there to be joined.
ENTRIES = """
SELECT 'contacts' AS kind, c.at AS at, NULL::date AS day,
       concat_ws('|', c.kind, c.attendance, c.session_kind, coalesce(v.name, '')) AS title, u.name AS by,
       (SELECT string_agg(n.text, E'\\n' ORDER BY n.created_at) FROM cases_contactnote n
        WHERE n.contact_id = c.id) AS text, c.id AS id
FROM cases_contact c JOIN clusters_user u ON u.id = c.author_id
LEFT JOIN cases_caseservice s ON s.id = c.case_service_id LEFT JOIN clusters_service v ON v.id = s.service_id
WHERE c.case_id = %(case)s
UNION ALL
SELECT 'goals' AS kind, g.created_at AS at, NULL::date AS day, 'Goal agreed: “' || g.words || '”' AS title,
       '' AS by, '' AS text, NULL::uuid AS id
FROM cases_goal g JOIN cases_plan p ON p.id = g.plan_id WHERE p.case_id = %(case)s
UNION ALL
SELECT 'goals', NULL, g.ended_on, 'Goal ' || g.status || ': “' || g.words || '”', '', g.ended_reason, NULL
FROM cases_goal g JOIN cases_plan p ON p.id = g.plan_id WHERE p.case_id = %(case)s AND g.ended_on IS NOT NULL
UNION ALL
SELECT 'scores', NULL, s.scored_on, 'Scores', '',
       string_agg('“' || g.words || '” ' || s.score, E'\\n' ORDER BY g.position), NULL
FROM cases_goalscore s JOIN cases_goal g ON g.id = s.goal_id JOIN cases_plan p ON p.id = g.plan_id
WHERE p.case_id = %(case)s GROUP BY s.scored_on, s.contact_id
UNION ALL
SELECT 'meetings', m.held_at, NULL, m.kind, u.name,
       concat_ws(E'\\n', nullif(m.attendees, ''), nullif(m.decisions, '')), NULL
FROM cases_casemeeting m JOIN clusters_user u ON u.id = m.author_id WHERE m.case_id = %(case)s
UNION ALL
SELECT 'reviews', NULL, r.reviewed_on, 'Plan reviewed', u.name,
       concat_ws(E'\\n', nullif(r.took_part, ''), r.decisions), NULL
FROM cases_review r JOIN cases_plan p ON p.id = r.plan_id JOIN clusters_user u ON u.id = r.author_id
WHERE p.case_id = %(case)s
UNION ALL
SELECT 'workers', NULL, l.starts_on, 'Lead worker: ' || u.name, '', l.handover, NULL
FROM cases_leadworker l JOIN clusters_user u ON u.id = l.worker_id WHERE l.case_id = %(case)s
UNION ALL
SELECT 'services', NULL, s.starts_on, v.name || ' allocated to ' || u.name, '', '', NULL
FROM cases_caseservice s JOIN clusters_service v ON v.id = s.service_id JOIN clusters_user u ON u.id = s.worker_id
WHERE s.case_id = %(case)s
"""

KINDS = {
    "contacts": "Contacts and sessions",
    "goals": "Goals",
    "scores": "Scores",
    "meetings": "Meetings",
    "reviews": "Reviews",
    "workers": "Lead workers",
    "services": "Services",
}


def of_the_case(request: HttpRequest, *, case: Case) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, {"case": case.pk})
        rows = cursor.fetchall()
    urls = {
        "meetings": reverse("case-meetings", args=[case.pk]),
        "services": reverse("case-services", args=[case.pk]),
        "workers": "",
    }
    plan_url = reverse("case-plan", args=[case.pk])
    entries = [
        {
            "at": at or day,
            "kind": kind,
            "title": TITLES.get(kind, str)(title),
            "by": by,
            "text": text or "",
            "url": reverse("contact", args=[pk]) if pk else urls.get(kind, plan_url),
        }
        for kind, at, day, title, by, text, pk in rows
    ]
    return {"entries": entries, "kinds": KINDS}


def _contact_title(parts: str) -> str:
    kind, attendance, session_kind, service = parts.split("|")
    contact = Contact(kind=kind, attendance=attendance, session_kind=session_kind)
    return title_of(contact, service)


TITLES: dict[str, Callable[[str], str]] = {
    "contacts": _contact_title,
    "meetings": lambda kind: str(CaseMeeting.Kind(kind).label),
}


def moment(at: date | datetime) -> datetime:
    """Days without a time come first on their day."""
    if isinstance(at, datetime):
        return at
    return timezone.make_aware(datetime.combine(at, time.min))


def chronology(
    request: HttpRequest, case: Case, *, kind: str = "", since: date | None = None, until: date | None = None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Entries, newest first, and the kinds there are to choose from."""
    entries: list[dict[str, Any]] = []
    kinds: dict[str, str] = {}
    for part in slots.gather("case.chronology", request, case=case):
        entries += part["entries"]
        kinds |= part.get("kinds", {})
    for entry in entries:
        kinds.setdefault(entry["kind"], str(entry["kind"]).replace("_", " ").capitalize())
    chosen = []
    for entry in entries:
        day = timezone.localtime(moment(entry["at"])).date()
        if (kind and entry["kind"] != kind) or (since and day < since) or (until and day > until):
            continue
        chosen.append(entry)
    chosen.sort(key=lambda entry: moment(entry["at"]), reverse=True)
    return chosen, kinds
