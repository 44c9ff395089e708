"""The copy of what is held while it is made ready: its entries, what is withheld of them and why, and its files.

All of it is a second copy of the record and lasts for a short time only; what stays is the request, how many entries
there were, and how many were withheld for which reason.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clusters.models import User
from families.models import FamilyRecord
from keeping.requests.models import RightsRequest
from monitoring.worked_out import Leased


class Reason(models.TextChoices):
    """Why something is not given [Data Protection Act 2018, Schedules 2 to 4]."""

    OTHERS = "others", "It is about somebody else (Schedule 2, paragraph 16)"
    HARM = "harm", "It would be likely to cause serious harm (Schedule 3, paragraphs 5 and 11)"
    ABUSE = "abuse", "Child abuse data, not in the child’s best interests (Schedule 3, paragraph 21)"
    WISH = "wish", "The child said it expecting that it goes no further (Schedule 3, paragraphs 4 and 10)"
    CRIME = "crime", "It would hinder preventing or detecting a crime (Schedule 2, paragraph 2)"
    PRIVILEGE = "privilege", "Advice of a lawyer (Schedule 2, paragraph 19)"
    COURT = "court", "Evidence given to a family court (Schedule 3, paragraph 9)"
    ADOPTION = "adoption", "Adoption and parental order records (Schedule 4)"
    NOT_ASKED = "not_asked", "Not part of what was asked for"
    TO_READ = "to_read", "Not read yet"


class AccessJob(Leased):
    """What a worker has to do for a request: nothing here says whose it is but plain keys."""

    class What(models.TextChoices):
        GATHER = "gather", "Gather what is held"
        FILES = "files", "Make the files"
        REMOVE = "remove", "Remove the copy"

    TASK = "keeping.do_access_job"

    what = models.CharField(max_length=6, choices=What.choices)
    request_id = models.UUIDField()
    about_family = models.UUIDField()
    about_cluster = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["request_id", "-created_at"], name="accessjob_of_request")]

    def __str__(self) -> str:
        return f"{self.what} of {self.request_id}"


class HeldCopy(FamilyRecord):
    """One making of the copy. counts: entries, and marks by reason, as they were released."""

    request = models.OneToOneField(RightsRequest, on_delete=models.CASCADE, related_name="copy", db_constraint=False)
    person_words = models.CharField(max_length=200)
    gathered_at = models.DateTimeField()
    entries = models.PositiveIntegerField(default=0)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    counts = models.JSONField(default=dict)
    expires_on = models.DateField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Copy of {self.request_id}"


class HeldEntry(FamilyRecord):
    """One thing that is held. lines: [{"label", "name", "value", "text", "other"}], in order.

    private, author: as of the row that it was made of; the row policies read them.
    """

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="entries", db_constraint=False)
    number = models.PositiveIntegerField()
    section = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=40)
    lines = models.JSONField(default=list)
    file_path = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "number"], name="heldentry_number_once"),
            models.CheckConstraint(
                condition=Q(private=False) | Q(author__isnull=False), name="heldentry_private_has_author"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Mark(FamilyRecord):
    """Something that is withheld: a whole entry, a whole line, or the characters from `start` to before `end`.

    Undone, not removed, so that it is seen who thought what. private, author: as of its entry.
    """

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="marks", db_constraint=False)
    entry = models.ForeignKey(HeldEntry, on_delete=models.CASCADE, related_name="marks", db_constraint=False)
    line = models.PositiveSmallIntegerField(null=True, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    words = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=9, choices=Reason.choices)
    automatic = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["line", "start", "created_at"]
        indexes: ClassVar = [
            models.Index(fields=["entry"], name="mark_of_entry"),
            models.Index(fields=["request", "words"], name="mark_of_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(line__isnull=False, end__gt=models.F("start")),
                name="mark_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="mark_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.words or self.get_reason_display()


class RedactedDocument(FamilyRecord):
    """What is given in the place of a document: an upload from which something was taken out, and why.

    The content lies here and not among the files: it goes with the copy. private, author: as of its entry.
    """

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="documents", db_constraint=False)
    entry = models.OneToOneField(HeldEntry, on_delete=models.CASCADE, related_name="instead", db_constraint=False)
    name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=9, choices=Reason.choices)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class PrivateReading(FamilyRecord):
    """Somebody's private notes are in the copy: they, or their clinical supervisor, say what of it can be given."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="readings", db_constraint=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entries = models.PositiveIntegerField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "author"], name="privatereading_once"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="privatereading_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_id}: {self.entries}"


class HeldFile(FamilyRecord):
    """A file of the copy, until it is removed."""

    class Kind(models.TextChoices):
        PDF = "pdf", "The copy to read (PDF)"
        ZIP = "zip", "Everything: the copy, the data as JSON, the documents (zip)"

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="files", db_constraint=False)
    kind = models.CharField(max_length=3, choices=Kind.choices)
    content = models.BinaryField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "kind"], name="heldfile_once")]

    def __str__(self) -> str:
        return self.get_kind_display()
