"""What the public form keeps: unfinished answers for a short while, and which translations a person has confirmed
or corrected."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5

from clusters.models import User


class PublicDraft(models.Model):
    """Answers not yet sent. Sealed with a key that only the sender's cookie holds, found only by that cookie.

    The row policy shows a row to whoever names its digest, so the form itself can open no other one; a copy of the
    database without the cookie cannot be read. Gone two hours after the last answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.pk)


class ConfirmedText(models.Model):
    """A person has read a machine's translation and found it right. A text that changes is no longer confirmed."""

    id = models.BigAutoField(primary_key=True)
    language = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, help_text="Of the English text and its translation together.")
    read_by = models.CharField(max_length=120, help_text="Who reads the language and found it right.")
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["language", "digest"], name="confirmed_text_once")]

    def __str__(self) -> str:
        return f"{self.language}: {self.digest[:12]}"


class CorrectedText(models.Model):
    """A person's own translation, shown by the public form in place of the catalogue's. The one without an end holds;
    those before it are kept."""

    id = models.BigAutoField(primary_key=True)
    language = models.CharField(max_length=12)
    english = models.TextField()
    translated = models.TextField()
    read_by = models.CharField(max_length=120, help_text="Who reads the language and wrote it.")
    corrected_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "language", MD5("english"), name="corrected_text_one_holds", condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.english[:60]}"
