"""What opens something without a sign-in: tokens of the API, and the private address of a worker's calendar.

They lie on the same laptop as the browser that is signed in. So they end with what is done when that is stolen: a new
password, “Sign out everywhere”, the second factor taken away; and with the last role [OWASP ASVS 5.0 7.4.2, 7.4.3].
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cluster_ehs.core.audit import Actor, Named
from cluster_ehs.core.scope import NamedActor
from clusters.changes import record
from clusters.models import ApiToken, CalendarFeed, StaffRole, User


@dataclass(frozen=True)
class Keys:
    """How many somebody has that still open something."""

    tokens: int = 0
    calendars: int = 0

    def __bool__(self) -> bool:
        return bool(self.tokens or self.calendars)

    @property
    def words(self) -> str:
        """“2 API tokens and the calendar address”; nothing when there are none."""
        tokens = f"{self.tokens} API token{'' if self.tokens == 1 else 's'}" if self.tokens else ""
        return " and ".join(filter(None, [tokens, "the calendar address" if self.calendars else ""]))

    @property
    def verb(self) -> str:
        return "ends" if self.tokens + self.calendars == 1 else "end"

    @property
    def own(self) -> str:
        """“Your 2 API tokens and the calendar address end as well.”, before it is done."""
        begin = f"Your {self.words}" if self.tokens else "Your calendar address"
        return f"{begin} {self.verb} as well." if self else ""


def of(user: User) -> Keys:
    today = timezone.localdate()
    tokens = user.api_tokens.filter(revoked_at=None).exclude(expires_on__lt=today).count()
    return Keys(tokens, user.calendar_feeds.filter(revoked_at=None).count())


def end_all(user: User, *, by: Actor, why: str) -> Keys:
    """Programs and calendars of this person are refused from now on. `why` goes on from “ended:” in the history."""
    now = timezone.now()
    ended = of(user)
    user.api_tokens.filter(revoked_at=None).update(revoked_at=now)
    user.calendar_feeds.filter(revoked_at=None).update(revoked_at=now)
    if ended:
        record(by=by, kind="account", text=f"{user}: {ended.words} ended: {why}.", about=user)
    return ended


def has_role() -> Exists:
    """For rows with a `user`: whether that person has any role today."""
    return Exists(StaffRole.objects.today().filter(user=OuterRef("user")))


def end_without_role() -> None:
    """For the sweep of each minute: with the last role the keys go, so that none comes back with a later one.

    Refused they are from the first moment (`has_role`, where each is read).
    """
    for model in (ApiToken, CalendarFeed):
        left = set(model.objects.filter(~has_role(), revoked_at=None).values_list("user_id", flat=True))
        for user in User.objects.filter(pk__in=left):
            with transaction.atomic():
                end_all(user, by=Named(str(NamedActor.SCHEDULER)), why="the last role has ended")
