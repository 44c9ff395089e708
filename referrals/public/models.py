"""What the public form keeps: unfinished answers for a short while, and which translations a person has confirmed."""

import uuid
from typing import ClassVar

from django.db import models

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
