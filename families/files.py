"""Files of families: their kind is found from their content, they lie outside the web root, a view opens them."""

import hashlib
import io
import shutil
import unicodedata
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404

from families.models import StoredFile

OFFICE = {
    "word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "txt": "text/plain",
    "csv": "text/csv",
    **dict(OFFICE.values()),
}
SAME = {"jpeg": "jpg", "text": "txt"}
TEXTS = {"txt", "csv"}
WORDS = "PDF, Word (.docx), Excel (.xlsx), PNG, JPEG, plain text or CSV"
_BLOCK = 1 << 16
# What an archive holds is listed before it is opened: each part of the list begins with this.
_PART = b"PK\x01\x02"
PARTS_AT_MOST = 5000


@dataclass(frozen=True)
class Kept:
    """A file whose content is stored; the row that belongs to it is made by the service."""

    name: str
    content_type: str
    size: int
    sha256: str
    path: str


def kind_of(content: bytes) -> str:
    """The ending that fits the content: pdf, png, jpg, docx, xlsx, txt; empty when it is none of these."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    return "txt" if _is_text(content) else ""


def _office_kind(content: bytes) -> str:
    # Hundreds of thousands of empty parts fit into 20 MB, and their list into no memory.
    if content.count(_PART) > PARTS_AT_MOST:
        return ""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    # A macro could run on the machine of whoever opens it.
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    return next((kind for folder, (kind, _) in OFFICE.items() if any(n.startswith(folder) for n in names)), "")


def _is_text(content: bytes) -> bool:
    if b"\x00" in content or not content.strip():
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="ignore")
        if len(text) < len(content) * 0.98:
            return False
    start = text.lstrip("\ufeff \r\n\t")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<svg", "<?xml", "<script", "#!", "mz")):
        return False
    return not any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in text[:4096])


def clean_name(name: str) -> str:
    """The file's name as it may be shown and sent: no path, no control characters, at most 150 characters."""
    bare = PurePath(name.replace("\\", "/")).name
    plain = "".join(c for c in unicodedata.normalize("NFC", bare) if unicodedata.category(c)[0] != "C").strip(". ")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:140]}.{ending[:8]}" if dot and stem else plain[:150] or "file"


def check_upload(upload: UploadedFile) -> tuple[str, bytes]:
    """The content type and the content. Raises ValidationError that says what to do, naming the file."""
    name = clean_name(upload.name or "")
    if (upload.size or 0) > settings.UPLOAD_LIMIT_BYTES:
        limit = settings.UPLOAD_LIMIT_BYTES // (1024 * 1024)
        raise ValidationError(f"{name} is larger than {limit} MB. Send a smaller one, or only the pages that matter")
    content = upload.read()
    if not content:
        raise ValidationError(f"{name} is empty. Choose another file")
    ending = PurePath(name).suffix.lstrip(".").lower()
    ending = SAME.get(ending, ending)
    kind = kind_of(content)
    if ending not in KINDS:
        raise ValidationError(f"{name} is not a kind of file that can be kept. Save it as {WORDS}")
    if kind != ending and not (kind == "txt" and ending in TEXTS):
        found = f"it is a .{kind} file" if kind else "its content is something else"
        raise ValidationError(f"{name} is not what its name says: {found}. Open it and save it again as {WORDS}")
    return KINDS[ending], content


def keep(upload: UploadedFile) -> Kept:
    """Check an upload and store its content under a random name. Raises ValidationError."""
    content_type, content = check_upload(upload)
    return keep_content(name=upload.name or "", content_type=content_type, content=content)


def keep_content(*, name: str, content_type: str, content: bytes) -> Kept:
    """Store a content that has been checked, or was made here, under a random name."""
    shown = clean_name(name)
    name = uuid.uuid4().hex
    path = f"families/{name[:2]}/{name}"
    target = place(path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with target.open("xb") as file:
            file.write(content)
    except OSError:
        # The disk is full: half a content helps nobody and takes the room of another.
        target.unlink(missing_ok=True)
        raise
    target.chmod(0o600)
    return Kept(
        name=shown,
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        path=path,
    )


def place(path: str) -> Path:
    """Where the content of a stored path lies. Raises Http404 for a path that leads out of the store."""
    root = Path(settings.FILES_ROOT).resolve()
    target = (root / path).resolve()
    if not target.is_relative_to(root / "families"):
        raise Http404
    return target


def preview_place(path: str) -> Path:
    """Where the preview of a stored path lies, made or not."""
    return place(f"{path}.preview.jpg")


def drawing_place(path: str) -> Path:
    """The folder in which a path's preview is drawn; always the same, so that what a kill leaves is found."""
    return place(f"{path}.drawing")


def discard_content(path: str) -> None:
    """Remove a content that no row names (yet), and what was drawn of it."""
    place(path).unlink(missing_ok=True)
    preview_place(path).unlink(missing_ok=True)
    shutil.rmtree(drawing_place(path), ignore_errors=True)


def answer_preview(file: StoredFile) -> FileResponse:
    """The picture drawn of a file, to show. Raises Http404 while there is none."""
    target = preview_place(file.path)
    if not target.is_file():
        raise Http404
    return _inside(FileResponse(target.open("rb"), content_type="image/jpeg"))


def answer(file: StoredFile) -> FileResponse:
    """The file to save, never to show in the page. Raises Http404 when its content is gone."""
    target = place(file.path)
    if not target.is_file():
        raise Http404
    kind = file.content_type
    if kind.startswith("text/"):
        kind += f"; charset={_characters(target.read_bytes())}"
    return _inside(FileResponse(target.open("rb"), as_attachment=True, filename=file.name, content_type=kind))


def _characters(content: bytes) -> str:
    """How a text is to be read: as `_is_text` took it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _inside(response: FileResponse) -> FileResponse:
    """Nothing in it runs, and nobody keeps it."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store, private"
    return response
