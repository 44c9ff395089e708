"""Numbers of thousands of digits, archives of a million parts, addresses of another kind: told, and never an error."""

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases.attendance_csv import _whole
from cases.forms.attendance import FileForm as AttendanceForm
from cases.forms.rows import TaskRows
from cluster_ehs.core.forms import DatePartsField
from cluster_ehs.core.models import Draft
from cluster_ehs.core.requests import whole_number
from clusters.directory.forms import RegisterForm
from clusters.forms import PartnerForm
from families import files
from families.models import StoredFile
from imports.reader import PARTS_AT_MOST, SheetError, open_sheet
from referrals.intake_forms import FileForm as NotificationsForm
from tests.fixtures_cast import Cast, as_, sign_in
from tests.imports.sheets import a_row, write_xlsx

# Python refuses to read it as a number, so that nobody keeps a server busy with it: an error where none is expected.
DIGITS = "9" * 5000


@pytest.mark.parametrize("where", ["waiting-list?cluster=", "partner-ledger?partner=", "case-list?worker="])
def test_an_address_with_an_endless_number_is_no_error(cast: Cast, client: Client, where: str) -> None:
    name, _, query = where.partition("?")
    sign_in(client, cast.leader)
    assert client.get(f"{reverse(name)}?{query}{DIGITS}").status_code in (200, 404)


def test_an_endless_number_in_a_form_or_sheet_is_told_at_its_place() -> None:
    field = DatePartsField(label="Date of birth")
    for texts in ((DIGITS, "1", "2019"), ("1", DIGITS, "2019"), ("1", "1", DIGITS)):
        with pytest.raises(ValidationError):
            field.clean(dict(zip(("day", "month", "year"), texts, strict=True)))
    assert TaskRows.with_more({"rows": DIGITS})["rows"] == "2"
    errors: list[str] = []
    assert _whole(DIGITS, "sessions", errors) is None
    assert errors
    assert [whole_number(text) for text in ("12", "", "-1", "²", "1e3", DIGITS)] == [12, None, None, None, None, None]


def test_a_draft_of_endless_size_or_of_another_host_is_none(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    for version in ("1e400", "Infinity", "NaN", DIGITS):
        body = f'{{"key": "page:x", "data": {{}}, "version": {version}}}'
        assert client.post(reverse("draft-save"), body, content_type="application/json").status_code == 400, version
    for address in ("//evil.example/", "/\\evil.example/", "/\t/evil.example/", "https://evil.example/"):
        body = json.dumps({"key": f"page:{address}", "data": {"note": ["x"]}, "url": address})
        assert client.post(reverse("draft-save"), body, content_type="application/json").status_code == 200
        with as_(cast.practitioner):
            draft = Draft.objects.get(key=f"page:{address}")
        assert "evil" not in draft.url
        led = client.post(reverse("draft-discard", args=[draft.pk])).headers["Location"]
        assert led == "/", "back to a page of ours"


def archive_of_many(folder: str) -> bytes:
    """A workbook and a list of a hundred thousand parts that are not there: 5 MB, and hundreds once it is read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}document.xml", "xl/workbook.xml"):
            archive.writestr(name, b"<x/>")
    content = out.getvalue()
    end = content.rindex(b"PK\x05\x06")
    begin = content.index(b"PK\x01\x02")
    entry = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    listed = content[begin:end] + entry * 100_000
    tail = content[end : end + 8] + struct.pack("<HHIIH", 65535, 65535, len(listed), begin, 0)
    return content[:begin] + listed + tail


def test_an_archive_of_endless_parts_is_counted_before_it_is_opened(tmp_path: Path, monkeypatch: Any) -> None:
    opened: list[object] = []
    whole = zipfile.ZipFile.__init__
    monkeypatch.setattr(zipfile.ZipFile, "__init__", lambda *a, **k: (opened.append(a), whole(*a, **k))[1])
    write_xlsx(tmp_path / "fine.xlsx", [a_row()])
    with open_sheet(tmp_path / "fine.xlsx") as sheet:
        assert list(sheet)
    many = {"word/": archive_of_many("word/"), "xl/": archive_of_many("xl/")}
    opened.clear()
    with pytest.raises(ValidationError, match="is not what its name says"):
        files.check_upload(SimpleUploadedFile("letter.docx", many["word/"]))
    (tmp_path / "many.xlsx").write_bytes(many["xl/"])
    with pytest.raises(SheetError, match=f"more than {PARTS_AT_MOST} parts"), open_sheet(tmp_path / "many.xlsx"):
        pass
    assert not opened


def test_a_macro_is_found_however_it_is_written() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", "word/VBAPROJECT.BIN"):
            archive.writestr(name, b"<x/>")
    with pytest.raises(ValidationError, match="is not what its name says"):
        files.check_upload(SimpleUploadedFile("letter.docx", out.getvalue()))


@pytest.mark.parametrize(("content", "characters"), [("Zdeňka".encode(), "utf-8"), (b"Caf\xe9", "windows-1252")])
def test_a_text_says_in_which_characters_it_is_written(
    settings: Any, tmp_path: Path, content: bytes, characters: str
) -> None:
    settings.FILES_ROOT = tmp_path
    kept = files.keep(SimpleUploadedFile("note.txt", content))
    answer = files.answer(StoredFile(name=kept.name, path=kept.path, content_type=kept.content_type))
    assert answer.headers["Content-Type"] == f"text/plain; charset={characters}"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://files.example/", "//evil\\x"])
def test_the_address_of_a_partner_is_one_of_the_web(db: None, address: str) -> None:
    assert "website" in PartnerForm({"website": address}).errors
    assert "website" not in PartnerForm({"website": "partner.example/families"}).errors


def test_a_sheet_that_is_named_otherwise_is_told_so() -> None:
    page = SimpleUploadedFile("page.html", b"<script>alert(1)</script>")
    forms = (
        RegisterForm({"authority": "383"}, {"file": page, "links": page}),
        NotificationsForm({"source": "police"}, {"file": page}, with_token=False),
        AttendanceForm({}, {"file": page}),
    )
    assert [sorted(form.errors) for form in forms] == [["file", "links"], ["file"], ["file"]]
    assert all(".csv" in str(form.errors["file"]) for form in forms)
