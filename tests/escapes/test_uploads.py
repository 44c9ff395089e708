"""Files that are not what they say, unpack to more than there is, or have names that lead elsewhere."""

import io
import struct
import time
import tracemalloc
import uuid
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from families import previews
from families.files import check_upload, clean_name
from families.models import StoredFile
from imports.models import ImportRun
from tests.fixtures_cast import Cast, as_, sign_in

SCRIPT = b"<script>alert(document.cookie)</script>"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"


def office(inner: dict[str, bytes], *, folder: str = "word/") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", f"{folder}document.xml": b"<x/>", **inner}.items():
            archive.writestr(name, content)
    return out.getvalue()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A small file that says it is a picture of 2.5 billion points, and would unpack to it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, content in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1_000_000)), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)))
    return b"".join(parts)


REFUSED = {
    "an SVG": ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml"),
    "a page": ("letter.html", b"<!doctype html>" + SCRIPT, "text/html"),
    "an SVG called a picture": ("drawing.png", b'<svg onload="alert(1)"/>', "image/png"),
    "a page called text": ("letter.txt", b"\xef\xbb\xbf \n<HTML>" + SCRIPT, "text/plain"),
    "XML called text": ("letter.txt", b"<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'>", "text/plain"),
    "a page that says it is a PDF": ("letter.pdf", SCRIPT, "application/pdf"),
    "a PDF behind a page": ("letter.pdf", SCRIPT + PDF, "application/pdf"),
    "a program": ("letter.docx", b"MZ" + b"\0" * 100, "application/msword"),
    "an archive": ("letters.zip", office({}), "application/zip"),
    "a document with a macro": ("letter.docx", office({"word/vbaProject.bin": b"x"}), "application/msword"),
    "a document of another kind": ("letter.xlsx", office({}), "application/vnd.ms-excel"),
    "two endings": ("letter.pdf.html", PDF, "application/pdf"),
    "an ending behind a NUL": ("letter.html\x00.pdf", b"<html>", "application/pdf"),
    "a GIF that is a script": ("x.gif", b"GIF89a/*" + SCRIPT + b"*/", "image/gif"),
    "nothing": ("letter.pdf", b"", "application/pdf"),
}


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def upload(cast: Cast, client: Client, name: str, content: bytes, kind: str) -> Any:
    typed = {"files": SimpleUploadedFile("x", content, kind), "title": "Letter", "once": str(uuid.uuid4())}
    typed["files"].name = name
    return client.post(reverse("case-documents", args=[cast.case.pk]), typed)


def test_what_is_not_a_file_to_keep_is_refused_by_its_page(cast: Cast, client: Client, tmp_path: Path) -> None:
    sign_in(client, cast.practitioner)
    for what, (name, content, kind) in REFUSED.items():
        answer = upload(cast, client, name, content, kind)
        assert answer.status_code == 422, what
        assert list(answer.context["form"].errors) == ["files"], what
        assert "<script>alert" not in answer.text
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_polyglot_that_is_kept_is_given_back_to_save_and_never_to_show(cast: Cast, client: Client) -> None:
    """A PDF or picture with a page behind it is still a PDF: what matters is that no browser shows it as a page."""
    sign_in(client, cast.practitioner)
    for name, content in (("letter.pdf", PDF + SCRIPT), ("photo.png", picture() + SCRIPT)):
        assert upload(cast, client, name, content, "text/html").status_code == 302
    with as_(cast.practitioner):
        kept = list(StoredFile.objects.filter(family=cast.family))
    assert {file.content_type for file in kept} == {"application/pdf", "image/png"}
    for file in kept:
        answer = client.get(reverse("family-file", args=[file.pk]))
        assert answer.headers["Content-Type"] == file.content_type
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


