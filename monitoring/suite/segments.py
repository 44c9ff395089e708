"""Need segments as a report: what was last worked out for the Clusters, never worked out while somebody waits."""

from decimal import Decimal

from cluster_ehs.core.figures import percentage
from monitoring.segments.models import DEFINITION, NeedSegments
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table

CAUTION = "These groups go with progress or the lack of it; they are not its cause."
NONE_YET = "Nothing has been worked out for these Clusters: look for groups on the page of the need segments."


def _share(per_cent: int | None) -> Decimal | None:
    return None if per_cent is None else Decimal(per_cent)


def make(asked: Asked) -> list[Table]:
    """Groups and the needs in them, of the newest result about these Clusters made by the as-at moment."""
    runs = NeedSegments.objects.filter(status="done", finished_at__lte=asked.as_at, result__isnull=False)
    run = next((run for run in runs if set(run.cluster_ids) == set(asked.clusters)), None)
    result = run.result if run else None
    groups = result["groups"] if result else []
    about = f"{CAUTION} About referrals received {run.period_words}." if run else NONE_YET
    if result and not groups:
        about = f"No groups were found among the referrals received {run.period_words}." if run else about
    if groups and result and not result["stable"]:
        about += " The groups are not stable: another start finds others, so nothing is to be decided by them."
    families = sum(group["size"] for group in groups)
    sizes = Table(
        "segments",
        "Families grouped by their needs",
        (
            Column("Group", Kind.TEXT),
            Column("Families"),
            Column("Per cent", Kind.PERCENT),
            Column("Typical needs", Kind.TEXT),
            Column("Progress, per cent", Kind.PERCENT),
        ),
        tuple(
            (
                f"Group {group['letter']}",
                group["size"],
                percentage(group["size"], families),
                "; ".join(group["typical"]),
                None if group["progress"] is None else Decimal(group["progress"]),
            )
            for group in groups
        ),
        families or None,
        "families grouped",
        note=about,
        chart=("Families",),
    )
    needs = [need for need, _, _ in groups[0]["needs"]] if groups else []
    shares = Table(
        "segment-needs",
        "Needs in each group, per cent of its families",
        (Column("Need", Kind.TEXT), *(Column(f"Group {group['letter']}", Kind.PERCENT) for group in groups)),
        tuple((need, *(_share(group["needs"][place][1]) for group in groups)) for place, need in enumerate(needs)),
        note="A dash stands for fewer than ten families." if groups else "",
    )
    return [sizes, shares] if groups else [sizes]


REPORT = Report(
    "segments",
    "Need segments",
    "Families grouped by what they needed, and what goes with progress.",
    DEFINITION,
    make,
    page="segments",
    compares=False,
    managers_only=True,
)
