"""Reads of the partner directory's feeds."""

from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from clusters.directory.models import PARTNER_FIELDS, DirectoryEntry, Feed, FeedRun

SHOWN = 50
LABELS = {
    "name": "Name",
    "description": "What it does",
    "website": "Website",
    "email": "E-mail",
    "telephone": "Telephone",
}


def feeds() -> list[Feed]:
    """Feeds with their latest run as `last`."""
    latest = FeedRun.objects.filter(feed=OuterRef("pk")).values("pk")[:1]
    found = Feed.objects.annotate(last_id=Subquery(latest))
    runs = FeedRun.objects.in_bulk([feed.last_id for feed in found if feed.last_id])
    for feed in found:
        feed.__dict__["last"] = runs.get(feed.last_id)
    return [*found]


def runs_of(feed: Feed) -> list[FeedRun]:
    return list(feed.runs.select_related("author")[:20])


@dataclass(frozen=True)
class Difference:
    """A field that was changed by hand and of which the directory says something else."""

    entry: DirectoryEntry
    field: str
    label: str
    ours: str
    theirs: str


def differences(feed: Feed) -> list[Difference]:
    found = feed.entries.exclude(conflicts=[]).select_related("partner").order_by("partner__name")[:SHOWN]
    return [
        Difference(
            entry,
            name,
            LABELS[name],
            getattr(entry.partner, name),
            entry.offered.get(name, ""),
        )
        for entry in found
        for name in PARTNER_FIELDS
        if name in entry.conflicts
    ]


def kept_though_gone(feed: Feed) -> QuerySet[DirectoryEntry]:
    found = feed.entries.filter(~Q(kept_because=""), gone_at__isnull=False, partner__retired_on=None)
    return found.select_related("partner").order_by("partner__name")[:SHOWN]
