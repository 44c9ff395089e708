"""A run beside an earlier one: only of the same report, Clusters and definition are figures comparable."""

from typing import Any

from monitoring.models import ReportRun

LONGEST = 12


def earlier_runs(run: ReportRun) -> list[ReportRun]:
    """Finished runs of the same report about the same Clusters and an earlier period, the latest first."""
    found = ReportRun.objects.filter(
        report=run.report,
        status=ReportRun.Status.DONE,
        cluster_ids=run.cluster_ids,
        outside=run.outside,
        kept_inside=None,
        period_to__lt=run.period_to,
    )
    return list(found.exclude(pk=run.pk).order_by("-period_to", "-created_at").defer("snapshot")[:LONGEST])


def made_together(run: ReportRun) -> list[ReportRun]:
    """The reports that fell due with this one, about the same Clusters."""
    if run.schedule_id is None or run.due_on is None:
        return []
    same = ReportRun.objects.filter(schedule=run.schedule_id, due_on=run.due_on, audience=run.audience)
    return list(same.exclude(pk=run.pk).order_by("created_at").defer("snapshot"))


def beside(snapshot: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """The snapshot with another's figures where those of the period before stood, row by row and column by column.

    With another definition nothing stands beside: the figures do not mean the same.
    """
    same = snapshot["definition"] == earlier["definition"]
    others = {table["table"]: table for table in earlier["tables"]} if same else {}
    tables = [{**table, "before": _before(table, others.get(table["table"]))} for table in snapshot["tables"]]
    return {**snapshot, "tables": tables, "before": earlier["period"], "comparable": same}


def _before(table: dict[str, Any], other: dict[str, Any] | None) -> list[list[Any]] | None:
    if other is None:
        return None
    places = {label: place for place, (label, _) in enumerate(other["columns"])}
    rows = {row[0]: row for row in other["rows"]}
    return [
        [
            rows[row[0]][places[label]]
            if row[0] in rows and label in places
            else (0 if kind == "count" and label in places else None)
            for label, kind in table["columns"][1:]
        ]
        for row in table["rows"]
    ]
