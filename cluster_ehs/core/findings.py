"""Titles that say what a chart shows, and never more than its numbers bear. Pure functions of what is shown.

A title compares the numbers as they are written, so that “fell from 4 to 4” cannot be said. Counts of fewer than
`SMALL` and shares or middles of fewer than `FEW` are told without “rose” or “fell”. A month that is not over is left
out by the caller (`Told.over`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

# Below this a count goes up and down by itself.
SMALL = 5
# A middle or a share of fewer than these says little.
FEW = 10


@dataclass(frozen=True)
class Told:
    """One point or bar: its name, its value (None when there is none), and of how many it is, None for a count."""

    name: str
    value: float | None
    of: int | None = None
    over: bool = True


def written(value: float, unit: str = "") -> str:
    """A number as titles, tables and bars write it: at most one decimal."""
    return f"{rounded(value):,.1f}".removesuffix(".0") + unit


def rounded(value: float) -> float:
    return round(value + 1e-9, 1)


def change(what: str, points: Sequence[Told], unit: str = "") -> str:
    """The title of a line: “Waiting eight weeks or more fell from 9 to 4”.

    points: in order of time, of which those that are not over are not spoken of.
    """
    known = [point for point in points if point.over and point.value is not None]
    values = [rounded(point.value) for point in known if point.value is not None]
    if not known:
        return _("%(what)s: nothing to show yet") % {"what": what}
    first, last = known[0], known[-1]
    told = {
        "what": what,
        "a": written(values[0], unit),
        "b": written(values[-1], unit),
        "first": first.name,
        "last": last.name,
    }
    if len(known) == 1:
        return _("%(what)s: %(a)s in %(first)s") % told
    if not any(values):
        if first.of is None:
            return _("%(what)s: none from %(first)s to %(last)s") % told
        return _("%(what)s stayed at %(a)s from %(first)s to %(last)s") % told
    if any(point.of is not None and point.of < FEW for point in (first, last)):
        told |= {"m": str(first.of), "n": str(last.of)}
        return _("%(what)s: %(a)s of %(m)s in %(first)s, %(b)s of %(n)s in %(last)s, too few to compare") % told
    if len(set(values)) == 1:
        return _("%(what)s stayed at %(a)s from %(first)s to %(last)s") % told
    if values[0] == values[-1]:
        told |= {"low": written(min(values), unit), "high": written(max(values), unit)}
        return _("%(what)s: %(a)s in %(first)s and in %(last)s, between %(low)s and %(high)s meanwhile") % told
    if first.of is None and max(values) < SMALL:
        return _("%(what)s: %(a)s in %(first)s, %(b)s in %(last)s, too small to read a change") % told
    text = _("%(what)s fell from %(a)s to %(b)s") if values[-1] < values[0] else _("%(what)s rose from %(a)s to %(b)s")
    # Ends alone would hide a summit or a dip between them.
    highest, lowest = max(values), min(values)
    over, under = highest - max(values[0], values[-1]), min(values[0], values[-1]) - lowest
    if max(over, under) > 0:
        extreme = highest if over >= under else lowest
        told |= {"extreme": written(extreme, unit), "when": known[values.index(extreme)].name}
        text += _(", by way of %(extreme)s in %(when)s")
    return text % told


def highest(what: str, rows: Sequence[Told], unit: str = "", *, each: str = "Cluster") -> str:
    """The title of bars beside each other: “Referrals received: most in Seacroft, 31”. each: what a bar is of."""
    known = [row for row in rows if row.value is not None]
    if not known:
        return _("%(what)s: nothing to show yet") % {"what": what}
    values = [rounded(row.value) for row in known if row.value is not None]
    told = {"what": what, "each": each, "value": written(max(values), unit), "name": known[0].name, "n": len(known)}
    if len(known) == 1:
        return _("%(what)s: %(name)s %(value)s") % told
    if known[0].of is None:
        if not any(values):
            return _("%(what)s: none in any %(each)s") % told
        if max(values) < SMALL:
            return _("%(what)s: at most %(value)s in any %(each)s") % told
    else:
        enough = [row for row in known if (row.of or 0) >= FEW]
        if len(enough) < 2:
            return _("%(what)s: too few to compare") % told
        known = enough
        values = [rounded(row.value) for row in known if row.value is not None]
        told |= {"value": written(max(values), unit), "n": len(known)}
    top = [row.name for row, value in zip(known, values, strict=True) if value == max(values)]
    if len(top) == len(known):
        return _("%(what)s: %(value)s in each %(each)s") % told
    told |= {"name": _(" and ").join(top), "n": len(top)}
    if len(top) > 2:
        return _("%(what)s: highest in %(n)s of them, %(value)s each") % told
    if len(top) == 2:
        return _("%(what)s: highest in %(name)s, %(value)s each") % told
    return _("%(what)s: highest in %(name)s, %(value)s") % told
