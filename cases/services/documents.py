"""Files of a case: kept, several at once, written here as letters, removed with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.services.common import keys, locked_for_writing, refuse_later_than
from cluster_ehs.core import audit, pdf
from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import User
from clusters.people import duties
from families import files, previews
from families.models import FilePerson, Person, StoredFile
from triage.models import MessageTemplate

MOST_AT_ONCE = 20


@dataclass(frozen=True)
class About:
    """What is said of files that are kept together."""

    kind: str = ""
    title: str = ""
    dated_on: date | None = None
    private: bool = False
    people: Sequence[Person] = ()


@dataclass(frozen=True)
class KeptFiles:
    """What became of files that were sent together."""

    kept: list[StoredFile] = field(default_factory=list)
    # Names of those that this case has already, and what is wrong with those that cannot be kept.
    there_already: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def keep_documents(*, by: User, case: Case, uploads: Sequence[UploadedFile], about: About) -> KeptFiles:
    """Keep what can be kept; the others are named with the reason. A file that is there already is not kept again.

    Raises Denied, or ValidationError (`files`) when nothing of it could be kept. The content of what is refused, or
    whose row is not made, does not stay.
    """
    if len(uploads) > MOST_AT_ONCE:
        raise ValidationError({"files": f"Add at most {MOST_AT_ONCE} files at once."})
    if about.dated_on:
        refuse_later_than(about.dated_on, timezone.localdate(), field="dated_on", what="The date of the document")
    contents: list[files.Kept] = []
    done = KeptFiles()
    try:
        for upload in uploads:
            try:
                contents.append(files.keep(upload))
            except ValidationError as error:
                done.refused.extend(error.messages)
        with transaction.atomic():
            case = locked_for_writing(by=by, case=case)
            for content in contents:
                if _is_there(case, content.sha256):
                    done.there_already.append(content.name)
                else:
                    done.kept.append(_row(by, case, content, about, of_several=len(uploads) > 1))
            if not done.kept and (done.refused or not done.there_already):
                raise ValidationError({"files": done.refused or ["Choose a file."]})
    except BaseException:
        for content in contents:
            files.discard_content(content.path)
        raise
    rows = {row.path for row in done.kept}
    for content in contents:
        if content.path not in rows:
            files.discard_content(content.path)
    return done


def keep_document(*, by: User, case: Case, upload: UploadedFile, kind: str = "") -> StoredFile:
    """Keep one file with the family's record. Raises Denied or ValidationError (too large, not what its name says)."""
    done = keep_documents(by=by, case=case, uploads=[upload], about=About(kind=kind))
    if not done.kept:
        raise ValidationError({"files": f"{done.there_already[0]} is here already."})
    return done.kept[0]


@transaction.atomic
def keep_letter(
    *,
    by: User,
    case: Case,
    to_name: str,
    to_address: str,
    subject: str,
    body: str,
    language: str = "en",
    people: Iterable[Person] = (),
) -> StoredFile:
    """Keep a letter as it stands, as a tagged PDF with its words beside it.

    Raises Denied, ValidationError by field, or core.pdf.PdfUnavailable.
    """
    case = locked_for_writing(by=by, case=case)
    wrong = {
        name: f"Enter {what}"
        for name, value, what in (
            ("to_name", to_name, "whom the letter is to"),
            ("subject", subject, "the heading"),
            ("body", body, "the text of the letter"),
        )
        if not value.strip()
    }
    if wrong:
        raise ValidationError(wrong)
    today = timezone.localdate()
    letter = {
        "language": language,
        "subject": subject.strip(),
        "body": body.strip(),
        "to_name": to_name.strip(),
        "to_address": to_address.strip(),
        "cluster": case.cluster,
        "made_at": timezone.now(),
    }
    rtl = language in MessageTemplate.RIGHT_TO_LEFT
    document = pdf.render_pdf("triage/letter_pdf.html", {"letter": letter, "rtl": rtl})
    content = files.keep_content(
        name=f"letter-{case.reference}-{today:%Y-%m-%d}.pdf", content_type="application/pdf", content=document
    )
    try:
        about = About(kind="Letter", title=subject.strip(), dated_on=today, people=list(people))
        text = "\n\n".join(part for part in (to_name.strip(), to_address.strip(), body.strip()) if part)
        return _row(by, case, content, about, text=text)
    except BaseException:
        files.discard_content(content.path)
        raise


@transaction.atomic
def remove_document(*, by: User, case: Case, file: StoredFile, why: str) -> StoredFile:
    """Strike a file through: it stays in the list with the reason, and only a leader opens it from then on.

    Whoever kept it may, and the leader. Raises Denied, ValidationError (`why`), Conflict when it is removed already.
    """
    case = locked_for_writing(by=by, case=case)
    file = StoredFile.objects.select_for_update(of=("self",)).get(pk=file.pk, family_id=case.family_id)
    if file.author_id != by.pk and case.cluster_id not in duties(by).leads:
        raise Denied("A file is removed by whoever kept it, or by a leader of the Cluster.")
    if file.removed_at:
        raise Conflict("This file has been removed already.")
    if not why.strip():
        raise ValidationError({"why": "Say why it is removed."})
    file.removed_at, file.removed_by, file.removed_why = timezone.now(), by, why.strip()
    file.save(update_fields=["removed_at", "removed_by", "removed_why"])
    audit.event(by=by, kind="case.file_removed", text=f"Removed a file: {file.removed_why}", about=file)
    return file


def _is_there(case: Case, sha256: str) -> bool:
    """Whether the same content is with the family; two who add it at once wait for each other at the case's lock."""
    return StoredFile.objects.filter(family_id=case.family_id, sha256=sha256, removed_at__isnull=True).exists()


def _row(
    by: User, case: Case, content: files.Kept, about: About, *, text: str = "", of_several: bool = False
) -> StoredFile:
    title = about.title.strip()
    if title and of_several:
        title = f"{title}: {content.name}"[:160]
    stored = StoredFile.objects.create(
        **keys(case),
        name=content.name,
        content_type=content.content_type,
        size=content.size,
        sha256=content.sha256,
        path=content.path,
        kind=about.kind.strip(),
        title=title,
        dated_on=about.dated_on,
        private=about.private,
        text=text,
        about=f"cases.case:{case.pk}",
        author=by,
    )
    FilePerson.objects.bulk_create(FilePerson(**keys(case), file=stored, person=person) for person in about.people)
    previews.ask_for_preview(path=content.path, content_type=content.content_type)
    said = "Kept a private file" if about.private else f"Kept the file {content.name}"
    audit.event(by=by, kind="case.file_kept", text=said, about=stored)
    return stored
