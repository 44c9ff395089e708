"""The journey as a picture: a radar with its table."""

from cluster_ehs.core.charts import Chart
from cluster_ehs.core.radar import radar_chart
from outcomes.readings.scale import Domain
from outcomes.readings.selectors import Journey, Line, finding

RINGS = (2, 4, 6, 8, 10)


def radar(journey: Journey, rows: list[Line]) -> Chart | None:
    """The first reading, the one before the last, and the last; nothing without a reading."""
    if not journey.readings:
        return None
    found = journey.readings
    places = sorted({0, max(len(found) - 2, 0), len(found) - 1})
    values = [(Domain(line.domain).label, *(line.points[place] for place in places)) for line in rows]
    names = [found[place].name for place in places]
    return radar_chart(finding(journey, rows), values, of="Domain", series=names, rings=RINGS)
