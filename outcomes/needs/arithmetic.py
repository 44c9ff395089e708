"""What needs, social care and averted steps come to, in pure functions.

Social care is compared before, during and after the case [L 5.1]: before is the twelve months up to the opening,
during is to the closure, after is from it on. In each the heaviest level counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from cluster_ehs.core.figures import year_before
from families.models import SocialCareInvolvement

Kind = SocialCareInvolvement.Kind


class Level(IntEnum):
    """How far a family is known to statutory services, the heaviest last."""

    NONE = 0
    EARLY_HELP = 1
    ASSESSMENT = 2
    CHILD_IN_NEED = 3
    PROTECTION = 4
    LOOKED_AFTER = 5


LEVELS = {
    Level.NONE: "None known",
    Level.EARLY_HELP: "Early help assessment only",
    Level.ASSESSMENT: "Assessment or enquiry by social care",
    Level.CHILD_IN_NEED: "Child in need",
    Level.PROTECTION: "Child protection plan or care proceedings",
    Level.LOOKED_AFTER: "Looked after",
}
# Somebody who has left care is not in social care by that.
OF_KIND = {
    Kind.ASSESSMENT.value: Level.ASSESSMENT,
    Kind.ENQUIRY.value: Level.ASSESSMENT,
    Kind.CHILD_IN_NEED.value: Level.CHILD_IN_NEED,
    Kind.CHILD_PROTECTION.value: Level.PROTECTION,
    Kind.COURT.value: Level.PROTECTION,
    Kind.LOOKED_AFTER.value: Level.LOOKED_AFTER,
}


@dataclass(frozen=True)
class Spell:
    """A kind of involvement from a day up to, not including, another (None: still)."""

    kind: str
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True)
class Window:
    """From a day up to, not including, another."""

    starts_on: date
    ends_on: date

    def meets(self, starts_on: date, ends_on: date | None) -> bool:
        return starts_on < self.ends_on and (ends_on is None or ends_on > self.starts_on)


@dataclass(frozen=True)
class Windows:
    before: Window
    during: Window
    # None while the case is open.
    after: Window | None


def windows(opened_on: date, closed_on: date | None, today: date) -> Windows:
    """The three windows of a case; the last day that is known is today. The day of closure belongs to after."""
    tomorrow = today + timedelta(days=1)
    return Windows(
        Window(year_before(opened_on), opened_on),
        Window(opened_on, max(closed_on or tomorrow, opened_on)),
        Window(closed_on, max(tomorrow, closed_on)) if closed_on else None,
    )


def heaviest(spells: Iterable[Spell], window: Window | None, assessed: Sequence[date] = ()) -> Level | None:
    """The heaviest level of a window; None of no window. assessed: days on which an early help assessment began."""
    if window is None:
        return None
    levels = [OF_KIND[s.kind] for s in spells if s.kind in OF_KIND and window.meets(s.starts_on, s.ends_on)]
    if levels:
        return max(levels)
    begun = any(window.starts_on <= day < window.ends_on for day in assessed)
    return Level.EARLY_HELP if begun else Level.NONE


def in_social_care(level: Level | None) -> bool:
    return level is not None and level > Level.EARLY_HELP


# --- what an averted step would have cost ---
@dataclass(frozen=True)
class Rate:
    """What one level costs per child from a day on. per: “week” or “episode”."""

    level: str
    per: str
    pence: int
    starts_on: date
    source: str = ""


@dataclass(frozen=True)
class Cost:
    """pence is None where it cannot be said, and `why` says so."""

    pence: int | None
    rate: Rate | None = None
    why: str = ""

    @property
    def pounds(self) -> str:
        return f"{(self.pence or 0) / 100:,.2f}"

    @property
    def rate_words(self) -> str:
        """The rate with its day and its source, as it was used."""
        if self.rate is None:
            return ""
        each = "a week" if self.rate.per == "week" else "each time"
        day = f"{self.rate.starts_on:%-d %B %Y}"
        return f"£{self.rate.pence / 100:,.2f} {each} for one child, from {day} ({self.rate.source})"


NO_RATE = "No unit cost is set for this day"
NO_WEEKS = "The cost is by the week, and the weeks are not given"


def cost_of(*, level: str, children: int, weeks: int | None, on: date, rates: Iterable[Rate]) -> Cost:
    """The cost at the rate that held on the day of the averting."""
    holding = [rate for rate in rates if rate.level == level and rate.starts_on <= on]
    if not holding:
        return Cost(None, None, NO_RATE)
    rate = max(holding, key=lambda rate: rate.starts_on)
    if rate.per == "week" and weeks is None:
        return Cost(None, rate, NO_WEEKS)
    return Cost(rate.pence * children * (weeks or 0 if rate.per == "week" else 1), rate)


# --- needs ---
def change_of(start: bool | None, end: bool | None) -> str:
    """What became of a need; None where that round was not made."""
    if start is None or end is None:
        return ""
    if start and end:
        return "Still there"
    if start:
        return "No longer there"
    return "New" if end else ""
