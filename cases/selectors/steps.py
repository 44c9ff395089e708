"""Worries, steps up and down of a case, and whether a worry still waits for its step up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from cases.models import Case, LegalStep, SocialCareStep, Worry
from referrals.models import Referral
from triage.selectors.harm import waiting

Direction = SocialCareStep.Direction


def harm_waits() -> Exists:
    """Beside a case: a referral of it is flagged, and no step up is recorded (the rule is triage's)."""
    return Exists(waiting(Referral.objects.filter(case_link__case=OuterRef("pk"))))


def referrals_of(case_id: UUID) -> list[Referral]:
    """The case's referrals, one for each child, the latest; by the child's age."""
    rows = Referral.objects.filter(case_link__case_id=case_id).select_related("child").order_by("-received_on", "-pk")
    latest: dict[UUID, Referral] = {}
    for referral in rows:
        latest.setdefault(referral.child_id, referral)
    return sorted(latest.values(), key=lambda r: str(r.child.birth_date or ""))


def of_case(case_id: UUID) -> dict[str, Any]:
    """Steps and worries, newest first, and whether a flag waits; three queries."""
    steps = list(SocialCareStep.objects.filter(case_id=case_id).select_related("recorded_by", "step_up"))
    return {
        "steps": steps,
        "ups": [step for step in steps if step.direction == Direction.UP],
        "worries": list(Worry.objects.filter(case_id=case_id).select_related("raised_by", "contact")),
        "waits": waiting(Referral.objects.filter(case_link__case_id=case_id)).first(),
    }


def card(case: Case) -> dict[str, Any] | None:
    """For the case's overview, loaded with `case_with_family`: the flag that waits, and where CSWS stand."""
    return of_case(case.pk) if getattr(case, "harm_waits", False) or getattr(case, "has_steps", False) else None


def has_steps() -> Q:
    """Beside a case: a worry was raised in it, or something went to CSWS from it, or came from there."""
    of_case = {"case": OuterRef("pk")}
    return Exists(SocialCareStep.objects.filter(**of_case)) | Exists(Worry.objects.filter(**of_case))


def has_legal() -> Exists:
    """Beside a case: legal action on attendance was taken."""
    return Exists(LegalStep.objects.filter(case=OuterRef("pk")))


# Worries, steps, what came of them, legal action on attendance, and cover: title, who, text.
HAPPENED = """
SELECT 'social_care' AS kind, w.raised_at AS at, NULL::date AS day, 'Worried about safety' AS title, u.name AS by,
       w.words AS text
FROM cases_worry w JOIN clusters_user u ON u.id = w.raised_by_id WHERE w.case_id = %(case)s
UNION ALL
SELECT 'social_care', NULL, s.stepped_on, s.direction, u.name,
       'Decided by ' || s.decided_by || '. ' || CASE WHEN s.csws_reference = '' THEN '' ELSE 'Reference '
       || s.csws_reference || '. ' END || s.why
FROM cases_socialcarestep s JOIN clusters_user u ON u.id = s.recorded_by_id WHERE s.case_id = %(case)s
UNION ALL
SELECT 'social_care', NULL, s.outcome_on, s.outcome, '', s.outcome_words
FROM cases_socialcarestep s WHERE s.case_id = %(case)s AND s.outcome_on IS NOT NULL
UNION ALL
SELECT 'legal', NULL, l.taken_on, t.label || ': ' || p.first_name, u.name, l.words
FROM cases_legalstep l JOIN clusters_term t ON t.id = l.stage_id JOIN families_person p ON p.id = l.person_id
JOIN clusters_user u ON u.id = l.recorded_by_id WHERE l.case_id = %(case)s
UNION ALL
SELECT 'legal', NULL, l.outcome_on, t.label || ' ended: ' || p.first_name, '', l.outcome
FROM cases_legalstep l JOIN clusters_term t ON t.id = l.stage_id JOIN families_person p ON p.id = l.person_id
WHERE l.case_id = %(case)s AND l.outcome_on IS NOT NULL
UNION ALL
SELECT 'cover', v.created_at, NULL, c.name || ' covers for ' || w.name || ', '
       || to_char(v.starts_on, 'FMDD FMMonth YYYY') || ' to ' || to_char(v.ends_on, 'FMDD FMMonth YYYY'), u.name,
       v.must_know
FROM cases_cover v JOIN clusters_user c ON c.id = v.covering_id JOIN clusters_user w ON w.id = v.worker_id
JOIN clusters_user u ON u.id = v.made_by_id WHERE v.case_id = %(case)s
UNION ALL
SELECT 'cover', v.ended_at, NULL, 'Cover by ' || c.name || ' ended', u.name, ''
FROM cases_cover v JOIN clusters_user c ON c.id = v.covering_id JOIN clusters_user u ON u.id = v.ended_by_id
WHERE v.case_id = %(case)s AND v.ended_at IS NOT NULL
"""
WORDS = {**dict(Direction.choices), **{k: f"CSWS: {v}" for k, v in SocialCareStep.Outcome.choices}}


def chronology(case: Case) -> dict[str, Any]:
    """Entries of a case's chronology, in one query; in none for a case loaded as having none of them."""
    urls = {
        "social_care": reverse("case-social-care", args=[case.pk]),
        "legal": reverse("case-attendance", args=[case.pk]),
        "cover": reverse("case-workers", args=[case.pk]),
    }
    if not any(getattr(case, name, True) for name in ("has_steps", "has_legal", "has_covers")):
        return {"entries": []}
    with connection.cursor() as cursor:
        cursor.execute(HAPPENED, {"case": case.pk})
        rows = cursor.fetchall()
    entries = [
        {
            "at": at or day,
            "kind": kind,
            "title": WORDS.get(title, title),
            "by": by,
            "text": text or "",
            "url": urls[kind],
        }
        for kind, at, day, title, by, text in rows
    ]
    return {
        "entries": entries,
        "kinds": {
            "social_care": "Children’s social care",
            "legal": "Legal action on attendance",
            "cover": "Cover for absence",
        },
    }
