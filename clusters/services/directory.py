"""What a manager does with the feeds of the partner directory."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core.denied import Conflict
from clusters import policies
from clusters.changes import change, record, wrong
from clusters.directory import sync
from clusters.directory.fetch import FeedError, check_url
from clusters.directory.models import DirectoryEntry, Feed, FeedRun
from clusters.models import User

TAKE, KEEP = "take", "keep"


@transaction.atomic
def add_feed(*, by: User, **values: Any) -> Feed:
    """A directory to be read from now on. Raises ValidationError naming the field."""
    policies.check_manage(by)
    _check(values)
    feed = Feed(**values)
    feed.full_clean()
    feed.save()
    record(by=by, kind="feed", text=f"Added the partner directory {feed}, {feed.url}.", about=feed)
    return feed


@transaction.atomic
def change_feed(feed: Feed, *, by: User, **values: Any) -> Feed:
    policies.check_manage(by)
    feed = Feed.objects.select_for_update().get(pk=feed.pk)
    _check(values)
    if values.get("url", feed.url) != feed.url:
        Feed.objects.filter(pk=feed.pk).update(pages={})
    change(feed, values, by=by, kind="feed")
    return feed


def _check(values: dict[str, Any]) -> None:
    try:
        check_url(values.get("url", "https://x"))
    except FeedError as error:
        raise wrong("url", str(error)) from None


@transaction.atomic
def read_now(feed: Feed, *, by: User, retire_many: bool = False) -> FeedRun:
    """Raises Conflict when a reading is under way."""
    policies.check_manage(by)
    run = sync.start(feed=feed, author=by, retire_many=retire_many)
    if run is None:
        raise Conflict("The directory is being read at this moment.")
    record(by=by, kind="feed", text=f"Asked for the partner directory {feed} to be read.", about=feed)
    return run


@transaction.atomic
def decide(entry: DirectoryEntry, *, by: User, field: str, choice: str) -> DirectoryEntry:
    """A field in which the partner service and its directory differ: take the directory's, or keep ours.

    What is kept is not asked about again until the directory says something else.
    """
    policies.check_manage(by)
    entry = DirectoryEntry.objects.select_for_update(of=("self", "partner")).select_related("partner").get(pk=entry.pk)
    if field not in entry.conflicts:
        raise Conflict("This has been decided already.")
    offered = entry.offered[field]
    if choice == TAKE:
        try:
            change(entry.partner, {field: offered}, by=by, kind="partner")
        except ValidationError as error:
            raise Conflict(" ".join(error.messages)) from None
        entry.given = {**entry.given, field: offered}
    else:
        entry.declined = {**entry.declined, field: offered}
        record(by=by, kind="partner", text=f"{entry.partner}: kept its {field}.", about=entry.partner)
    entry.conflicts = [name for name in entry.conflicts if name != field]
    entry.save(update_fields=["given", "declined", "conflicts"])
    return entry


@transaction.atomic
def retire_gone(entry: DirectoryEntry, *, by: User) -> None:
    """Retire by hand what the feed no longer has and the reading kept."""
    policies.check_manage(by)
    entry = DirectoryEntry.objects.select_for_update(of=("self", "partner")).select_related("partner").get(pk=entry.pk)
    if not entry.gone_at:
        raise Conflict("The directory has this service again.")
    change(entry.partner, {"retired_on": timezone.localdate()}, by=by, kind="partner")
    DirectoryEntry.objects.filter(pk=entry.pk).update(kept_because="")
