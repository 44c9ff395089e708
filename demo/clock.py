"""Let services work as of an earlier moment, so that two years of a Cluster can be lived through in seconds.

Only the demonstration does this: a Cluster whose cases all began this morning would show nothing real. What services
stamp (decided, opened, answered, created) is of that moment, and so are their entries in the history; the rows of
change that the database itself writes keep the true time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from unittest import mock

from django.db.models.signals import pre_save
from django.utils import timezone

from cluster_ehs.core.models import Event


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Within this, `timezone.now()` and `timezone.localdate()` answer for `moment`."""

    def stamp(instance: Event, **_: object) -> None:
        instance.at = moment

    pre_save.connect(stamp, sender=Event, weak=False, dispatch_uid="demo-clock")
    try:
        with mock.patch.object(timezone, "now", lambda: moment):
            yield
    finally:
        pre_save.disconnect(sender=Event, dispatch_uid="demo-clock")


def moment(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """A time of day in Leeds."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
