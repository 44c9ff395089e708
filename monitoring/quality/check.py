"""How a rule looks for what is not as it should be. The caller opens the scope."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from cluster_ehs.core.figures import year_before
from monitoring.quality.models import Owner, Severity


class Found(NamedTuple):
    """A record that is not as it should be; ids as text."""

    cluster_id: int
    family_id: UUID | None
    reference: str
    record_id: str
    page_id: str
    fix_id: str
    day: date
    ask_id: int | None


@dataclass(frozen=True)
class Where:
    """Which Clusters, or which one family, as at which day. Records that ended are looked at for two years."""

    clusters: Collection[int] = ()
    family: UUID | None = None
    today: date | None = None

    def values(self, weeks: int | None) -> dict[str, Any]:
        today = self.today or timezone.localdate()
        return {
            "clusters": list(self.clusters),
            "family": self.family,
            "today": today,
            "since": year_before(year_before(today)),
            "before": today - timedelta(weeks=weeks or 0),
        }


@dataclass(frozen=True)
class Check:
    """A rule's code and what it is shipped with. page, fix: names of URLs, asked with page_id and fix_id.

    wrong: told what the statement selects beyond `Found`. find: in place of a statement.
    """

    code: str
    title: str
    why: str
    severity: Severity
    owner: Owner
    page: str
    fix: str
    to_do: str
    sql: str = ""
    weeks: int | None = None
    wrong: Callable[..., bool] | None = None
    find: Callable[[Where, int | None], list[Found]] | None = None

    def found(self, where: Where, weeks: int | None) -> list[Found]:
        """What is not as it should be, in the scope of whoever acts."""
        if self.find is not None:
            return self.find(where, weeks)
        narrow = "family_id = %(family)s" if where.family else "cluster_id = ANY (%(clusters)s)"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({self.sql}) found WHERE {narrow}", where.values(weeks))  # noqa: S608
            rows: Sequence[Any] = cursor.fetchall()
        plain = len(Found._fields)
        return [Found(*row[:plain]) for row in rows if self.wrong is None or self.wrong(*row[plain:])]
