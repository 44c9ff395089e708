"""The text of a contact: the note, what each child said, corrections and additions (domain 2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import ChildVoice, Contact, ContactNote
from cases.services.common import keys, locked_for_writing
from cases.services.stale import check_version
from cluster_ehs.core import audit
from cluster_ehs.core.db import add_together
from cluster_ehs.core.denied import Denied
from clusters.models import User


@dataclass(frozen=True)
class Heard:
    """What a child said or showed, and how."""

    said: str
    how: str = ChildVoice.How.WORDS


def note_rows(contact: Contact, text: str, child_said: str, heard: dict[UUID, Heard]) -> list[ContactNote | ChildVoice]:
    """The note with what each child said; nothing where nothing was written."""
    if not (text.strip() or child_said.strip() or heard):
        return []
    same: dict[str, Any] = {**keys(contact), "private": contact.private, "author_id": contact.author_id}
    note = ContactNote(**same, contact=contact, text=text.strip(), child_said=child_said.strip())
    return [note, *_voices(note, heard)]


def _voices(note: ContactNote, heard: Mapping[UUID, Heard]) -> list[ChildVoice]:
    same: dict[str, Any] = {**keys(note), "private": note.private, "author_id": note.author_id}
    return [
        ChildVoice(**same, note=note, person_id=child, how=voice.how, said=voice.said.strip())
        for child, voice in heard.items()
    ]


def may_correct(by: User, note: ContactNote) -> bool:
    """For a day its author corrects a note; later everybody who writes in the case adds to it."""
    hours = timedelta(hours=ContactNote.CORRECT_HOURS)
    return note.author_id == by.pk and timezone.now() - note.created_at <= hours


@transaction.atomic
def add_note(
    *,
    by: User,
    contact: Contact,
    text: str,
    child_said: str | None = None,
    heard: Mapping[UUID, Heard] | None = None,
    correct: ContactNote | None = None,
    version: int | None = None,
) -> ContactNote:
    """Correct a note (`correct`, within 24 hours, by its author), or add another one to the contact.

    heard: child -> what the child said or showed; when correcting, a child left out stays as it was, one with nothing
    said is taken out. child_said None: as it was. History keeps what a corrected note said before.
    Raises Denied, ValidationError (`text`) or Stale.
    """
    heard = dict(heard or {})
    locked_for_writing(by=by, case=contact.case)
    if not text.strip():
        raise ValidationError({"text": "Enter the note"})
    if contact.private and contact.author_id != by.pk:
        raise Denied("The notes of this session are for its worker and the clinical supervisor.")
    if correct is None:
        note = ContactNote(
            **keys(contact),
            contact=contact,
            text=text.strip(),
            child_said=(child_said or "").strip(),
            private=contact.private,
            author=by,
        )
        said = _voices(note, {child: voice for child, voice in heard.items() if voice.said.strip()})
        event = audit.event_row(by=by, kind="case.note_added", text="Added to the note of a contact", about=contact)
        add_together([note, *said, event])
        return note
    note = ContactNote.objects.select_for_update(of=("self",)).get(pk=correct.pk, contact=contact)
    if note.author_id != by.pk:
        raise Denied("Only its author can correct a note. You can add to it.")
    if not may_correct(by, note):
        raise Denied(
            f"A note can be corrected for {ContactNote.CORRECT_HOURS} hours. That time is over: add to it instead, "
            "so that what stood there stays."
        )
    check_version(note, version)
    note.text, note.version = text.strip(), note.version + 1
    if child_said is not None:
        note.child_said = child_said.strip()
    note.save(update_fields=["text", "child_said", "version"])
    _correct_voices(note, heard)
    audit.event(by=by, kind="case.note_corrected", text="Corrected the note of a contact", about=contact)
    return note


def _correct_voices(note: ContactNote, heard: Mapping[UUID, Heard]) -> None:
    before = {voice.person_id: voice for voice in note.voices.all()} if heard else {}
    for child, voice in heard.items():
        stood = before.get(child)
        if stood is None and voice.said.strip():
            add_together(_voices(note, {child: voice}))
        elif stood is not None and not voice.said.strip():
            stood.delete()
        elif stood is not None and (stood.said, stood.how) != (voice.said.strip(), voice.how):
            ChildVoice.objects.filter(pk=stood.pk).update(said=voice.said.strip(), how=voice.how)
