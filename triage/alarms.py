"""Once for each day on which families reach eight weeks of waiting, whoever must know is told how many, not who."""

from collections import Counter
from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse

from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import queue_message
from clusters.models import User
from families.alerts import people_to_tell
from families.models import NamedReader
from triage.models import Offer

# A day on which the scheduler did not run is made good for so long.
MADE_GOOD = timedelta(days=14)


def tell_of_long_waits(today: date) -> int:
    """Note one mail per person and day of crossing. Returns how many were noted; a second run notes none anew."""
    alarm = timedelta(weeks=Offer.ALARM_WEEKS)
    with acting_as(NamedActor.SCHEDULER):
        rows = list(
            Offer.objects.filter(
                status=Offer.Status.WAITING,
                waiting_since__lte=today - alarm,
                waiting_since__gt=today - alarm - MADE_GOOD,
            ).values("cluster_id", "family_id", "family__restricted", "waiting_since")
        )
        hidden = {row["family_id"] for row in rows if row["family__restricted"]}
        named: dict[object, set[int]] = {}
        for family_id, user_id in NamedReader.objects.filter(family_id__in=hidden).values_list("family_id", "user_id"):
            named.setdefault(family_id, set()).add(user_id)
    told: Counter[tuple[User, date]] = Counter()
    leaders: dict[object, list[User]] = {}
    for row in rows:
        key = row["family_id"] if row["family__restricted"] else row["cluster_id"]
        if key not in leaders:
            leaders[key] = people_to_tell(
                cluster_id=row["cluster_id"],
                restricted=row["family__restricted"],
                named=named.get(row["family_id"], set()),
            )
        for person in leaders[key]:
            told[person, row["waiting_since"] + alarm] += 1
    path = reverse("waiting-list")
    link = f"{settings.PUBLIC_URL}{path}"
    for (person, crossed), number in told.items():
        places = "One place on a waiting list has" if number == 1 else f"{number} places on waiting lists have"
        queue_message(
            key=f"eight-weeks:{crossed:%Y-%m-%d}:{person.pk}",
            to=person.email or "",
            subject="Somebody has waited eight weeks",
            body=f"{places} reached eight weeks on {crossed.day} {crossed:%B %Y}. Sign in to see which: {link}",
            user_id=person.pk,
            url=path,
        )
    return len(told)