NAMES = {
    "../../../../etc/passwd.pdf": "passwd.pdf",
    "..\\..\\windows\\win.pdf": "win.pdf",
    "/etc/cron.d/x.pdf": "x.pdf",
    "letter\u202efdp.exe.pdf": "letterfdp.exe.pdf",
    "let\r\nSet-Cookie: a=b.pdf": "letSet-Cookie: a=b.pdf",
    "....pdf": "pdf",
    "a" * 300 + ".pdf": "a" * 140 + ".pdf",
    'quo"te.pdf': 'quo"te.pdf',
    "\u2066hidden\u2069.pdf": "hidden.pdf",
    "\x00": "file",
    "": "file",
}


@pytest.mark.parametrize("given", NAMES)
def test_a_name_leads_nowhere_and_says_what_it_is(given: str) -> None:
    assert clean_name(given) == NAMES[given]


def test_names_of_devices_and_long_ones_are_only_ever_shown(cast: Cast, client: Client, tmp_path: Path) -> None:
    sign_in(client, cast.practitioner)
    for name in ("CON.pdf", "nul.pdf", "a" * 300 + ".pdf", "létter‮.pdf", "-rf.pdf"):
        assert upload(cast, client, name, PDF + name.encode(), "application/pdf").status_code == 302, name
    stored = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert len(stored) == 5
    assert all(len(name) == 32 and name.isalnum() for name in stored), "on the disk they have names of our own"
    with as_(cast.practitioner):
        for file in StoredFile.objects.filter(family=cast.family):
            said = client.get(reverse("family-file", args=[file.pk])).headers["Content-Disposition"]
            assert "\n" not in said
            assert "\r" not in said


def within(seconds: float, megabytes: int, act: Callable[[], Any]) -> Any:
    tracemalloc.start()
    began = time.process_time()
    try:
        return act()
    finally:
        spent, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert spent < seconds, f"{spent:.1f} s"
        assert most < megabytes * 1024 * 1024, f"{most / 1024 / 1024:.0f} MB"


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """400 MB of nothing in less than one."""
    return office({"xl/worksheets/sheet1.xml": b"\0" * (400 << 20), "xl/workbook.xml": b"<workbook/>"}, folder="xl/")


def test_an_archive_that_unpacks_to_more_than_there_is_is_not_unpacked(cast: Cast, client: Client, bomb: bytes) -> None:
    assert len(bomb) < 1 << 20
    within(2, 20, lambda: check_upload(SimpleUploadedFile("sheet.xlsx", bomb)))
    sign_in(client, cast.leader)
    data = {"cluster": cast.cluster.pk, "file": SimpleUploadedFile("sheet.xlsx", bomb), "once": str(uuid.uuid4())}
    answer = within(6, 60, lambda: client.post(reverse("import-list"), data))
    if answer.status_code == 302:
        shown = client.get(answer.headers["Location"])
        assert "unpacks to more than 300 MB" in shown.text
    else:
        assert "unpacks to more than 300 MB" in answer.text
    with as_(cast.leader):
        assert not ImportRun.objects.filter(status__in=["queued", "running"]).exists()


def test_a_workbook_whose_xml_grows_by_itself_is_refused(tmp_path: Path, cast: Cast, client: Client) -> None:
    grown = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "Zdeňka">{grown}]><workbook>&l11;</workbook>'.encode()
    content = office({"xl/workbook.xml": xml}, folder="xl/")
    sign_in(client, cast.leader)
    client.raise_request_exception = False
    data = {"cluster": cast.cluster.pk, "file": SimpleUploadedFile("sheet.xlsx", content), "once": str(uuid.uuid4())}
    answer = within(6, 60, lambda: client.post(reverse("import-list"), data))
    assert answer.status_code in (302, 422)


def test_a_picture_of_billions_of_points_is_kept_and_not_drawn(cast: Cast, settings: Any) -> None:
    content = huge_png(50_000, 50_000)
    assert len(content) < 10_000
    place = Path(settings.FILES_ROOT) / "families" / "ab"
    place.mkdir(parents=True)
    (place / "cd").write_bytes(content)
    with pytest.raises(previews.NotDrawn):
        within(3, 60, lambda: previews.draw("families/ab/cd", "image/png"))
