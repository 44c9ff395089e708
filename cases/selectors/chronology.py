"""One line of everything that happened in a case, from every app that has something to say."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseMeeting
from cases.selectors.contacts import contacts, title_of
from cluster_ehs.core import slots

# Goals, scores, meetings, reviews, lead workers and services in one query; the walls stand in front of raw SQL too.
REST = """
SELECT 'goals' AS kind, g.created_at AS at, NULL::date AS day, 'Goal agreed: “' || g.words || '”' AS title,
       '' AS by, '' AS text
FROM cases_goal g JOIN cases_plan p ON p.id = g.plan_id WHERE p.case_id = %(case)s
UNION ALL
SELECT 'goals', NULL, g.ended_on, 'Goal ' || g.status || ': “' || g.words || '”', '', g.ended_reason
FROM cases_goal g JOIN cases_plan p ON p.id = g.plan_id WHERE p.case_id = %(case)s AND g.ended_on IS NOT NULL
UNION ALL
SELECT 'scores', NULL, s.scored_on, 'Score ' || s.score || ': “' || g.words || '”', '', ''
FROM cases_goalscore s JOIN cases_goal g ON g.id = s.goal_id JOIN cases_plan p ON p.id = g.plan_id
WHERE p.case_id = %(case)s
UNION ALL
SELECT 'meetings', m.held_at, NULL, m.kind, u.name, concat_ws(E'\\n', nullif(m.attendees, ''), nullif(m.decisions, ''))
FROM cases_casemeeting m JOIN clusters_user u ON u.id = m.author_id WHERE m.case_id = %(case)s
UNION ALL
SELECT 'reviews', NULL, r.reviewed_on, 'Plan reviewed', u.name, concat_ws(E'\\n', nullif(r.took_part, ''), r.decisions)
FROM cases_review r JOIN cases_plan p ON p.id = r.plan_id JOIN clusters_user u ON u.id = r.author_id
WHERE p.case_id = %(case)s
UNION ALL
SELECT 'workers', NULL, l.starts_on, 'Lead worker: ' || u.name, '', l.handover
FROM cases_leadworker l JOIN clusters_user u ON u.id = l.worker_id WHERE l.case_id = %(case)s
UNION ALL
SELECT 'services', NULL, s.starts_on, v.name || ' allocated to ' || u.name, '', ''
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


def of_contacts(request: HttpRequest, *, case: Case) -> dict[str, Any]:
    entries = []
    for contact in contacts(case.pk):
        text = "\n".join(row["text"] for row in contact.note_rows)  # type: ignore[attr-defined]
        entries.append(
            {
                "at": contact.at,
                "kind": "contacts",
                "title": title_of(contact),
                "by": contact.author.name,
                "text": text,
                "url": reverse("contact", args=[contact.pk]),
            }
        )
    return {"entries": entries, "kinds": {"contacts": KINDS["contacts"]}}


def of_the_rest(request: HttpRequest, *, case: Case) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(REST, {"case": case.pk})
        rows = cursor.fetchall()
    plan_url, meetings_url = reverse("case-plan", args=[case.pk]), reverse("case-meetings", args=[case.pk])
    services_url = reverse("case-services", args=[case.pk])
    urls = {"meetings": meetings_url, "services": services_url, "workers": ""}
    entries = [
        {
            "at": at or day,
            "kind": kind,
            "title": CaseMeeting.Kind(title).label if kind == "meetings" else title,
            "by": by,
            "text": text or "",
            "url": urls.get(kind, plan_url),
        }
        for kind, at, day, title, by, text in rows
        if at or day
    ]
    return {"entries": entries, "kinds": {key: label for key, label in KINDS.items() if key != "contacts"}}


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
