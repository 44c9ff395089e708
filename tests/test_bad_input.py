"""The index of bad input: each kind, through its page, is refused by name, keeps what was typed, changes nothing."""

import html
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Contact
from cases.services import set_goal
from clusters.models import Term
from imports.models import ImportRun, RejectedRow
from imports.running import run_import
from tests.fixtures_cast import Cast, as_, sign_in
from tests.imports.sheets import a_row, write_xlsx

RECORDS = ("families", "referrals", "triage", "cases", "formulation", "outcomes")


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def everything(cast: Cast) -> dict[str, list[tuple]]:
    """All that the people of the Cluster may see of its families' records."""
    found: dict[str, list[tuple]] = {}
    models = [model for app in RECORDS for model in apps.get_app_config(app).get_models()]
    for user in (cast.leader, cast.therapist):
        with as_(user):
            found |= {
                f"{user.pk} {model._meta.label}": sorted(model._base_manager.values_list(), key=str)
                for model in models
                if model._meta.managed
            }
    return found


@contextmanager
def nothing_changes(cast: Cast) -> Iterator[None]:
    before = everything(cast)
    assert any(before.values())
    yield
    assert everything(cast) == before


def refused(answer: Any, field: str, *, says: tuple[str, ...], keeps: tuple[str, ...]) -> None:
    """The form is shown again: the summary leads to the field, the message names it and says what to do."""
    assert answer.status_code == 422, answer.status_code
    form = answer.context["form"]
    assert list(form.errors) == [field], form.errors
    page = html.unescape(answer.content.decode())
    (message,) = form.errors[field]
    for text in says:
        assert text in message
    summary = page[page.index('class="govuk-error-summary"') :]
    link = re.search(r'<a href="#([^"]+)">\s*([^<]+?)\s*</a>', summary)
    assert link
    assert message == link[2]
    assert f'id="{link[1]}"' in page
    assert page.count(message) >= 2, "in the summary and beside the field"
    for text in keeps:
        assert text in page


