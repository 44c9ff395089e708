"""Let services work as of an earlier moment, so that two years of a Cluster can be lived through in seconds.

Only the demonstration does this: a Cluster whose cases all began this morning would show nothing real. What services
stamp (decided, opened, answered, created) is of that moment. The history of changes and events keeps the true time,
which the database gives and nobody can set.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from unittest import mock

from django.utils import timezone


@contextmanager
def as_of(at: datetime) -> Iterator[None]:
    """Within this, `timezone.now()` and `timezone.localdate()` answer for that moment."""
    with mock.patch.object(timezone, "now", lambda: at):
        yield


def moment(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """A time of day in Leeds."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
