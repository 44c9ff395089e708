"""The files of a copy: a tagged PDF to read, and a zip with it, the data as JSON, and the documents.

What is withheld is taken out of the words before anything is drawn or written.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from cluster_ehs.core.lawful_basis import basis_words
from cluster_ehs.core.pdf import render_pdf
from families.files import clean_name, place
from keeping.models import HeldCopy, HeldEntry, HeldFile, Mark, RightsRequest
from keeping.subject_access.held import is_file_line
from keeping.subject_access.models import Reason
from keeping.subject_access.redaction import GONE, Shown, redacted, whole_mark
from keeping.subject_access.sections import SECTIONS

_EPOCH = (2020, 1, 1, 0, 0, 0)


def make(asked: RightsRequest, copy: HeldCopy, entries: Sequence[HeldEntry], marks: Sequence[Mark]) -> dict[str, bytes]:
    """By kind of file, its bytes. Raises PdfUnavailable."""
    by_entry: dict[UUID, list[Mark]] = {entry.pk: [] for entry in entries}
    for mark in marks:
        by_entry[mark.entry_id].append(mark)
    chapters = _chapters(entries, by_entry)
    reasons = [(Reason(code).label, code) for code in sorted({mark.reason for mark in marks})]
    about = {
        "asked": asked,
        "copy": copy,
        "today": timezone.localdate(),
        "controller": settings.CONTROLLER,
        "basis": basis_words(),
        "reasons": [label for label, _ in reasons],
        "chapters": chapters,
    }
    document = render_pdf("keeping/subject_access/copy_pdf.html", about)
    data = json.dumps(_data(asked, chapters), ensure_ascii=False, indent=1).encode()
    return {HeldFile.Kind.PDF: document, HeldFile.Kind.ZIP: _zip(document, data, entries, by_entry)}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _chapters(entries: Sequence[HeldEntry], by_entry: dict[UUID, list[Mark]]) -> list[dict[str, Any]]:
    """Chapters in order. Entries that are withheld as a whole are counted, not listed: their titles could tell."""
    chapters = []
    for key, title in SECTIONS.items():
        here = [entry for entry in entries if entry.section == key]
        kept = [entry for entry in here if not whole_mark(by_entry[entry.pk])]
        lines = [redacted(entry.lines, by_entry[entry.pk]) for entry in kept]
        shown = [(entry, each, _title(entry, each)) for entry, each in zip(kept, lines, strict=True)]
        if here:
            chapters.append({"key": key, "title": title, "entries": shown, "withheld": len(here) - len(kept)})
    return chapters


def _title(entry: HeldEntry, lines: list[Shown]) -> str:
    """What an entry is. Its kind stands in the title, and goes from there when it is withheld."""
    hidden = any(line.name == "kind" and line.is_touched for line in lines)
    return entry.title.partition(":")[0] if hidden else entry.title


def _data(asked: RightsRequest, chapters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "what": "Everything that is held on a person, given on their request",
        "controller": settings.CONTROLLER,
        "reference": asked.reference,
        "person": str(asked.person),
        "received_on": asked.received_on.isoformat(),
        "made_on": timezone.localdate().isoformat(),
        "withheld": f"{GONE} stands for what is withheld; “withheld” says why.",
        "chapters": [
            {
                "title": chapter["title"],
                "entries_withheld": chapter["withheld"],
                "entries": [_entry(entry, lines, title) for entry, lines, title in chapter["entries"]],
            }
            for chapter in chapters
        ],
    }


def _entry(entry: HeldEntry, lines: list[Shown], title: str) -> dict[str, Any]:
    return {
        "number": entry.number,
        "title": title,
        "at": entry.at.isoformat() if entry.at else None,
        "table": entry.source,
        "lines": [_line_data(line, entry.lines[line.number]) for line in lines],
    }


def _line_data(line: Shown, original: dict[str, Any]) -> dict[str, Any]:
    """The stored value too, where nothing is withheld of it."""
    told: dict[str, Any] = {"label": line.label, "field": line.name, "text": line.text}
    if line.is_touched:
        told["withheld"] = sorted({Reason(piece.reason).label for piece in line.pieces if piece.reason})
    elif original["value"] != line.text:
        told["value"] = original["value"]
    return told


def _zip(document: bytes, data: bytes, entries: Sequence[HeldEntry], by_entry: dict[UUID, list[Mark]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "copy.pdf", document)
        _put(archive, "data.json", data)
        for entry in entries:
            content = _given(entry, by_entry[entry.pk])
            if content is not None:
                _put(archive, f"documents/{entry.number:04d}-{clean_name(entry.file_name)}", content)
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, compress_type=zipfile.ZIP_DEFLATED)


def _given(entry: HeldEntry, marks: list[Mark]) -> bytes | None:
    """The content of an entry's document, if nothing withholds it and it is still there."""
    number = next((number for number, line in enumerate(entry.lines) if is_file_line(line)), None)
    if number is None or any(mark.line in (None, number) for mark in marks):
        return None
    try:
        return place(entry.file_path).read_bytes()
    except (FileNotFoundError, Http404):
        return None
