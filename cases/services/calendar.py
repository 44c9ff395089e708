"""The private address under which a worker's own calendar reads what is planned: made, taken back, and read."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from icalendar import Calendar, Event

from cases.policies import check_works_in_cases
from cases.selectors.sessions import ahead, initials
from clusters.models import CalendarFeed, User
from clusters.signing_in import keys

WEEKS = 26
MINUTES = 60


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_feed(*, by: User) -> str:
    """A new address; the earlier one ends. The token is given here and kept nowhere. Raises Denied."""
    check_works_in_cases(by)
    User.objects.select_for_update().get(pk=by.pk)
    end_feed(by=by)
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(user=by, digest=digest(token))
    return token


def end_feed(*, by: User) -> None:
    """The address opens nothing any more."""
    CalendarFeed.objects.filter(user=by, revoked_at__isnull=True).update(revoked_at=timezone.now())


def find_feed(token: str) -> CalendarFeed | None:
    """The live feed of a token whose user still has an account and a role; None for every other."""
    live = CalendarFeed.objects.filter(keys.has_role(), revoked_at__isnull=True, user__is_active=True)
    return live.filter(digest=digest(token)).select_related("user").first()


def as_calendar(feed: CalendarFeed) -> bytes:
    """What is planned by the feed's user, as iCalendar (RFC 5545). To be read within the scope of that user.

    A calendar leaves the Cluster's walls: an event says when, and the initials of whom; no name, service, place or
    reference. Its identifier is made of the feed's own secret, so that nothing can be looked up by it.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Cluster early help//My sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "My sessions")
    stamp = datetime.now(UTC).replace(microsecond=0)
    for session in ahead(feed.user, today=timezone.localdate(), weeks=WEEKS):
        event = Event()
        event.add("uid", hashlib.sha256(f"{feed.digest}:{session.pk}".encode()).hexdigest()[:40])
        event.add("dtstamp", stamp)
        event.add("dtstart", session.at.astimezone(UTC))
        event.add("dtend", session.at.astimezone(UTC) + timedelta(minutes=session.minutes or MINUTES))
        event.add("summary", initials(session))
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return calendar.to_ical()
