"""Bad input and bad luck of a referral: a disguised script, a very long story, names of any script, no address."""

import html
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cluster_ehs.core.figures import year_before
from families.models import Person, StoredFile
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_, sign_in
from tests.referrals.test_journey import answers, begin, fill_in, vocabulary  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.txt", b"<script>alert(1)</script>"),
        ("letter.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("letter.txt", b"#!/bin/sh\nrm -rf ~\n"),
        ("letter.docx", b"MZ\x90\x00 a program"),
        ("letter.pdf.js", b"%PDF-1.7"),
    ],
)
def test_a_disguised_script_is_refused_and_not_kept(
    cast: Cast, client: Client, tmp_path: Path, name: str, content: bytes
) -> None:
    tasks = begin(sign_in(client, cast.practitioner))
    answer = client.post(f"{tasks}files/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert name in str(answer.context["form"].errors["file"])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_script_inside_a_real_text_is_given_back_to_save_and_never_shown(
    cast: Cast,
    client: Client,
    vocabulary: dict,  # noqa: F811
) -> None:
    tasks = begin(sign_in(client, cast.practitioner))
    fill_in(client, tasks, answers(cast, vocabulary))
    content = b"Dear colleague,\n<script>alert(1)</script>\n"
    assert client.post(f"{tasks}files/", {"file": SimpleUploadedFile("letter.txt", content)}).status_code == 302
    assert client.post(f"{tasks}check/", {}).status_code == 302
    with as_(cast.practitioner):
        file = StoredFile.objects.get(name="letter.txt")
    answer = client.get(reverse("family-file", args=[file.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == content
    assert sign_in(client, cast.other_practitioner).get(reverse("family-file", args=[file.pk])).status_code == 404


def test_a_story_of_60_000_characters_is_kept_whole(cast: Cast, client: Client, vocabulary: dict) -> None:  # noqa: F811
    story = ("Zdeňka said “no” & left. <b>Not bold</b> " * 1500)[:59_999] + "."
    tasks = begin(sign_in(client, cast.practitioner))
    fill_in(client, tasks, answers(cast, vocabulary, story={"worrying": story}))
    answer = client.post(f"{tasks}check/", {})
    assert answer.status_code == 302
    with as_(cast.practitioner):
        assert Referral.objects.get(child__last_name="Rădulescu").story.worrying == story
    page = client.get(answer["Location"]).content.decode()
    assert html.escape(story[:200], quote=False) in page.replace("&quot;", '"')
    assert "<b>Not bold</b>" not in page


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("محمد", "الأحمد"),
        ("小明", "王"),
        ("Олександра", "Ковальчук"),
        ("ਗੁਰਪ੍ਰੀਤ", "ਸਿੰਘ"),
        ("Siobhán", "Ní Dhómhnaill-O’Brien"),
        ("X Æ", "d'Arcy"),
        ("Zoe\u0308", "Nu\u0301n\u0303ez"),
    ],
)
def test_a_name_in_any_script(
    cast: Cast,
    client: Client,
    vocabulary: dict,  # noqa: F811
    first: str,
    last: str,
) -> None:
    tasks = begin(sign_in(client, cast.practitioner))
    fill_in(client, tasks, answers(cast, vocabulary, child={"first_name": first, "last_name": last}))
    answer = client.post(f"{tasks}check/", {})
    assert answer.status_code == 302
    assert last in html.unescape(client.get(answer["Location"]).content.decode())
    found = client.post(reverse("search"), {"q": f"{first} {last}"})
    assert last in html.unescape(found.content.decode())


def test_a_child_with_no_fixed_address(cast: Cast, client: Client, vocabulary: dict) -> None:  # noqa: F811
    tasks = begin(sign_in(client, cast.practitioner))
    nowhere = {"address": "", "postcode": "", "telephone": ""}
    fill_in(client, tasks, answers(cast, vocabulary, child=nowhere))
    answer = client.post(f"{tasks}check/", {})
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "Not known" in page.content.decode()
    with as_(cast.practitioner):
        assert Person.objects.get(last_name="Rădulescu", is_child=True).family.address == ""


def test_a_form_sent_twice_makes_one_referral(cast: Cast, client: Client, vocabulary: dict) -> None:  # noqa: F811
    tasks = begin(sign_in(client, cast.practitioner))
    fill_in(client, tasks, answers(cast, vocabulary))
    sent = [client.post(f"{tasks}check/", {}) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [302, 302]
    assert sent[0]["Location"] == sent[1]["Location"]
    with as_(cast.practitioner):
        assert Referral.objects.filter(child__last_name="Rădulescu").count() == 1


# --- the year of a re-referral ---
@given(st.dates(min_value=date(1999, 1, 1), max_value=date(2104, 12, 31)))
def test_a_year_before_is_the_same_day_or_the_last_of_february(day: date) -> None:
    before = year_before(day)
    assert (before.year, before.month) == (day.year - 1, day.month)
    assert before.day == (28 if (day.month, day.day) == (2, 29) else day.day)


def test_the_database_counts_the_year_alike(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d::date, (d::date - interval '1 year')::date FROM generate_series('2019-12-30'::date, '2029-03-05',"
            " '1 day') d"
        )
        assert all(year_before(day) == before for day, before in cursor.fetchall())
