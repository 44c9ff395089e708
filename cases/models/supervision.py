"""Outcome-focused supervision: the record of a session, its cases, what is about the worker, and how often [E][P].

Three kinds of text with three walls: a case's part is for those who work on that case and for leaders, what is about
a worker for the supervisor and that worker alone, and of clinical supervision nothing is kept but that it took place.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models.case import Case
from clusters.models import Cluster, Post, User
from families.models import FamilyRecord


class OnTrack(models.TextChoices):
    ON_TRACK = "on_track", "On track"
    NOT_ON_TRACK = "not_on_track", "Not on track"
    UNSURE = "unsure", "Not sure"


class Supervision(models.Model):
    """A session of supervision: who with whom, when. It holds no text of any family or worker."""

    class Kind(models.TextChoices):
        INDIVIDUAL = "individual", "Individual supervision"
        GROUP = "group", "Group supervision"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.INDIVIDUAL)
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # It will not be, or was not, held.
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-held_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["id", "cluster"], name="supervision_in_cluster")]
        indexes: ClassVar = [models.Index(fields=["cluster", "-held_at"], name="supervision_by_date")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Supervisee(models.Model):
    """A worker in a session. came: False when they were away."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    supervision = models.ForeignKey(
        Supervision, on_delete=models.CASCADE, related_name="supervisees", db_constraint=False
    )
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    came = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["supervision", "worker"], name="supervisee_once"),
        ]

    def __str__(self) -> str:
        return f"{self.worker}"


class SupervisionCase(FamilyRecord):
    """A case's part of a session. author: who wrote it, the supervisor as a rule; worker: who brought the case."""

    supervision = models.ForeignKey(Supervision, on_delete=models.PROTECT, related_name="parts", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="supervised", db_constraint=False)
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    track = models.CharField("is the plan on track?", max_length=12, choices=OnTrack.choices)
    notes = models.TextField(blank=True)
    decisions = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    # History of its text is its author's.
    private = models.BooleanField(default=True, db_default=True)

    class Meta:
        ordering: ClassVar = ["-held_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["supervision", "case"], name="supervisioncase_once"),
            models.CheckConstraint(condition=Q(private=True), name="supervisioncase_private"),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-held_at"], name="supervisioncase_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.get_track_display()}"


class SupervisionNote(models.Model):
    """What is about the worker and no family: wellbeing, workload, training. Read by supervisor and worker alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    supervision = models.ForeignKey(Supervision, on_delete=models.PROTECT, related_name="notes", db_constraint=False)
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    wellbeing = models.TextField(blank=True)
    workload = models.TextField(blank=True)
    training = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    private = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["supervision", "worker"], name="supervisionnote_once"),
            models.CheckConstraint(condition=Q(private=True), name="supervisionnote_private"),
        ]

    def __str__(self) -> str:
        return f"About {self.worker_id}"


class SupervisionInterval(models.Model):
    """How many weeks at most lie between two supervisions of a post, from a day on."""

    post = models.CharField(max_length=30, choices=Post.choices)
    weeks = models.PositiveSmallIntegerField()
    effective_from = models.DateField()

    class Meta:
        ordering: ClassVar = ["post", "-effective_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "effective_from"], name="supervisioninterval_once"),
            models.CheckConstraint(condition=Q(weeks__range=(1, 26)), name="supervisioninterval_range"),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()}: every {self.weeks} weeks"


class ClinicalSession(models.Model):
    """Clinical supervision outside the team took place: who, with whom, when, how long. There is no field for text [E].

    supervisor: empty when it is nobody who is known here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    held_on = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-held_on"]
        indexes: ClassVar = [models.Index(fields=["cluster", "-held_on"], name="clinicalsession_by_date")]

    def __str__(self) -> str:
        return f"{self.worker_id} on {self.held_on}"
