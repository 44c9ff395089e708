"""Nothing typed is lost: saving while typing, two pages at once, and a session that ended."""

import json
import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from cluster_ehs.core import drafts
from cluster_ehs.core.models import Draft
from clusters.models import User
from tests.fixtures_cast import Cast, as_, make_cast, sign_in

KEY = "note:1"


def put(client: Client, data: object, *, version: int = 0, key: str = KEY, **extra: object):
    return client.post(
        reverse("draft-save"),
        json.dumps({"key": key, "data": data, "version": version, **extra}),
        content_type="application/json",
    )


def test_saved_text_is_found_again(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    answer = put(client, {"note": ["Zdeňka seen."]}, url="/cases/1/", title="Contact")
    assert answer.status_code == 200
    version = answer.json()["version"]
    assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.json()["saved_at"])
    assert put(client, {"note": ["Zdeňka seen at school."]}, version=version).json()["version"] == version + 1
    with as_(cast.practitioner):
        draft = drafts.load(cast.practitioner, KEY)
        assert draft is not None
        assert draft.data == {"note": ["Zdeňka seen at school."]}
        assert (draft.url, draft.title) == ("/cases/1/", "Contact")


def test_a_page_whose_answer_was_lost_goes_on_from_its_own_text(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    put(client, {"note": ["half"], "draft_page": ["one"]})
    again = put(client, {"note": ["half a note"], "draft_page": ["one"]}, version=0)
    assert again.status_code == 200
    other = put(client, {"note": ["another"], "draft_page": ["two"]}, version=0)
    assert (other.status_code, other.json()["data"]) == (409, {"note": ["half a note"]})


def test_a_draft_begun_again_is_not_taken_for_the_one_before(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    old = put(client, {"note": ["first"]}).json()["version"]
    with as_(cast.practitioner):
        drafts.discard(cast.practitioner, KEY)
        Draft.objects.create(user_id=cast.practitioner.pk, key=KEY, version=old + 1, data={"note": ["second"]})
    assert put(client, {"note": ["from a page left open"]}, version=old).status_code == 409


@pytest.mark.parametrize("text", ["\x00", "half an emoji \ud83d", "👩‍👧", "قالت", "x" * 50_000])
def test_any_text_can_be_saved(cast: Cast, client: Client, text: str) -> None:
    sign_in(client, cast.practitioner)
    assert put(client, {"note": [text]}).status_code == 200


def test_a_second_page_is_told_and_overwrites_nothing(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    put(client, {"note": ["first page"]})
    answer = put(client, {"note": ["second page"]}, version=0)
    assert answer.status_code == 409
    assert answer.json()["data"] == {"note": ["first page"]}
    kept = put(client, {"note": ["second page"]}, version=answer.json()["version"])
    assert kept.status_code == 200


def test_parts_of_one_draft_have_versions_of_their_own(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    assert put(client, {"a": ["1"]}, key="referral:9#child").json()["version"] == 1
    assert put(client, {"b": ["2"]}, key="referral:9#school").json()["version"] == 1
    with as_(cast.practitioner):
        draft = drafts.load(cast.practitioner, "referral:9")
        assert Draft.objects.count() == 1
        assert drafts.part(draft, "child").fields == {"a": ["1"]}
        assert drafts.part(draft, "school").fields == {"b": ["2"]}


def test_a_section_leaves_the_page_of_the_whole_draft(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    put(client, {}, key="referral:9", url="/referrals/new/9/")
    put(client, {"a": ["1"]}, key="referral:9#child", url="/referrals/new/9/child/")
    with as_(cast.practitioner):
        assert drafts.load(cast.practitioner, "referral:9").url == "/referrals/new/9/"


def test_nobody_reads_the_draft_of_another(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    put(client, {"note": ["mine"]})
    with as_(cast.leader):
        assert Draft.objects.count() == 0
        assert drafts.load(cast.practitioner, KEY) is None


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"key": "", "data": {}}', '{"key": "a", "data": 3}', '"x"'])
def test_nonsense_is_refused(cast: Cast, client: Client, body: str) -> None:
    sign_in(client, cast.practitioner)
    assert client.post(reverse("draft-save"), body, content_type="application/json").status_code == 400


def test_a_link_elsewhere_is_not_kept(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    put(client, {"note": ["x"]}, url="//elsewhere.example/")
    with as_(cast.practitioner):
        assert drafts.load(cast.practitioner, KEY).url == ""


def test_signed_out_is_401_and_writes_nothing(cast: Cast, client: Client) -> None:
    assert put(client, {"note": ["x"]}).status_code == 401
    with as_(cast.practitioner):
        assert not Draft.objects.exists()


def test_what_one_person_typed_is_not_saved_for_the_next_one_to_sign_in(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    assert put(client, {"note": ["x"], "who": [drafts.who_token(cast.practitioner)]}).status_code == 401
    assert put(client, {"note": ["x"], "who": [drafts.who_token(cast.leader)]}).status_code == 200
    with as_(cast.leader):
        assert Draft.objects.get().data == {"note": ["x"]}


@pytest.mark.browser
def test_an_open_page_saves_by_itself_after_signing_in_again_in_another_tab(
    transactional_db: None, live_server, page
) -> None:
    cast = make_cast()
    page.clock.install()
    cookies = sign_in(Client(), cast.practitioner).cookies
    address = f"{live_server.url}{reverse('referral-new')}"

    def use(found) -> None:
        page.context.clear_cookies(name="sessionid")
        page.context.add_cookies([{"name": "sessionid", "value": found["sessionid"].value, "url": live_server.url}])

    use(cookies)
    page.goto(address)
    page.fill("input[name=name]", "Nobody Known")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="New child").click()
    page.get_by_role("link", name="What is going on").click()
    page.context.clear_cookies(name="sessionid")
    page.fill("textarea[name=worrying]", "Half a thought.")
    page.clock.run_for(2000)
    expect(page.locator("[data-draft-state]")).to_contain_text("your sign-in has ended")
    # Another tab: a new session, and with it a new token against forgery.
    use(sign_in(Client(), cast.practitioner).cookies)
    other = page.context.new_page()
    page.context.clear_cookies(name="csrftoken")
    other.goto(address)
    page.clock.run_for(16000)
    expect(page.locator("[data-draft-state]")).to_contain_text("Saved")
    with as_(cast.practitioner):
        assert drafts.part(Draft.objects.get(), "story").fields["worrying"] == ["Half a thought."]


# --- the session ended while the form was open ---
def post_after_the_end(client: Client, user: User, text: str = "Half a note.\nSecond line."):
    fields = {"q": text, "once": "1234", "who": drafts.who_token(user)}
    return client.post("/search/?again=1", fields)


def kept_page(answer) -> str:
    assert answer.status_code == 302
    target = urlsplit(answer["Location"])
    assert target.path == reverse("account_login")
    return parse_qs(target.query)["next"][0]


def test_a_form_sent_after_the_end_is_kept_for_its_person(cast: Cast, client: Client) -> None:
    page = kept_page(post_after_the_end(client, cast.practitioner))
    sign_in_page = client.get(reverse("account_login")).content.decode()
    assert "What you typed was kept" in sign_in_page
    assert "Half a note" not in sign_in_page
    sign_in(client, cast.practitioner)
    content = client.get(page).content.decode()
    assert "Half a note.\nSecond line." in content
    assert 'action="/search/?again=1"' in content
    assert '<input type="hidden" name="once" value="1234">' in content


def test_whoever_else_signs_in_does_not_get_it(cast: Cast, client: Client) -> None:
    page = kept_page(post_after_the_end(client, cast.practitioner))
    sign_in(client, cast.leader)
    assert client.get(page).status_code == 404


def test_a_forged_owner_keeps_nothing(cast: Cast, client: Client) -> None:
    answer = client.post("/search/", {"q": "text", "who": f"{cast.practitioner.pk}:forged:mark"})
    assert "next=/search/" in answer["Location"]
    with as_(cast.practitioner):
        assert not Draft.objects.exists()


def test_an_old_page_after_signing_in_again_keeps_the_text(cast: Cast) -> None:
    """Signing in changes the token against forgery: a page from before it sends the old one."""
    client = sign_in(Client(enforce_csrf_checks=True), cast.practitioner)
    answer = post_after_the_end(client, cast.practitioner)
    assert answer.status_code == 302
    assert "Half a note" in client.get(answer["Location"]).content.decode()


def test_an_old_page_of_another_person_is_kept_for_that_person(cast: Cast) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), cast.leader)
    answer = post_after_the_end(client, cast.practitioner)
    assert answer.status_code == 403
    assert "Somebody else is signed in here" in answer.content.decode()
    with as_(cast.practitioner):
        assert Draft.objects.get().data["fields"]["q"] == ["Half a note.\nSecond line."]


def test_a_plain_forgery_is_still_refused(cast: Cast) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), cast.practitioner)
    assert client.post("/search/", {"q": "text"}).status_code == 403


def test_every_form_of_a_signed_in_page_says_whose_it_is(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    content = client.get("/").content.decode()
    assert 0 < content.count("csrfmiddlewaretoken") == content.count('name="who"')
    client.logout()
    assert 'name="who"' not in client.get(reverse("account_login")).content.decode()


def test_thrown_away_by_its_owner_alone(cast: Cast, client: Client) -> None:
    page = kept_page(post_after_the_end(client, cast.practitioner))
    sign_in(client, cast.leader)
    assert client.post(f"{page}discard/").status_code == 404
    sign_in(client, cast.practitioner)
    assert client.post(f"{page}discard/").status_code == 302
    assert client.get(page).status_code == 404


def test_a_fragment_is_answered_401(cast: Cast, client: Client) -> None:
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401


def test_the_function_keeps_nothing_for_somebody_who_left(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.practitioner.pk).update(is_active=False)
    answer = post_after_the_end(client, cast.practitioner)
    assert "/drafts/" not in answer["Location"]


def test_a_part_that_was_never_touched_is_empty() -> None:
    assert drafts.part(Draft(id=uuid.uuid4(), data={}), "school").version == 0
