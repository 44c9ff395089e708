"""Feeds of partner services, what they said, and files of the register of schools.

No row here is about a family. Other models of this app are named by strings: they import this module.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

# What a feed fills of a partner service; each follows the feed until it is changed by hand.
PARTNER_FIELDS = ("name", "description", "website", "email", "telephone")


class Feed(models.Model):
    """A directory in the shape of Open Referral UK 3.0 that partner services are read from."""

    class Every(models.IntegerChoices):
        SIX_HOURS = 6, "Every six hours"
        DAY = 24, "Every day"
        WEEK = 168, "Every week"

    name = models.CharField(max_length=120, unique=True)
    url = models.URLField("address", max_length=500)
    is_on = models.BooleanField(default=True)
    every_hours = models.PositiveIntegerField(choices=Every.choices, default=Every.DAY)
    next_at = models.DateTimeField(null=True, blank=True)
    # What is known of each page's address, for asking whether it has changed: etag, ids, total, pages.
    pages = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class FeedRun(models.Model):
    """One reading of a feed. `complete` says that it told all it has: only then may anything be retired."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped half way"

    OPEN: ClassVar = (Status.QUEUED, Status.RUNNING)

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    author = models.ForeignKey("clusters.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    page = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    retired = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    complete = models.BooleanField(default=False)
    retire_many = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    errors = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["feed"], condition=Q(status__in=["queued", "running"]), name="feedrun_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class DirectoryEntry(models.Model):
    """One service of a feed and the partner service that it fills.

    given: per field, the value that was last taken from the feed; a partner's field that differs was changed by hand.
    offered: what the feed says now. declined: offered values that somebody chose not to take.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="entries")
    external_id = models.CharField(max_length=200)
    partner = models.OneToOneField("clusters.PartnerService", on_delete=models.PROTECT, related_name="entry")
    organisation = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    given = models.JSONField(default=dict)
    offered = models.JSONField(default=dict)
    declined = models.JSONField(default=dict)
    # Fields in which the partner service and the feed differ, for the list of what is to be decided.
    conflicts = models.JSONField(default=list)
    seen_in = models.ForeignKey(FeedRun, null=True, on_delete=models.SET_NULL, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    # The day on which the feed retired the partner service, so that only this is taken back when it returns.
    retired_on = models.DateField(null=True, blank=True)
    kept_because = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed", "external_id"], name="directoryentry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} of {self.feed_id}"

    def local(self) -> dict[str, Any]:
        """The partner's fields as a feed would say them."""
        return {name: getattr(self.partner, name) for name in PARTNER_FIELDS}

    @property
    def by_hand(self) -> list[str]:
        """Fields of the partner service that were filled or changed by hand."""
        return [name for name, value in self.local().items() if value != self.given.get(name, "")]


class FormerUrn(models.Model):
    """A URN that a school had before: academies get a new one, the school and all that hangs on it go on."""

    school = models.ForeignKey("clusters.School", on_delete=models.CASCADE, related_name="former_urns")
    urn = models.CharField("URN", max_length=6, unique=True)
    name = models.CharField(max_length=160)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    successor_urn = models.CharField(max_length=6)
    source = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["-ends_on"]

    def __str__(self) -> str:
        return f"{self.urn} ({self.name})"


class RegisterFile(models.Model):
    """An uploaded file of the register of schools (GIAS): checked first, applied when somebody says so."""

    class Status(models.TextChoices):
        CHECKED = "checked", "To be checked"
        APPLIED = "applied", "Applied"
        DISCARDED = "discarded", "Not applied"

    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    links_path = models.CharField(max_length=200, blank=True)
    authority = models.CharField("local authority", max_length=3)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.CHECKED)
    digest = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    changes = models.JSONField(default=list)
    rejects = models.JSONField(default=list)
    author = models.ForeignKey("clusters.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.file_name
