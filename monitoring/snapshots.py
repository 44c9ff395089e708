"""What a report says, taken once and kept: the evaluation's tables beside the period before."""

from typing import Any

from monitoring.models import ReportRun
from monitoring.tables import Evaluation, Period, Table, evaluation


def take_snapshot(run: ReportRun) -> dict[str, Any]:
    """The figures of a run, as at the moment it was asked for. The caller opens the scope."""
    period = Period(run.period_from, run.period_to)
    now, before = (
        evaluation(clusters=run.cluster_ids, names=run.cluster_names, period=each, as_at=run.as_at)
        for each in (period, period.before())
    )
    return {
        "definition": run.definition,
        "clusters": run.cluster_names,
        "period": [period.start.isoformat(), period.end.isoformat()],
        "before": [before.period.start.isoformat(), before.period.end.isoformat()],
        "as_at": run.as_at.isoformat(),
        "referrals": now.referrals,
        "children": now.children,
        "referrals_before": before.referrals,
        "tables": [_table(table, before) for table in (*now.tables, *now.beside)],
    }


def _table(table: Table, before: Evaluation) -> dict[str, Any]:
    earlier = {row.name: row.count for row in before.table(table.key).rows}
    return {
        "table": table.key,
        "title": table.title,
        "denominator": table.denominator,
        "denominator_words": table.of,
        "missing": table.missing,
        "note": table.about,
        "rows": [
            {
                "row": row.name,
                "count": row.count,
                "percent": None if row.percent is None else str(row.percent),
                "before": earlier.get(row.name, 0),
            }
            for row in table.rows
        ],
    }
