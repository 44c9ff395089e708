"""Readings of a family's life in ten domains, at the start, at reviews and at the end, and their second readers.

A reading is never rewritten: whoever corrects it adds another, and the earlier one stays.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.models import Case
from clusters.models import Cluster, User
from families.models import FamilyRecord, Person
from outcomes.readings.scale import HIGHEST, LOWEST, Domain

_POINTS = Q(points__isnull=True) | Q(points__range=(LOWEST, HIGHEST))


class FamilyReading(FamilyRecord):
    """One reading, made with the family. `corrects` is the reading that this one puts right."""

    class Moment(models.TextChoices):
        START = "start", "At the start"
        REVIEW = "review", "At a review"
        END = "end", "At the end"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="readings", db_constraint=False)
    moment = models.CharField(max_length=6, choices=Moment.choices)
    taken_on = models.DateField()
    # Beside the people of the family: a school nurse, an interpreter, or nobody of the family and why.
    others = models.CharField("who else took part", max_length=200, blank=True)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by", db_constraint=False
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["taken_on", "created_at"]
        indexes: ClassVar = [models.Index(fields=["case", "taken_on"], name="reading_of_case")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(corrects=F("id")), name="reading_corrects_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_moment_display()}, {self.taken_on}"


class ReadingPoints(FamilyRecord):
    """The answer for one domain: points from 1 to 10, or none where it was not discussed."""

    reading = models.ForeignKey(FamilyReading, on_delete=models.CASCADE, related_name="points", db_constraint=False)
    domain = models.CharField(max_length=20, choices=Domain.choices)
    points = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reading", "domain"], name="readingpoints_once"),
            models.CheckConstraint(condition=_POINTS, name="readingpoints_1_10"),
        ]

    def __str__(self) -> str:
        return f"{self.get_domain_display()}: {self.points}"


class ReadingWords(FamilyRecord):
    """Why it is read so, of one domain or (empty) of the whole."""

    reading = models.ForeignKey(FamilyReading, on_delete=models.CASCADE, related_name="words", db_constraint=False)
    domain = models.CharField(max_length=20, choices=Domain.choices, blank=True)
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reading", "domain"], name="readingwords_once")]

    def __str__(self) -> str:
        return self.text


class ReadingPerson(FamilyRecord):
    """Who of the family made the reading."""

    reading = models.ForeignKey(FamilyReading, on_delete=models.CASCADE, related_name="made_with", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reading", "person"], name="readingperson_once")]

    def __str__(self) -> str:
        return str(self.person_id)


class ReadingCuts(models.Model):
    """Where low ends and high begins in the matrix, from a day on. Without one it is to 4 and to 7 [domain 2.10]."""

    low = models.DecimalField("low is up to", max_digits=3, decimal_places=1)
    middle = models.DecimalField("middle is up to", max_digits=3, decimal_places=1)
    starts_on = models.DateField(unique=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(low__gte=LOWEST, low__lt=F("middle"), middle__lte=HIGHEST), name="readingcuts_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"To {self.low}, to {self.middle}, from {self.starts_on}"


class ReadingSample(models.Model):
    """Readings drawn at random for a second reader. The seed and the frame give the same draw again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    moments = ArrayField(models.CharField(max_length=6))
    starts_on = models.DateField()
    ends_on = models.DateField()
    wanted = models.PositiveSmallIntegerField()
    # How many readings there were to draw from.
    frame = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-drawn_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "cluster"], name="readingsample_in_cluster"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="readingsample_dates_in_order"),
            models.CheckConstraint(condition=Q(wanted__range=(1, 60)), name="readingsample_range"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"


class SecondReading(FamilyRecord):
    """One reading of a sample, rated again from the record by somebody who does not see the first rating."""

    sample = models.ForeignKey(ReadingSample, on_delete=models.PROTECT, related_name="seconds", db_constraint=False)
    reading = models.ForeignKey(FamilyReading, on_delete=models.PROTECT, related_name="seconds", db_constraint=False)
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "reading"], name="secondreading_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reader"], name="secondreading_to_do", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"Second reading of {self.reading_id}"


class SecondPoints(FamilyRecord):
    """What the second reader gives a domain; none where the record does not say."""

    second = models.ForeignKey(SecondReading, on_delete=models.CASCADE, related_name="points", db_constraint=False)
    domain = models.CharField(max_length=20, choices=Domain.choices)
    points = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["second", "domain"], name="secondpoints_once"),
            models.CheckConstraint(condition=_POINTS, name="secondpoints_1_10"),
        ]

    def __str__(self) -> str:
        return f"{self.get_domain_display()}: {self.points}"
