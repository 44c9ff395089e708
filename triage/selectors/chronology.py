"""What triage did for a family, as entries of a case's chronology, in one query."""

from typing import Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, F, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse

from triage.models import Decision, Ending, PassingOn, Response, StepUp

COLUMNS = ("kind", "at_", "what", "who", "words", "referral_", "child_")


def _line(rows: QuerySet, kind: str, *, at: str, what: str, who: Any, words: Any, referral: str) -> QuerySet:
    return rows.annotate(
        kind=Value(kind, CharField()),
        at_=Cast(at, DateTimeField()),
        what=Cast(what, TextField()),
        who=Cast(who, TextField()),
        words=Cast(words, TextField()),
        referral_=F(referral),
        child_=F(f"{referral.removesuffix('_id')}__child_id"),
    ).values_list(*COLUMNS)


def of_family(family_id: UUID) -> list[dict[str, Any]]:
    """Decisions, step-ups, news from partners, and endings that came without a case."""
    decisions = _line(
        Decision.objects.filter(family_id=family_id),
        "decision",
        at="decided_at",
        what="response",
        who="decided_by__name",
        words="rationale",
        referral="referral_id",
    )
    step_ups = _line(
        StepUp.objects.filter(family_id=family_id),
        "step_up",
        at="stepped_up_at",
        what="csws_reference",
        who="stepped_up_by__name",
        words="taken_by",
        referral="referral_id",
    )
    news = _line(
        PassingOn.objects.filter(family_id=family_id, known_on__isnull=False),
        "passed_on",
        at="known_on",
        what="status",
        who="partner__name",
        words="outcome",
        referral="decision__referral_id",
    )
    endings = _line(
        Ending.objects.filter(family_id=family_id).exclude(where=Ending.Where.CASE),
        "ending",
        at="ended_on",
        what="where",
        who="ended_by__name",
        words=Value(""),
        referral="referral_id",
    )
    return [_entry(row) for row in decisions.union(step_ups, news, endings, all=True)]


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    kind, at, what, who, words, referral_id, child_id = row
    title, by, text = {
        "decision": lambda: (f"Decided: {Response(what).label}", who, words),
        "step_up": lambda: (
            "Stepped up to Children's Social Work Services",
            who,
            f"Taken by {words}" + (f", reference {what}" if what else ""),
        ),
        "passed_on": lambda: (f"{who}: {PassingOn.Status(what).label.lower()}", "", words),
        "ending": lambda: (f"Referral ended {Ending.Where(what).label.lower()}", who, words),
    }[kind]()
    url = reverse("screen-referral", args=[referral_id])
    return {
        "at": at,
        "kind": kind,
        "title": title,
        "by": by or "",
        "text": text or "",
        "url": url,
        "people": (child_id,),
    }
