"""Documents of a copy: given as they are, withheld, or given as an upload from which something was taken out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from families.files import check_upload, clean_name, place
from keeping.models import HeldEntry, Mark, RedactedDocument
from keeping.subject_access.held import is_file_line
from keeping.subject_access.marking import check_mark, withhold
from keeping.subject_access.models import Reason

AS_IT_IS = "This is the document as it is. Take out what is not given, save it under another name, and choose that file"


def file_line(entry: HeldEntry) -> int | None:
    """The number of the line that stands for the document; None for an entry without one."""
    return next((number for number, line in enumerate(entry.lines) if is_file_line(line)), None)


def decided(entry: HeldEntry, marks: Iterable[Mark]) -> dict[str, Any]:
    """For the page: where the document's line is, and what withholds the document (None: it goes out as it is)."""
    line = file_line(entry)
    whole = (mark for mark in marks if line is not None and mark.line == line and mark.start is None)
    return {"file_line": line, "file_mark": next(whole, None)}


@transaction.atomic
def give_instead(*, by: User, entry: HeldEntry, upload: UploadedFile, reason: str) -> RedactedDocument:
    """Give this upload in the document's place, and say why something is not in it. A second one replaces the first.

    What withheld the document as a whole is settled by that. Raises Denied, Conflict, and ValidationError for an upload
    that cannot be kept or is the document itself.
    """
    check_mark(by, entry)
    line = file_line(entry)
    if line is None:
        raise Conflict("There is no document in this entry.")
    content_type, content = check_upload(upload)
    digest = hashlib.sha256(content).hexdigest()
    if digest == _digest_of(entry):
        raise ValidationError(AS_IT_IS)
    kept, _ = RedactedDocument.objects.update_or_create(
        entry=entry,
        defaults={
            "cluster_id": entry.cluster_id,
            "family_id": entry.family_id,
            "request_id": entry.request_id,
            "name": clean_name(upload.name or ""),
            "content_type": content_type,
            "content": content,
            "size": len(content),
            "sha256": digest,
            "reason": reason,
            "made_by": by,
            "private": entry.private,
            "author_id": entry.author_id,
        },
    )
    Mark.objects.filter(entry=entry, line=line, undone_at=None).update(undone_at=timezone.now(), undone_by=by)
    why = Reason(reason).label
    text = f"Entry {entry.number}: its document is given with parts taken out. {why}"
    audit.event(by=by, kind="subject access", text=text, about=entry)
    return kept


@transaction.atomic
def take_back(*, by: User, entry: HeldEntry) -> None:
    """Throw the upload away; the document is one that nobody has read yet. Raises Denied, Conflict."""
    check_mark(by, entry)
    if not RedactedDocument.objects.filter(entry=entry).delete()[0]:
        raise Conflict("There is nothing in the place of this document.")
    withhold(by=by, entry=entry, reason=Reason.TO_READ, line=file_line(entry))
    text = f"Entry {entry.number}: what was to be given in its document’s place was thrown away"
    audit.event(by=by, kind="subject access", text=text, about=entry)


def instead_of(entries: Iterable[HeldEntry]) -> dict[UUID, RedactedDocument]:
    """By entry, what is given in its document's place, without the content; one statement."""
    found = RedactedDocument.objects.filter(entry__in=[entry.pk for entry in entries])
    return {one.entry_id: one for one in found.defer("content").select_related("made_by")}


def _digest_of(entry: HeldEntry) -> str:
    try:
        return hashlib.sha256(place(entry.file_path).read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
