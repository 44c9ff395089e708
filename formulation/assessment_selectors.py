"""Reads of assessments: those of a case or a referral, and their line in the chronology."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from formulation.models import AssessedChild, Assessment

COLOURS = {Assessment.Status.BEGUN: "blue", Assessment.Status.COMPLETED: "green", Assessment.Status.ENDED: "grey"}


def assessments(**of: Any) -> QuerySet[Assessment]:
    """The latest first, each with `names` and `child_ids` of the children whom it is about. One query."""
    children = AssessedChild.objects.filter(assessment=OuterRef("pk")).order_by("person__birth_date", "person_id")
    name = Coalesce(NullIf(F("person__known_as"), Value("")), F("person__first_name"))
    return (
        Assessment.objects.filter(**of)
        .select_related("author")
        .annotate(
            names=ArraySubquery(children.annotate(name=name).values("name")),
            child_ids=ArraySubquery(children.values("person_id")),
        )
        .order_by("-starts_on", "-created_at")
    )


def summary(assessment: Assessment | None) -> dict[str, Any] | None:
    """An assessment as the pages tell of it."""
    if assessment is None:
        return None
    names: list[str] = assessment.names  # type: ignore[attr-defined]
    return {
        "assessment": assessment,
        "status": assessment.get_status_display(),
        "colour": COLOURS[Assessment.Status(assessment.status)],
        "live": assessment.status == Assessment.Status.BEGUN,
        "names": " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part),
    }


def in_chronology(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    url = reverse("case-formulation", args=[case.pk])
    entries = []
    for assessment in Assessment.objects.filter(case=case).select_related("author"):
        common = {"kind": "Assessment", "by": assessment.author.name, "url": url}
        entries.append(
            {
                **common,
                "at": _noon(assessment.starts_on),
                "title": "Early help assessment begun",
                "text": assessment.organisation,
            }
        )
        if assessment.finished_on:
            why = assessment.get_why_ended_display()
            how = "ended without completion" if why else "completed"
            entries.append(
                {
                    **common,
                    "at": _noon(assessment.finished_on),
                    "title": f"Early help assessment {how}",
                    "text": why or assessment.organisation,
                }
            )
    return {"entries": entries}


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
