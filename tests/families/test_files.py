"""An upload that is not what its name says, or too large, is refused by name; the rest is kept out of the web root."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from families import files

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def office(folder: str, *more: str) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}document.xml", *more):
            archive.writestr(name, "<x/>")
    return into.getvalue()


GOOD = {
    "letter.pdf": b"%PDF-1.7 invented",
    "picture.png": PNG,
    "photo.JPG": b"\xff\xd8\xff\xe0 invented",
    "photo.jpeg": b"\xff\xd8\xff\xe0 invented",
    "form.docx": office("word/"),
    "sheet.xlsx": office("xl/"),
    "note.txt": "Zdeňka was seen.\r\n".encode(),
    "old note.txt": "Caf\xe9 at noon".encode("cp1252"),
    "list.csv": b"name,day\nInvented,1\n",
}


@pytest.fixture(autouse=True)
def _store(settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.mark.parametrize("name", GOOD)
def test_what_is_taken(name: str, tmp_path: Path) -> None:
    kept = files.keep(SimpleUploadedFile(name, GOOD[name]))
    assert kept.name == name
    assert kept.size == len(GOOD[name])
    assert (tmp_path / kept.path).read_bytes() == GOOD[name]
    assert name.split(".")[0] not in kept.path


BAD = {
    "letter.pdf": (PNG, "letter.pdf is not what its name says: it is a .png file"),
    "picture.png": (b"%PDF-1.7", "picture.png is not what its name says: it is a .pdf file"),
    "program.pdf": (b"MZ\x90\x00\x03", "program.pdf is not what its name says: its content is something else"),
    "page.txt": (b"<html><script>alert(1)</script>", "page.txt is not what its name says"),
    "drawing.svg": (b"<svg onload='x'/>", "drawing.svg is not a kind of file that can be kept"),
    "noname": (b"text", "noname is not a kind of file that can be kept"),
    "macro.docx": (office("word/", "word/vbaProject.bin"), "macro.docx is not what its name says"),
    "archive.docx": (office("other/"), "archive.docx is not what its name says"),
    "broken.xlsx": (b"PK\x03\x04 broken", "broken.xlsx is not what its name says"),
    "sheet.docx": (office("xl/"), "sheet.docx is not what its name says: it is a .xlsx file"),
    "empty.pdf": (b"", "empty.pdf is empty"),
    "zero.txt": (b"a\x00b", "zero.txt is not what its name says"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused(name: str, tmp_path: Path) -> None:
    content, message = BAD[name]
    with pytest.raises(ValidationError) as error:
        files.keep(SimpleUploadedFile(name, content))
    assert error.value.message.startswith(message)
    assert list(tmp_path.rglob("*")) == []


def test_over_the_limit(settings, tmp_path: Path) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    with pytest.raises(ValidationError, match=r"big\.pdf is larger than 1 MB"):
        files.keep(SimpleUploadedFile("big.pdf", b"%PDF-" + b"x" * 1024 * 1024))
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\letter.pdf", "letter.pdf"),
        ("a\u202egnp.pdf", "agnp.pdf"),
        ("x" * 300 + ".pdf", "x" * 140 + ".pdf"),
        ("\n\t", "file"),
        ("...", "file"),
    ],
)
def test_names_are_cleaned(given: str, clean: str) -> None:
    assert files.clean_name(given) == clean


@pytest.mark.parametrize("path", ["../secret", "families/../../secret", "/etc/passwd", "reports/x"])
def test_no_path_leads_out_of_the_store(path: str) -> None:
    with pytest.raises(Http404):
        files.place(path)
