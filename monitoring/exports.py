"""The evaluation's tables as CSV and JSON: the same rows for the command and the page's downloads."""

import csv
import io
import json
from typing import Any

from cluster_ehs.core.exports import safe_text
from monitoring.published import Published, published_for
from monitoring.tables import Evaluation

COLUMNS = ("table", "row", "count", "percent", "denominator")


def flat_rows(made: Evaluation) -> list[dict[str, Any]]:
    """One dictionary per row of the publication's tables, with the publication's names."""
    return [
        {
            "table": table.key,
            "row": row.name,
            "count": row.count,
            "percent": "" if row.percent is None else str(row.percent),
            "denominator": table.denominator,
        }
        for table in made.tables
        for row in table.rows
    ]


def printed(made: Evaluation) -> dict[tuple[str, str], Published]:
    """The publication's figures with our notes on them, when these tables are about its period."""
    return published_for(made.period.start, made.period.end)


def as_csv(made: Evaluation, *, notes: bool = False) -> str:
    """CSV of the rows. With `notes` a sixth column says what the publication printed wrongly."""
    out = io.StringIO()
    columns = [*COLUMNS, "note"] if notes else [*COLUMNS]
    writer = csv.DictWriter(out, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    said = printed(made) if notes else {}
    for row in flat_rows(made):
        if notes:
            known = said.get((row["table"], row["row"]))
            row["note"] = known.note if known else ""
        writer.writerow({name: safe_text(cell) for name, cell in row.items()})
    return out.getvalue()


def as_json(made: Evaluation) -> str:
    said = printed(made)
    return json.dumps(
        {
            "clusters": made.cluster_names,
            "from": made.period.start.isoformat(),
            "to": made.period.end.isoformat(),
            "as_at": made.as_at.isoformat(),
            "referrals": made.referrals,
            "children": made.children,
            "tables": [{"table": t.key, "title": t.title, "missing": t.missing, "about": t.about} for t in made.tables],
            "rows": flat_rows(made),
            "notes": [
                {"table": p.table, "row": p.row, "printed_count": p.printed_count, "note": p.note}
                for p in said.values()
                if p.note
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
