"""The files of a copy: a tagged PDF to read, and a zip with it, the data as JSON, and the documents.

What is withheld is taken out of the words before anything is drawn or written.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from cluster_ehs.core.lawful_basis import basis_words
from cluster_ehs.core.pdf import render_pdf
from families.files import clean_name, place
from keeping.models import HeldCopy, HeldEntry, HeldFile, Mark, RedactedDocument, RightsRequest
from keeping.subject_access.documents import file_line
from keeping.subject_access.held import is_file_line
from keeping.subject_access.models import Reason
from keeping.subject_access.redaction import GONE, Piece, Shown, redacted, whole_mark
from keeping.subject_access.sections import SECTIONS

_EPOCH = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Given:
    """A document that goes out: its name in the folder, its content, and why something is not in it."""

    name: str
    content: bytes
    reason: str = ""

    @property
    def words(self) -> str:
        where = f"In the folder “documents”: {self.name}"
        return f"{where}. Something was taken out of it. {self.reason}" if self.reason else where


def make(
    asked: RightsRequest,
    copy: HeldCopy,
    entries: Sequence[HeldEntry],
    marks: Sequence[Mark],
    instead: Sequence[RedactedDocument] = (),
) -> dict[str, bytes]:
    """By kind of file, its bytes. instead: what is given in the place of documents. Raises PdfUnavailable."""
    by_entry: dict[UUID, list[Mark]] = {entry.pk: [] for entry in entries}
    for mark in marks:
        by_entry[mark.entry_id].append(mark)
    given = _documents(entries, by_entry, {one.entry_id: one for one in instead})
    chapters = _chapters(entries, by_entry, given)
    codes = {mark.reason for mark in marks} | {one.reason for one in instead}
    about = {
        "asked": asked,
        "copy": copy,
        "today": timezone.localdate(),
        "controller": settings.CONTROLLER,
        "basis": basis_words(),
        "reasons": [Reason(code).label for code in sorted(codes)],
        "chapters": chapters,
    }
    document = render_pdf("keeping/subject_access/copy_pdf.html", about)
    data = json.dumps(_data(asked, chapters), ensure_ascii=False, indent=1).encode()
    return {HeldFile.Kind.PDF: document, HeldFile.Kind.ZIP: _zip(document, data, given.values())}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _chapters(
    entries: Sequence[HeldEntry], by_entry: dict[UUID, list[Mark]], given: dict[UUID, Given]
) -> list[dict[str, Any]]:
    """Chapters in order. Entries that are withheld as a whole are counted, not listed: their titles could tell."""
    chapters = []
    for key, title in SECTIONS.items():
        here = [entry for entry in entries if entry.section == key]
        kept = [entry for entry in here if not whole_mark(by_entry[entry.pk])]
        lines = [_lines(entry, by_entry[entry.pk], given.get(entry.pk)) for entry in kept]
        shown = [(entry, each, _title(entry, each)) for entry, each in zip(kept, lines, strict=True)]
        if here:
            chapters.append({"key": key, "title": title, "entries": shown, "withheld": len(here) - len(kept)})
    return chapters


def _lines(entry: HeldEntry, marks: list[Mark], given: Given | None) -> list[Shown]:
    """The line of a document says where it lies, or that it is not there any more."""
    number = file_line(entry)
    words = given.words if given else "It is no longer kept"
    return [
        replace(line, pieces=(Piece(words),)) if line.number == number and not line.is_touched else line
        for line in redacted(entry.lines, marks)
    ]


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
    elif original["value"] != line.text and not is_file_line(original):
        told["value"] = original["value"]
    return told


def _zip(document: bytes, data: bytes, given: Iterable[Given]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "copy.pdf", document)
        _put(archive, "data.json", data)
        for one in given:
            _put(archive, f"documents/{one.name}", one.content)
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, compress_type=zipfile.ZIP_DEFLATED)


def _documents(
    entries: Sequence[HeldEntry], by_entry: dict[UUID, list[Mark]], instead: dict[UUID, RedactedDocument]
) -> dict[UUID, Given]:
    """By entry, the document that goes out: what nothing withholds and what is still there."""
    found = {}
    for entry in entries:
        marks, number = by_entry[entry.pk], file_line(entry)
        if number is None or any(mark.line in (None, number) for mark in marks):
            continue
        other = instead.get(entry.pk)
        if other:
            found[entry.pk] = Given(_name(entry, marks, other.name), bytes(other.content), Reason(other.reason).label)
        elif (content := _content(entry)) is not None:
            found[entry.pk] = Given(_name(entry, marks, entry.file_name), content)
    return found


def _content(entry: HeldEntry) -> bytes | None:
    try:
        return place(entry.file_path).read_bytes()
    except (FileNotFoundError, Http404):
        return None


def _name(entry: HeldEntry, marks: Sequence[Mark], name: str) -> str:
    """The number and the name; the name is left out when something of the document's name or title is withheld."""
    named = {number for number, line in enumerate(entry.lines) if line["name"] in ("name", "title")}
    if any(mark.line in named for mark in marks):
        return f"{entry.number:04d}{PurePath(clean_name(name)).suffix}"
    return f"{entry.number:04d}-{clean_name(name)}"
