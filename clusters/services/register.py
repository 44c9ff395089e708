"""A file of the register of schools: received and checked, then applied or put away."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone

from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Conflict
from clusters import policies
from clusters.changes import record, wrong
from clusters.directory.models import RegisterFile
from clusters.directory.register import Plan, carry_out, make_plan
from clusters.directory.register_file import Line, RegisterError, Reject, read_links, read_register
from clusters.models import User

# Two files of the register take turns: the number is nobody else's among PostgreSQL's advisory locks.
LOCK = 0x61A5
SHOWN = 1000
KEPT_UNAPPLIED = timedelta(days=7)


def path_of(name: str) -> Path:
    return settings.FILES_ROOT / name


def look(
    register: Path, links: Path | None, *, authority: str, refused: Collection[str] = ()
) -> tuple[Plan, dict[str, Line], list[Reject]]:
    """Read the files and work out what they would change. Raises RegisterError."""
    lines, rejects = read_register(register)
    plan = make_plan(lines, read_links(links) if links else {}, authority=authority, refused=refused)
    return plan, lines, rejects


@transaction.atomic
def receive(*, by: User, file: UploadedFile, links: UploadedFile | None, authority: str) -> RegisterFile:
    """Keep an uploaded register and work out what it would change. Raises ValidationError naming the field."""
    policies.check_manage(by)
    found = RegisterFile(file_name=Path(file.name or "register").name[:200], author=by, authority=authority)
    kept: list[Path] = []
    try:
        found.path = _keep(file, "file", kept)
        found.links_path = _keep(links, "links", kept) if links else ""
        _check(found)
    except RegisterError as error:
        _remove(kept)
        raise wrong("file", str(error)) from None
    except Exception:
        _remove(kept)
        raise
    found.save()
    record(by=by, kind="school", text=f"Received {found.file_name} of the register of schools.", about=found)
    return found


def _keep(file: UploadedFile, field: str, kept: list[Path]) -> str:
    if (file.size or 0) > settings.UPLOAD_LIMIT_BYTES:
        raise wrong(field, "The file is larger than 20 MB. Download the register for your authority alone.")
    name = f"registers/{uuid.uuid4()}"
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept.append(path)
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return name


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _paths(found: RegisterFile) -> tuple[Path, Path | None]:
    return path_of(found.path), path_of(found.links_path) if found.links_path else None


def _check(found: RegisterFile) -> None:
    plan, _, rejects = look(*_paths(found), authority=found.authority)
    found.digest, found.counts = plan.digest, plan.counts | {"rejected": len(rejects)}
    found.changes = plan.as_json()[:SHOWN]
    found.rejects = [{"row": r.row, "reasons": list(r.reasons), "original": r.original} for r in rejects]


@transaction.atomic
def apply_file(found: RegisterFile, *, by: User, refused: Collection[str] = ()) -> bool:
    """Do what the preview says, but for the concluded successors of the URNs in `refused`.

    False when the schools have changed since it was made: then the preview is made anew and nothing else happens.
    """
    policies.check_manage(by)
    found = _to_be_applied(found)
    _take_turns()
    try:
        plan, lines, _ = look(*_paths(found), authority=found.authority)
        if plan.digest != found.digest:
            _check(found)
            found.save()
            return False
        if refused:
            plan, lines, _ = look(*_paths(found), authority=found.authority, refused=refused)
    except (RegisterError, FileNotFoundError):
        raise Conflict("The file is no longer there. Upload it again.") from None
    carry_out(plan, by=by, lines=lines, source=found.file_name)
    _end(found, RegisterFile.Status.APPLIED)
    record(by=by, kind="school", text=f"Applied {found.file_name} of the register of schools.", about=found)
    return True


@transaction.atomic
def discard(found: RegisterFile, *, by: User) -> None:
    policies.check_manage(by)
    _end(_to_be_applied(found), RegisterFile.Status.DISCARDED)
    record(by=by, kind="school", text=f"Put {found.file_name} away without applying it.", about=found)


@transaction.atomic
def apply_directly(register: Path, links: Path | None, *, by: Actor, authority: str) -> tuple[Plan, list[Reject]]:
    """For who is at the server's command line: read and apply in one. Raises RegisterError."""
    _take_turns()
    plan, lines, rejects = look(register, links, authority=authority)
    carry_out(plan, by=by, lines=lines, source=register.name)
    return plan, rejects


@transaction.atomic
def put_away_forgotten() -> None:
    """For the sweep: files that nobody applied within a week are not kept."""
    old = RegisterFile.objects.select_for_update(skip_locked=True).filter(
        status=RegisterFile.Status.CHECKED, created_at__lt=timezone.now() - KEPT_UNAPPLIED
    )
    for found in old[:20]:
        _end(found, RegisterFile.Status.DISCARDED)


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _to_be_applied(found: RegisterFile) -> RegisterFile:
    locked = RegisterFile.objects.select_for_update().get(pk=found.pk)
    if locked.status != RegisterFile.Status.CHECKED:
        raise Conflict("This file has been dealt with already.")
    return locked


def _end(found: RegisterFile, status: RegisterFile.Status) -> None:
    found.status, found.finished_at = status, timezone.now()
    found.save(update_fields=["status", "finished_at"])
    paths = [path for path in _paths(found) if path]
    transaction.on_commit(lambda: _remove(paths))
