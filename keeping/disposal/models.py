"""A disposal: asked for by one person, confirmed by another, carried out by a worker; its row is the certificate."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.models import Cluster, User


class Disposal(models.Model):
    """No name stands here. After the asking, only functions of the database change it (migration 0002)."""

    class Status(models.TextChoices):
        ASKED = "asked", "Waits for a second person"
        CONFIRMED = "confirmed", "Being carried out"
        REFUSED = "refused", "Refused"
        DONE = "done", "Done"

    class Step(models.TextChoices):
        WAITING = "waiting", "Nothing is removed yet"
        FILES = "files", "The database is done; files are being removed"
        DONE = "done", "Everything is removed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    # Whose; emptied when all is done. By no foreign key: the family goes, this stays.
    family_key = models.UUIDField(null=True)
    reference = models.CharField(max_length=24)
    rule = models.CharField(max_length=200)
    ended_on = models.DateField(null=True)
    due_on = models.DateField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.ASKED)
    step = models.CharField(max_length=7, choices=Step.choices, default=Step.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # Rows removed by table, files, entries of the history, and places where names were taken out of words.
    counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="asked", answered_by__isnull=True) | Q(answered_by__isnull=False),
                name="disposal_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "refused"]) | ~Q(answered_by=F("asked_by")),
                name="disposal_by_two_people",
            ),
            models.UniqueConstraint(
                fields=["family_key"], condition=Q(status__in=["asked", "confirmed"]), name="disposal_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_status_display()}"


class DisposedFile(models.Model):
    """A content that is still to be removed from the store: a random name, nothing of whose it was."""

    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["disposal", "path"], name="disposedfile_once")]

    def __str__(self) -> str:
        return self.path


class Place(models.Model):
    """A column of no one family's whose words may name one: copied from `keeping.fields` by `migrate`, read by the
    disposal in the database."""

    table_name = models.CharField(max_length=80)
    column_name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.table_name}.{self.column_name}"
