"""What is written to referrers and families: the templates that a manager keeps, and each letter as it was."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from clusters.models import User
from families.models import FamilyRecord
from referrals.models import Referral


class Audience(models.TextChoices):
    FAMILY = "family", "The family"
    REFERRER = "referrer", "The referrer"
    SCHOOL = "school", "A school"


class MessageTemplate(models.Model):
    """A text with placeholders, for one audience, one kind of decision and one language.

    Rows are never changed: a change is the next version, and letters keep the one that they were made from.
    """

    class About(models.TextChoices):
        SERVICE = "service", "A service is offered"
        PASSED_ON = "passed_on", "Passed to other services"
        NO_HELP = "no_help", "Nothing is offered"
        VISIT = "visit", "In a case: an appointment"
        CLOSING = "closing", "In a case: the work ends"
        SCHOOL = "school", "In a case: to a school"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        ROMANIAN = "ro", "Romanian"
        CZECH = "cs", "Czech"
        SLOVAK = "sk", "Slovak"
        POLISH = "pl", "Polish"
        URDU = "ur", "Urdu"
        ARABIC = "ar", "Arabic"

    RIGHT_TO_LEFT: ClassVar = {Language.URDU, Language.ARABIC}

    audience = models.CharField("to", max_length=10, choices=Audience.choices)
    about = models.CharField("when", max_length=10, choices=About.choices)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ENGLISH)
    version = models.PositiveIntegerField(default=1)
    subject = models.CharField("heading", max_length=160)
    body = models.TextField("text")
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["audience", "about", "language", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["audience", "about", "language", "version"], name="messagetemplate_one_per_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.get_about_display().lower()}, {self.get_language_display()}"


class Letter(FamilyRecord):
    """What was written, word for word, to whom and when; kept when the template or the family changes."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="letters", db_constraint=False)
    template = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    language = models.CharField(max_length=2, choices=MessageTemplate.Language.choices)
    to_name = models.CharField(max_length=160)
    to_address = models.CharField(max_length=260, blank=True)
    subject = models.CharField(max_length=160)
    body = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    # When its addressee was mailed that it is ready; the mail names nobody.
    announced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["referral", "-made_at"], name="letter_of_referral")]

    def __str__(self) -> str:
        return self.subject
