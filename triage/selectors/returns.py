"""Re-referral: which referrals of the child, and of brothers and sisters, had ended before this one came.

The window is ours, since [L] names none (domain 2.9): the 12 months up to the day of receipt, both days counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from cluster_ehs.core.figures import year_before
from referrals.models import Referral
from triage.selectors.board import Known, known_already


@dataclass(frozen=True)
class Earlier:
    """A referral that had ended by then. recent: within the window, so that it counts."""

    known: Known
    ended_on: date
    recent: bool


@dataclass(frozen=True)
class Returns:
    referral: Referral
    endings: list[Earlier]

    @property
    def since(self) -> date:
        return year_before(self.referral.received_on)

    @cached_property
    def own(self) -> list[Earlier]:
        return [each for each in self.endings if each.known.same_child]

    @cached_property
    def siblings(self) -> list[Earlier]:
        return [each for each in self.endings if not each.known.same_child]

    @property
    def of_child(self) -> int:
        """Endings of this child's own referrals within the window."""
        return sum(each.recent for each in self.own)

    @property
    def of_family(self) -> int:
        """Those, and the endings of brothers' and sisters' referrals."""
        return sum(each.recent for each in self.endings)


def returns_of(referral: Referral, known: Iterable[Known] | None = None) -> Returns:
    """The endings before this referral, the latest first. known: the family's other referrals, where they are read."""
    rows = known_already(referral) if known is None else known
    pairs = [(each, getattr(each.referral, "ending", None)) for each in rows]
    since = year_before(referral.received_on)
    found = [
        Earlier(each, ending.ended_on, ending.ended_on >= since)
        for each, ending in pairs
        if ending is not None and ending.ended_on <= referral.received_on
    ]
    return Returns(referral, sorted(found, key=lambda each: each.ended_on, reverse=True))
