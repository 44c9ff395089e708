"""Every form with room for text keeps what is typed, on whatever page it stands; and no interleaving loses any."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.models import Draft
from tests.access import addresses, lines, people, url_for
from tests.fixtures_cast import Cast, as_, sign_in
from tests.world import FILE, arguments_for, make_world

WITH_A_SIGN_IN = ("practitioner A", "leader A", "manager", "therapist A")
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
# Forms with room for text that keep no draft of their own, each with its reason.
ELSEWHERE = {
    "gallery": "shows the parts of forms; it is not there in production",
    "public-step": "people without a sign-in: each answered page of the form is kept behind their own cookie",
}


@pytest.fixture
def files(settings: Any, tmp_path: Any) -> None:
    settings.FILES_ROOT = tmp_path
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(b"%PDF-1.7")


def test_every_form_with_room_for_text_saves_while_typing(cast: Cast, files: None) -> None:
    world = make_world(cast)
    clients = {name: sign_in(Client(), user) for name, user in people(cast).items() if user}
    readable = {line.name: line for line in lines() if "GET" in line.methods and line.kinds[0] in ("own", "–")}
    seen: dict[str, list[str]] = {}
    for address in addresses():
        line = readable.get(address.name)
        if line is None or address.is_api:
            continue
        arguments = arguments_for(world, address, "own") if address.arguments else {}
        who = next((p for p, status in zip(people(cast), line.statuses, strict=True) if status == "200"), "")
        if arguments is None or who not in clients:
            continue
        answer = clients[who].get(url_for(address.name, arguments))
        if "text/html" in answer.headers.get("Content-Type", "") and not answer.streaming:
            forms = FORM.findall(answer.content.decode())
            seen[address.name] = [form.split(">")[0] for form in forms if "<textarea" in form]
    with_text = {name: forms for name, forms in seen.items() if forms}
    assert len(with_text) > 30, sorted(with_text)
    without = {name for name, forms in with_text.items() if any("data-draft-key" not in form for form in forms)}
    assert without - ELSEWHERE.keys() == set()


def test_a_form_without_a_key_is_found_again_and_its_draft_goes_when_it_is_taken(cast: Cast, client: Client) -> None:
    url = reverse("case-worry", args=[cast.case.pk])
    sign_in(client, cast.practitioner)
    page = client.get(url).content.decode()
    key = re.search(r'data-draft-key="([^"]+)"', page)[1]
    body = {"key": key, "data": {"worry": ["Bruises on"], "draft_page": ["a"]}, "version": 0}
    version = client.post(reverse("draft-save"), body, content_type="application/json").json()["version"]
    again = sign_in(Client(), cast.practitioner).get(url).content.decode()
    assert "Bruises on</textarea>" in again
    assert "This is what you had typed by" in again
    assert 'class="govuk-error-summary"' not in again
    sent = {"worry": "", "draft_key": key, "draft_version": str(version), "once": str(uuid.uuid4())}
    assert client.post(url, sent).status_code == 422
    with as_(cast.practitioner):
        assert Draft.objects.filter(key=key).exists(), "a form that was not taken keeps its draft"
    assert client.post(url, sent | {"worry": "Bruises on both arms."}).status_code == 302
    with as_(cast.practitioner):
        assert not Draft.objects.filter(key=key).exists()


@pytest.mark.parametrize("written_by", ["another page", "the page that is sent"])
def test_a_form_that_is_taken_takes_no_other_pages_text_with_it(cast: Cast, client: Client, written_by: str) -> None:
    sign_in(client, cast.practitioner)
    url, key = reverse("case-review", args=[cast.case.pk]), f"review:{cast.case.pk}"
    goal = {"words": "Mornings", "once": str(uuid.uuid4())}
    client.post(reverse("goal-new", args=[cast.case.pk]), goal)
    save = {"key": key, "data": {"decisions": ["Carry on."], "draft_page": ["one"]}, "version": 0}
    heard = client.post(reverse("draft-save"), save, content_type="application/json").json()["version"]
    save = {"key": key, "data": {"decisions": ["Later text."], "draft_page": ["two"]}, "version": heard}
    assert client.post(reverse("draft-save"), save, content_type="application/json").status_code == 200
    page = client.get(url).context["form"]
    day = page.fields["reviewed_on"].initial
    due = page.fields["next_due_on"].initial
    sent = {
        "decisions": "Carry on.",
        "draft_version": str(heard),
        "draft_page": "one" if written_by == "another page" else "two",
        "once": str(uuid.uuid4()),
        **{"reviewed_on-day": day.day, "reviewed_on-month": day.month, "reviewed_on-year": day.year},
        **{"next_due_on-day": due.day, "next_due_on-month": due.month, "next_due_on-year": due.year},
    }
    assert client.post(url, sent).status_code == 302
    with as_(cast.practitioner):
        left = Draft.objects.filter(key=key).first()
    assert (left is not None and left.data["decisions"] == ["Later text."]) is (written_by == "another page")
