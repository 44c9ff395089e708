"""Each minute: while nobody answers for a risk of significant harm, the next on duty is told."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from cluster_ehs.core.scope import NamedActor, acting_as
from families.models import NamedReader
from referrals.harm import tell
from triage.selectors.harm import flagged_before, unanswered

# A flag that nobody answered for so long has been told to everybody there is; the pages go on showing it.
MADE_GOOD = timedelta(days=3)


def escalate() -> int:
    """Tell whoever is due by now, the first included when that message was never noted. Returns how many flags wait."""
    now = timezone.now()
    step = timedelta(minutes=settings.HARM_ESCALATION_MINUTES)
    with acting_as(NamedActor.SCHEDULER):
        rows = list(
            unanswered()
            .filter(harm_flagged_at__gt=now - MADE_GOOD)
            .annotate(again=flagged_before())
            .values("pk", "cluster_id", "family_id", "family__restricted", "harm_flagged_at", "again")
        )
        hidden = [row["family_id"] for row in rows if row["family__restricted"]]
        readers = list(NamedReader.objects.filter(family_id__in=hidden).values_list("family_id", "user_id"))
    for row in rows:
        tell(
            referral_id=row["pk"],
            cluster_id=row["cluster_id"],
            restricted=row["family__restricted"],
            named=[user_id for family_id, user_id in readers if family_id == row["family_id"]],
            at=now,
            flag=row["harm_flagged_at"] if row["again"] else None,
            rungs=1 + (now - (row["harm_flagged_at"] or now)) // step,
        )
    return len(rows)


def carry_on() -> None:
    escalate()