def on(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def token() -> dict[str, str]:
    return {"once": str(uuid.uuid4())}


def a_child(cast: Cast, client: Client, **wrong: Any) -> Any:
    """The first section of a referral, with something wrong in it."""
    sign_in(client, cast.practitioner)
    tasks = client.post(reverse("referral-start"), {"token": str(uuid.uuid4()), "name": "Štefan Rădulescu"})
    typed = {
        "first_name": "Štefan",
        "last_name": "Rădulescu",
        "gender": "male",
        "ethnicity": Term.objects.get(vocabulary="ethnicity", code="WBRI").pk,
        "interpreter_needed": "no",
        "address": "7 Imaginary Lane",
        **wrong,
    }
    return client.post(f"{tasks['Location']}child/", typed)


# --- referral ---
def test_a_child_over_25(cast: Cast, client: Client) -> None:
    born = timezone.localdate() - timedelta(days=27 * 366)
    with nothing_changes(cast):
        answer = a_child(cast, client, **on("birth_date", born))
    refused(
        answer,
        "birth_date",
        says=("Date of birth", "27 years old"),
        keeps=(f'value="{born.year}"', "Štefan", "7 Imaginary Lane"),
    )


def test_a_birth_date_in_the_future(cast: Cast, client: Client) -> None:
    born = timezone.localdate() + timedelta(days=400)
    with nothing_changes(cast):
        answer = a_child(cast, client, **on("birth_date", born))
    refused(
        answer,
        "birth_date",
        says=("Date of birth is in the future", "Check the year"),
        keeps=(f'value="{born.year}"', "Štefan", "7 Imaginary Lane"),
    )


def test_a_wrong_upn_check_letter(cast: Cast, client: Client) -> None:
    with nothing_changes(cast):
        answer = a_child(cast, client, upn="A801200005001")
    refused(answer, "upn", says=("UPN",), keeps=('value="A801200005001"', "Štefan", "7 Imaginary Lane"))


def test_a_wrong_nhs_check_digit(cast: Cast, client: Client) -> None:
    with nothing_changes(cast):
        answer = a_child(cast, client, nhs_number="9434765871")
    refused(answer, "nhs_number", says=("NHS number",), keeps=('value="9434765871"', "Štefan", "7 Imaginary Lane"))


# --- case ---
def test_a_closed_date_before_the_opened_one(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    early = cast.case.opened_on - timedelta(days=1)
    typed = {"outcomes": ["completed_full"], "in_place": "Gran rings every Monday", **on("closed_on", early), **token()}
    with nothing_changes(cast):
        answer = client.post(reverse("case-close", args=[cast.case.pk]), typed)
    refused(
        answer,
        "closed_on",
        says=("Closing date must be on or after the day the case was opened",),
        keeps=("Gran rings every Monday", f'value="{early.day}"', f'value="{early.year}"'),
    )


def test_a_fourth_goal(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        for words in ("One", "Two", "Three"):
            set_goal(by=cast.practitioner, case=cast.case, words=words)
    sign_in(client, cast.practitioner)
    typed = {"words": "Somewhere dry to live", "different": "No mould in the bedroom", **token()}
    with nothing_changes(cast):
        answer = client.post(reverse("goal-new", args=[cast.case.pk]), typed)
    refused(
        answer,
        "words",
        says=("at most three goals", "end one first"),
        keeps=('value="Somewhere dry to live"', "No mould in the bedroom"),
    )


def test_a_score_of_11(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        goals = [set_goal(by=cast.practitioner, case=cast.case, words=words) for words in ("Calm mornings", "A bed")]
    at = timezone.localtime()
    typed = {
        "people": [str(cast.child.pk)],
        "kind": "phone",
        "attendance": "attended",
        "note": "She walked in by herself.",
        f"score_{goals[0].pk}": "7",
        f"score_{goals[1].pk}": "11",
        **on("at", at.date()),
        "at-time": f"{at:%H:%M}",
        **token(),
    }
    sign_in(client, cast.practitioner)
    with nothing_changes(cast):
        answer = client.post(reverse("contact-new", args=[cast.case.pk]), typed)
    refused(
        answer,
        f"score_{goals[1].pk}",
        says=("“A bed”", "a whole number from 0 to 10"),
        keeps=("She walked in by herself.",),
    )
    assert answer.context["form"][f"score_{goals[0].pk}"].value() == "7"


# --- files ---
def an_upload(cast: Cast, client: Client, name: str, content: bytes) -> Any:
    sign_in(client, cast.practitioner)
    typed = {"files": SimpleUploadedFile(name, content), "title": "Letter of the school", **token()}
    return client.post(reverse("case-documents", args=[cast.case.pk]), typed)


def no_file_is_kept(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if path.is_file()]


def test_an_upload_that_is_not_what_its_name_says(cast: Cast, client: Client, tmp_path: Path) -> None:
    with nothing_changes(cast):
        answer = an_upload(cast, client, "letter.pdf", b"MZ\x90\x00 a program that says it is a letter")
    refused(
        answer,
        "files",
        says=("letter.pdf is not what its name says", "save it again as PDF"),
        keeps=("Letter of the school",),
    )
    assert no_file_is_kept(tmp_path)


def test_an_upload_over_20_mb(cast: Cast, client: Client, tmp_path: Path) -> None:
    content = b"%PDF-1.7\n" + b"0" * (20 * 1024 * 1024)
    with nothing_changes(cast):
        answer = an_upload(cast, client, "letter.pdf", content)
    refused(
        answer,
        "files",
        says=("letter.pdf is larger than 20 MB", "Send a smaller one"),
        keeps=("Letter of the school",),
    )
    assert no_file_is_kept(tmp_path)


# --- sheets ---
def test_a_formula_in_a_spreadsheet_cell(cast: Cast, client: Client, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "sheet.xlsx", [a_row(reference="S1", child_first_name='=HYPERLINK("x","Ann")')])
    cells = openpyxl.load_workbook(path).active[2]
    assert [cell.value for cell in cells if cell.data_type == "f"] == ['=HYPERLINK("x","Ann")']
    sign_in(client, cast.leader)
    says = "child_first_name: holds a formula"
    with nothing_changes(cast):
        answer = client.post(
            reverse("import-list"),
            {"cluster": cast.cluster.pk, "file": SimpleUploadedFile("sheet.xlsx", path.read_bytes()), **token()},
        )
        assert answer.status_code == 302, answer.context["form"].errors
        shown = client.get(answer["Location"])
        page = html.unescape(shown.content.decode())
        assert shown.status_code == 200
        assert says in page
        assert "Put the value in its place" in page
        with as_(cast.leader):
            run = ImportRun.objects.get()
        client.post(reverse("import-start", args=[run.pk]))
        assert run_import(run.pk, cast.cluster.pk)
    with as_(cast.leader):
        run.refresh_from_db()
        assert (run.added, run.rejected) == (0, 1)
        assert "HYPERLINK" in str(RejectedRow.objects.get().original)
    given = client.get(reverse("import-rejects", args=[run.pk])).content.decode("utf-8-sig")
    assert "'=HYPERLINK" in given, "kept, and no spreadsheet runs it"


# --- sessions ---
def test_an_expired_session_with_a_half_written_note(cast: Cast) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), cast.practitioner)
    url = reverse("contact-new", args=[cast.case.pk])
    page = client.get(url).content.decode()
    hidden = dict(re.findall(r'<input[^>]*name="(csrfmiddlewaretoken|who)" value="([^"]+)"', page))
    note = "Zdeňka said that\r\nshe walked in by herself, and then"
    Session.objects.all().delete()
    with nothing_changes(cast):
        answer = client.post(url, {**hidden, "note": note, "kind": "phone", **token()})
        assert answer.status_code == 302
        target = urlsplit(answer["Location"])
        assert target.path == reverse("account_login")
        told = client.get(answer["Location"]).content.decode()
        assert "What you typed was kept: sign in again and you will find it" in told
        assert "Zdeňka" not in told
        sign_in(client, cast.practitioner)
        found = client.get(parse_qs(target.query)["next"][0])
    assert found.status_code == 200
    page = html.unescape(found.content.decode())
    assert note.replace("\r\n", "\n") in page.replace("\r\n", "\n")
    assert f'action="{url}"' in page
    with as_(cast.practitioner):
        assert Contact.objects.count() == 2
