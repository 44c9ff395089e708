"""A referral that was begun holds what stood in the child's record: it closes when the record does."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clusters.models import Post, Role
from families.models import Family, Person
from families.services import restrict
from tests.escapes.test_roles_that_ended import moves
from tests.fixtures_cast import Cast, as_, sign_in

NHS_NUMBER = "9434765919"
IN_THE_RECORD = (NHS_NUMBER, "1 Invented Row", "LS8 1AA", "Zdeňka", "Novák")


def begun(cast: Cast, client: Client, **chosen: object) -> str:
    """A referral that the colleague begins; the key of its draft."""
    with as_(cast.leader):
        Person.objects.filter(pk=cast.child.pk).update(nhs_number=NHS_NUMBER)
    token = str(uuid4())
    answer = sign_in(client, cast.colleague).post(reverse("referral-start"), {"token": token, **chosen})
    assert answer["Location"] == reverse("referral-tasks", args=[token])
    return token


def pages_of(token: str) -> list[str]:
    sections = ("child", "school", "siblings", "files", "story")
    own = [reverse("referral-section", args=[token, section]) for section in sections]
    return [*own, reverse("referral-tasks", args=[token]), reverse("referral-check", args=[token])]


def closed_to_the_colleague(cast: Cast) -> None:
    with as_(cast.leader):
        family = Family.objects.get(pk=cast.family.pk)
        restrict(by=cast.leader, family=family, restricted=True, readers=[cast.practitioner])


@pytest.mark.parametrize("of", ["person", "family"])
def test_a_draft_of_a_record_that_became_restricted_shows_nothing_of_it(cast: Cast, client: Client, of: str) -> None:
    token = begun(cast, client, **{of: str(cast.child.pk if of == "person" else cast.family.pk)})
    child = reverse("referral-section", args=[token, "child"])
    assert "1 Invented Row" in client.get(child).text
    closed_to_the_colleague(cast)
    for page in pages_of(token):
        assert client.get(page).status_code == 404, page
    for page in (reverse("home"), reverse("referral-list")):
        shown = client.get(page)
        assert shown.status_code == 200
        assert [word for word in (*IN_THE_RECORD, token) if word in shown.text] == [], page
    with as_(cast.leader):
        restrict(by=cast.leader, family=Family.objects.get(pk=cast.family.pk), restricted=False, readers=[])
    assert "1 Invented Row" in client.get(child).text, "what was written is there again"
    assert token in client.get(reverse("home")).text


def test_a_draft_of_a_cluster_that_one_has_left_shows_nothing_of_its_record(cast: Cast, client: Client) -> None:
    token = begun(cast, client, person=str(cast.child.pk))
    moves(cast.colleague, role=Role.PRACTITIONER, to=cast.other_cluster, post=Post.FAMILY_PRACTITIONER)
    for page in pages_of(token):
        assert client.get(page).status_code == 404, page
    shown = client.get(reverse("home")).text + client.get(reverse("referral-list")).text
    assert [word for word in (*IN_THE_RECORD, token) if word in shown] == []


def test_a_draft_of_a_new_child_stays(cast: Cast, client: Client) -> None:
    token = begun(cast, client, name="Štefan Rădulescu")
    closed_to_the_colleague(cast)
    for page in pages_of(token):
        assert client.get(page).status_code == 200, page
    assert token in client.get(reverse("home")).text


@pytest.mark.parametrize("part", ["", "#about", "#added", "#stored", "#began"])
def test_what_the_program_keeps_in_a_draft_is_no_text_that_a_page_saves(cast: Cast, client: Client, part: str) -> None:
    """Whose referral it is, and which files go with it: each was overwritten, and then no page of it opened."""
    token = begun(cast, client, name="Štefan Rădulescu")
    data = {"about": ["x"], "person": [str(cast.restricted_family.pk)], "path": ["families/aa/bb"]}
    body = {"key": f"referral:{token}{part}", "data": data, "version": 0}
    assert client.post(reverse("draft-save"), json.dumps(body), content_type="application/json").status_code == 400
    for page in [*pages_of(token), reverse("home"), reverse("referral-list")]:
        assert client.get(page).status_code == 200, page


def test_a_draft_that_no_page_began_breaks_no_list(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    body = {"key": f"referral:{uuid4()}", "data": {"about": ["x"]}, "version": 0}
    assert client.post(reverse("draft-save"), json.dumps(body), content_type="application/json").status_code == 200
    for page in ("home", "referral-list"):
        assert client.get(reverse(page)).status_code == 200, page
