"""School attendance of the children of a case, as a table and a line per child."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cases.models import LegalStep, SchoolAttendance
from cluster_ehs.core.charts import line_chart
from families.models import Person


def of_children(case_id: UUID, people: list[Person]) -> list[dict[str, Any]]:
    """Each child with the periods, a chart when there are two or more, and the legal stages; two queries."""
    periods: dict[UUID, list[SchoolAttendance]] = {}
    for row in SchoolAttendance.objects.filter(case_id=case_id).select_related("recorded_by"):
        periods.setdefault(row.person_id, []).append(row)
    legal: dict[UUID, list[LegalStep]] = {}
    for step in LegalStep.objects.filter(case_id=case_id).select_related("stage", "recorded_by"):
        legal.setdefault(step.person_id, []).append(step)
    found = []
    for child in people:
        if not child.is_child:
            continue
        rows = periods.get(child.pk, [])
        chart = None
        if len(rows) > 1:
            points = [(f"{row.ends_on:%-d %b %Y}", float(row.percentage)) for row in rows]
            title = f"Attendance of {child.short_name}"
            chart = line_chart(title, points, of="Until", series=["Attendance"], unit=" %")
        found.append(
            {"child": child, "periods": list(reversed(rows)), "chart": chart, "legal": legal.get(child.pk, [])}
        )
    return found
