"""Files of a case."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from cases.models import Case
from cases.services.common import keys, locked_for_writing
from cluster_ehs.core import audit
from clusters.models import User
from families import files
from families.models import StoredFile


def keep_document(*, by: User, case: Case, upload: UploadedFile, kind: str = "") -> StoredFile:
    """Keep a file with the family's record. Raises Denied or ValidationError (too large, not what its name says).

    The content of a file that is refused, or whose row is not made, does not stay.
    """
    kept = files.keep(upload)
    try:
        with transaction.atomic():
            case = locked_for_writing(by=by, case=case)
            stored = StoredFile.objects.create(
                **keys(case),
                name=kept.name,
                content_type=kept.content_type,
                size=kept.size,
                sha256=kept.sha256,
                path=kept.path,
                kind=kind.strip(),
                about=f"cases.case:{case.pk}",
                author=by,
            )
            audit.event(by=by, kind="case.file_kept", text=f"Kept the file {kept.name}", about=stored)
    except BaseException:
        files.discard_content(kept.path)
        raise
    return stored
