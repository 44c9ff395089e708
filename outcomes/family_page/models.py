"""The visits to a family's page: each is a short session of its own, opened by the code."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cases.models import FamilyLink
from families.models import FamilyRecord


class FamilyVisit(FamilyRecord):
    """One opening of a private link. Only the digest of the browser's key is kept.

    The page lasts until `until`, which moves on with each page that is read, two hours at the most. A key whose visit
    is over still says that this device opened the link before.
    """

    link = models.ForeignKey(FamilyLink, on_delete=models.PROTECT, related_name="visits", db_constraint=False)
    digest = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["link", "-created_at"], name="familyvisit_of_link")]

    def __str__(self) -> str:
        return f"Visit by {self.link_id}"
