"""The shapes of what is counted: a period, a table of rows."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cluster_ehs.core.figures import percentage


def in_words(first: date, last: date) -> str:
    """From and to: 1 January to 30 June 2021."""
    begins = f"{first.day} {first:%B}" + ("" if first.year == last.year else f" {first.year}")
    return f"{begins} to {last.day} {last:%B %Y}"


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both counted."""

    start: date
    end: date

    def before(self) -> "Period":
        """The period before: as many whole months when this one is of whole months, else as many days."""
        last = self.start - timedelta(days=1)
        if self.start.day == 1 and (self.end + timedelta(days=1)).day == 1:
            months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
            return Period(self.back(months).start, last)
        return Period(self.start - (self.end - last), last)

    def back(self, months: int) -> "Period":
        """The period that ends with this one and begins so many months earlier, on a first of the month."""
        year, month = divmod(self.start.year * 12 + self.start.month - 1 - months, 12)
        return Period(date(year, month + 1, 1), self.end)


@dataclass(frozen=True)
class Row:
    name: str
    count: int
    percent: Decimal | None


@dataclass(frozen=True)
class Table:
    """Percentages are of `denominator`, which `of` names. `missing` are those of whom it is not known."""

    key: str
    title: str
    rows: tuple[Row, ...]
    denominator: int
    missing: int | None = None
    about: str = ""
    # What the per cent are of, in words.
    of: str = "referrals received in the period"

    def percent(self, count: int) -> Decimal | None:
        return percentage(count, self.denominator)
