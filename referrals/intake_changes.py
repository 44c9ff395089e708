"""A notification that its sender changed: the entry is brought up to date, the earlier text is kept beside it.

What waits to be matched waits once, with the new words. What was set aside waits again. What became a referral already
stays one, and is marked until a person has put the new words into its notes.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Denied
from clusters.models import User
from referrals import policies
from referrals.intake import Received, given, tell_of_harm
from referrals.models import Intake, IntakeVersion, Story

# The same words for both, so that they do not say which it is.
OF_ANOTHER = (
    "What is known here under this external_id is another Cluster's, or not for you to open. Only a manager, or a "
    "leader who reads it, sends a change of it."
)


def change_intake(
    *,
    by: Actor,
    received: Received,
    payload: Mapping[str, Any],
    cluster_id: int | None = None,
    school_id: int | None = None,
    harm: bool = False,
    only_in: Collection[int] | None = None,
) -> bool:
    """Bring an entry up to date with what came now. False when it says what is known already, also in an earlier
    version: a late second delivery undoes nothing.

    Runs as the feed, which reads nothing back. A fear of harm is never taken back by a change, nor is `restricted`; a
    new fear is told at once, and flags the referral that the entry became.
    only_in: the Clusters whose entries the sender may change; None: all. Of these, too, not what `scope.hide_from`
    has closed. Raises Denied.
    """
    words = json.dumps(dict(payload), default=str)
    with connection.cursor() as cursor:
        cursor.execute("SELECT *, ehs_feed_closed(%s) FROM ehs_feed_whose(%s)", [received.id, received.id])
        of_cluster, restricted, closed = cursor.fetchone()
        if closed or (only_in is not None and of_cluster is not None and of_cluster not in only_in):
            raise Denied(OF_ANOTHER)
        cursor.execute(
            "SELECT * FROM ehs_feed_change(%s, %s::jsonb, %s, %s, %s)",
            [received.id, words, harm, school_id, cluster_id],
        )
        outcome, newly_feared = cursor.fetchone()
    if outcome == "same":
        return False
    kept = {**payload, "restricted": True} if restricted else dict(payload)
    cluster_id = of_cluster or cluster_id
    intake = Intake(pk=received.id, cluster_id=cluster_id, reference=received.reference, payload=kept)
    audit.event(by=by, kind="intake.changed", text=f"{received.reference} was changed by its sender", about=intake)
    if newly_feared and outcome == "waits":
        tell_of_harm(intake)
    return True


def versions_of(intake: Intake) -> list[IntakeVersion]:
    """The earlier texts, the latest first."""
    return list(intake.versions.select_related("school").order_by("-replaced_at"))


def changes_of(intake: Intake, versions: Sequence[IntakeVersion]) -> list[tuple[str, str, str]]:
    """What is to be looked at: against the text that became the referral, or that was looked at last; of an entry
    that waits, against the text before."""
    since = intake.looked_at or intake.acted_at or intake.received_at
    unseen = [version for version in versions if version.replaced_at > since] if intake.to_look_at else []
    before = unseen[-1:] or list(versions[:1])
    return differences(before[0].payload, intake.payload) if before else []


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(label, as it was, as it is) of what differs between two texts."""
    was, now = dict(given(before)), dict(given(after))
    labels = [*now, *(label for label in was if label not in now)]
    return [(label, was.get(label, ""), now.get(label, "")) for label in labels if was.get(label) != now.get(label)]


@transaction.atomic
def note_change(*, by: User, intake: Intake) -> bool:
    """A person has looked: what changed goes into the notes of the referral. False when there is nothing to look at.

    Raises Denied.
    """
    now = Intake.objects.select_for_update(of=("self",)).select_related("referral").get(pk=intake.pk)
    policies.check_intake(by, now)
    if not now.to_look_at or now.referral is None:
        return False
    story = Story.objects.select_for_update().get(referral=now.referral)
    lines = [f"{label}: {text or 'taken out'}" for label, _, text in changes_of(now, versions_of(now))]
    if lines:
        head = f"Changed by the sender ({now.get_source_display()}, {now.reference}), {_moment(now.changed_at)}:"
        story.notes = "\n".join([*([story.notes, ""] if story.notes else []), head, *lines])
        story.save(update_fields=["notes"])
    now.to_look_at, now.looked_at = False, timezone.now()
    now.save(update_fields=["to_look_at", "looked_at"])
    text = f"What the sender of {now.reference} changed was added to the notes of {now.referral.reference}"
    audit.event(by=by, kind="intake.noted", text=text, about=now)
    return True


def _moment(at: datetime | None) -> str:
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y, %H:%M}"
