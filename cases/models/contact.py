"""Contacts and sessions, and the text of them apart."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models.case import Case, CaseService
from clusters.models import User
from families.models import FamilyRecord, Person


class Attendance(models.TextChoices):
    ATTENDED = "attended", "Attended"
    CANCELLED_FAMILY = "cancelled_family", "Cancelled by the family"
    CANCELLED_SERVICE = "cancelled_service", "Cancelled by the service"
    CANCELLED_SCHOOL = "cancelled_school", "Cancelled by the school"
    NOT_ATTENDED = "not_attended", "Not attended"


class Contact(FamilyRecord):
    """That a contact took place: when, what kind, who was there. Its text is a ContactNote.

    With a `case_service` it is a session of that service and counts against the entitlement.
    """

    class Kind(models.TextChoices):
        HOME_VISIT = "home_visit", "Home visit"
        SCHOOL_VISIT = "school_visit", "School visit"
        PHONE = "phone", "Phone"
        VIDEO = "video", "Video"
        SESSION = "session", "Session"
        MEETING = "meeting", "Meeting"
        MESSAGE = "message", "Message"
        LETTER = "letter", "Letter or e-mail"
        # Work of their own worth, and counted as such [E].
        ACCOMPANIED = "accompanied", "Accompanied to another service"
        ADVOCACY = "advocacy", "Advocacy: spoke up for the family"
        PRACTICAL = "practical", "Practical help"

    class SessionKind(models.TextChoices):
        ASSESSMENT = "assessment", "Assessment"
        INTERVENTION = "intervention", "Intervention"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contacts", db_constraint=False)
    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions", db_constraint=False
    )
    session_kind = models.CharField(max_length=12, choices=SessionKind.choices, blank=True)
    attendance = models.CharField(max_length=18, choices=Attendance.choices, default=Attendance.ATTENDED)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    late_minutes = models.PositiveSmallIntegerField("minutes that the family came late", null=True, blank=True)
    child_seen = models.BooleanField(null=True, blank=True)
    interpreter_language = models.CharField(max_length=60, blank=True)
    professionals = models.CharField("professionals who were there", max_length=300, blank=True)
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case", "-at", "-id"], name="contact_of_case"),
            models.Index(fields=["cluster", "-at"], name="contact_by_date"),
            models.Index(fields=["author", "-at"], name="contact_by_author"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ContactNote(FamilyRecord):
    """The text of a contact, and additions to it. Therapy notes are read by author and supervisor alone.

    A note is never silently changed: within `CORRECT_HOURS` its author corrects it (history keeps the
    earlier text), later a correction is another note of the same contact.
    """

    CORRECT_HOURS: ClassVar = 24

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="notes", db_constraint=False)
    text = models.TextField(blank=True)
    child_said = models.TextField(blank=True)
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["created_at"]
        indexes: ClassVar = [models.Index(fields=["contact", "created_at"], name="note_of_contact")]

    def __str__(self) -> str:
        return f"Note of {self.contact_id}"


class ContactPerson(FamilyRecord):
    """A member of the family who was there. Whom the contact was about is a ContactChild."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="people", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["contact", "person"], name="contactperson_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"


class ContactChild(FamilyRecord):
    """A child whom the contact was about, there or not: whether the child was seen, and seen alone.

    A contact with none of these is about the whole family.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="children", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    seen = models.BooleanField(null=True, blank=True)
    alone = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "person"], name="contactchild_once"),
            models.CheckConstraint(condition=Q(alone=False) | Q(seen=True), name="contactchild_alone_is_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"


class ChildVoice(FamilyRecord):
    """What one child said or showed, and how: a child who does not speak is heard too. As private as its note."""

    class How(models.TextChoices):
        WORDS = "words", "In words"
        SIGNS = "signs", "By Makaton or signing"
        PICTURES = "pictures", "With pictures, symbols or a device"
        DRAWING = "drawing", "By drawing or writing"
        PLAY = "play", "In play"
        OBSERVED = "observed", "I watched and noticed"
        CARER = "carer", "Through somebody who knows the child"

    note = models.ForeignKey(ContactNote, on_delete=models.PROTECT, related_name="voices", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    how = models.CharField(max_length=8, choices=How.choices, default=How.WORDS)
    said = models.TextField()
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["note", "person"], name="childvoice_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.note_id}"
