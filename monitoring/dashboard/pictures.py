"""The dashboard's charts, each with a title that says what is seen in it."""

from collections.abc import Sequence

from cluster_ehs.core.charts import Chart, bar_chart, line_chart
from cluster_ehs.core.findings import Told, change, highest, rounded
from clusters.models import Cluster
from monitoring.dashboard.counting import BEFORE, Number, Numbers, Point, number
from monitoring.dashboard.figures import Figure, Kind


def shown(value: Number) -> float | None:
    return None if value.value is None else rounded(value.value)


def _of(figure: Figure, value: Number) -> int | None:
    return None if figure.kind == Kind.COUNT else value.of


def over_months(figure: Figure, points: Sequence[Point]) -> Chart | None:
    """A figure month by month; what is not over yet is drawn, and the title does not speak of it."""
    if not any(point.number.of for point in points):
        return None
    # What stands at a moment is true of any day; what happens in a month has not all happened yet.
    told = [
        Told(
            f"{point.month.start:%B %Y}",
            point.number.value,
            _of(figure, point.number),
            over=figure.at_a_moment or not point.unfinished,
        )
        for point in points
    ]
    rows = [(_month(figure, point), shown(point.number)) for point in points]
    title = change(figure.label, told, figure.unit)
    about = "At the end of each month" if figure.at_a_moment else "In each month"
    return line_chart(title, rows, of="Month", series=[figure.head], unit=figure.unit, about=about)


def _month(figure: Figure, point: Point) -> str:
    if not point.unfinished:
        return f"{point.month.start:%b %y}"
    return "Now" if figure.at_a_moment else f"{point.month.start:%b} so far"


def together(figures: Sequence[Figure], trends: dict[str, list[Point]], names: Sequence[str]) -> Chart | None:
    """Two or more figures of one kind over the same months; the title is about the last of them."""
    lines = [trends[figure.key] for figure in figures]
    about = over_months(figures[-1], lines[-1]) or over_months(figures[0], lines[0])
    if about is None:
        return None
    rows = [
        (_month(figures[-1], points[-1]), *(shown(point.number) for point in points))
        for points in zip(*lines, strict=True)
    ]
    return line_chart(about.title, rows, of="Month", series=names, unit=figures[-1].unit, about=about.about)


def side_by_side(figure: Figure, clusters: Sequence[Cluster], numbers: Numbers, *, before: str) -> Chart | None:
    """A bar for each Cluster. before: what the period is compared with, in words; empty for nothing."""
    found = [(cluster, number(numbers, cluster.pk, figure)) for cluster in clusters]
    if len(clusters) < 2 or not any(value.of for _, value in found):
        return None
    with_before = bool(before) and not figure.now_only
    rows = [
        (
            cluster.name,
            shown(value),
            *([shown(number(numbers, cluster.pk, figure, BEFORE))] if with_before else []),
        )
        for cluster, value in sorted(found, key=lambda pair: -(pair[1].value or 0))
    ]
    title = highest(
        figure.label, [Told(cluster.name, value.value, _of(figure, value)) for cluster, value in found], figure.unit
    )
    series = ["This period", before] if with_before else [figure.head]
    return bar_chart(title, rows, of="Cluster", series=series, unit=figure.unit)
