"""What is asked of rows that hold for a time, of code lists and of users."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from clusters.models import User


class DatedQuerySet(models.QuerySet):
    """Rows that hold from `starts_on` up to, but not including, `ends_on` (empty: still)."""

    def on(self, day: date) -> DatedQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)

    def today(self) -> DatedQuerySet:
        return self.on(timezone.localdate())


class SchoolQuerySet(models.QuerySet):
    def open(self) -> SchoolQuerySet:
        """Schools that a child can be at today. Closed ones stay on the records that name them."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=timezone.localdate()))


class TermQuerySet(models.QuerySet):
    def of(self, vocabulary: str) -> TermQuerySet:
        return self.filter(vocabulary=vocabulary)

    def current(self) -> TermQuerySet:
        """Entries that may be chosen today."""
        return self.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=timezone.localdate()))


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is kept in small letters."""

    def create_user(self, *, name: str, email: str | None = None, password: str | None = None, **extra: Any) -> User:
        user = self.model(name=name, email=self.normalize_email(email).lower() if email else None, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())
