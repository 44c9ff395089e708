"""What holds at every address: tokens, scopes, methods, media types, what is sent, what is refused."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Once
from clusters.models import User
from referrals.models import Referral
from tests.access import addresses
from tests.api.bodies import a_referral_body
from tests.api.callers import Caller
from tests.fixtures_cast import Cast, as_, sign_in

REFERRALS = "/api/v1/referrals/"
OPEN = {"api-schema", "api-nothing"}


def url_of(name: str, cast: Cast) -> str:
    about = {
        "api-family": cast.family.pk,
        "api-referral": cast.referral.pk,
        "api-decision": cast.case_referral.pk,
        "api-case": cast.case.pk,
        "api-contact-list": cast.case.pk,
        "api-plan": cast.case.pk,
        "api-session-list": cast.case.pk,
        "api-interpreter-list": cast.case.pk,
    }
    return reverse(name, args=[about[name]] if name in about else [])


def taken(name: str) -> str:
    """The method that the address takes; what comes in from outside is sent, never read."""
    return "post" if name == "api-intake" else "get"


API = [a.name for a in addresses() if a.is_api and a.name not in OPEN]


def test_the_addresses_are_all_here() -> None:
    assert sorted(API) == [
        "api-case",
        "api-case-list",
        "api-codes",
        "api-contact-list",
        "api-decision",
        "api-family",
        "api-family-list",
        "api-intake",
        "api-interpreter-list",
        "api-monitoring-tables",
        "api-plan",
        "api-referral",
        "api-referral-list",
        "api-session-list",
    ]


@pytest.mark.parametrize("name", API)
def test_without_a_token_401(name: str, cast: Cast) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(url_of(name, cast))
        assert answer.status_code in ({401} if method == taken(name) else {401, 405})
        assert list(answer.json()) == ["detail"]
    assert getattr(Client(), taken(name))(url_of(name, cast))["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", [n for n in API if n != "api-codes"])
def test_without_its_scope_403(name: str, cast: Cast) -> None:
    program = Caller(cast.leader, scopes=[])
    for method in ("get", "post"):
        answer = getattr(program.client, method)(url_of(name, cast))
        assert answer.status_code in ({403} if method == taken(name) else {403, 405})


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("api-family-list", "families:read"),
        ("api-family", "families:read"),
        ("api-referral-list", "referrals:read"),
        ("api-referral", "referrals:read"),
        ("api-decision", "decisions:read"),
        ("api-case-list", "cases:read"),
        ("api-case", "cases:read"),
        ("api-contact-list", "contacts:read"),
    ],
)
def test_one_scope_opens_its_own_address_and_no_other(name: str, scope: str, cast: Cast) -> None:
    program = Caller(cast.leader, scopes=[scope])
    assert program.get(url_of(name, cast)).status_code == 200
    same = {"api-session-list", "api-interpreter-list"} if scope == "contacts:read" else set()
    others = [n for n in API if n not in {name, name + "-list", name.removesuffix("-list"), "api-codes"} | same]
    assert {getattr(program.client, taken(o))(url_of(o, cast)).status_code for o in others} == {403}


@pytest.mark.parametrize(
    "token",
    [
        {"expires_on": timezone.localdate() - timedelta(days=1)},
        {"revoked_at": timezone.now()},
    ],
)
def test_an_ended_or_withdrawn_token_is_none(token: dict, cast: Cast) -> None:
    assert Caller(cast.leader, **token).get(REFERRALS).status_code == 401


def test_a_worker_who_left_has_no_token(cast: Cast) -> None:
    program = Caller(cast.leader)
    User.objects.filter(pk=cast.leader.pk).update(is_active=False)
    assert program.get(REFERRALS).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic abc", "Bearer \xff", "bearer " + "x" * 9000])
def test_odd_tokens_are_401(header: str, cast: Cast) -> None:
    assert Client(headers={"authorization": header}).get(REFERRALS).status_code == 401


def test_nothing_of_an_answer_is_kept_by_others(cast: Cast) -> None:
    assert Caller(cast.leader).get(REFERRALS)["Cache-Control"] == "no-store, private"
    assert Client().get(REFERRALS)["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_405(method: str, cast: Cast) -> None:
    answer = getattr(Caller(cast.leader).client, method)(REFERRALS)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


def test_only_json_is_answered_and_read(cast: Cast) -> None:
    program = Caller(cast.leader)
    assert program.client.get(REFERRALS, headers={"accept": "text/html"}).status_code == 406
    form = program.client.post(REFERRALS, {"a": "b"}, headers={"idempotency-key": "a-key-of-mine"})
    assert form.status_code == 415
    assert program.get(REFERRALS, format="xml").json() == {"format": ["This is not known here. Leave it out."]}


def test_an_address_that_is_none_is_404_in_json(cast: Cast) -> None:
    for path in ("nothing/", "v1/referrals/not-a-uuid/", "v1/referrals", "v1/cases/x/contacts/", "v2/", ""):
        answer = Caller(cast.leader).get(f"/api/{path}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
        assert Client().get(f"/api/{path}").status_code == 401


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (b"", "cluster"),
        (b"[]", "detail"),
        (b"null", "detail"),
        (b'"text"', "detail"),
        (b"{", "detail"),
        (b"\xff\xfe", "detail"),
        (b"NaN", "detail"),
        (b'{"agreed_by": NaN}', "detail"),
        (b"[" * 100_000, "detail"),
        (b'{"a":' * 100_000, "detail"),
        (b"1" * 5000, "detail"),
        (b'{"agreed_by": "a\\u0000b"}', "agreed_by"),
        (b'{"agreed_by": "\\ud800"}', "agreed_by"),
        (b'{"channel": "\\udfff"}', "channel"),
        (b'{"story": {"notes": ["\\ud800"]}}', "story"),
        (b'{"\\ud800": 1}', "detail"),
        (b'{"colour": "red"}', "colour"),
        (b'{"story": {"colour": "red"}}', "story.colour"),
        (b'{"received_on": "0000-01-01"}', "received_on"),
        (b'{"received_on": "99999-01-01"}', "received_on"),
        (b'{"received_on": 1e400}', "received_on"),
        (b'{"cluster": 1e400}', "cluster"),
        (b'{"attendance_percent": "1e999999"}', "attendance_percent"),
    ],
)
def test_what_cannot_be_read_is_400_by_field(raw: bytes, named: str, cast: Cast) -> None:
    answer = Caller(cast.leader).client.post(
        REFERRALS, raw, content_type="application/json", headers={"idempotency-key": "a-key-of-mine"}
    )
    assert answer.status_code == 400, answer.content
    assert named in answer.json(), answer.json()
    assert not Once.objects.filter(user_id=cast.leader.pk).exists()


def test_a_charset_of_the_header_changes_nothing(cast: Cast) -> None:
    for charset in ("rot13", "base64", "utf-16", "none-such"):
        answer = Caller(cast.leader).client.generic(
            "POST",
            REFERRALS,
            b"{}",
            content_type=f"application/json; charset={charset}",
            headers={"idempotency-key": "a-key-of-mine"},
        )
        assert (answer.status_code, answer.json()["route"]) == (400, ["This field is required."])


def test_too_large_a_body_is_413(cast: Cast, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100  # type: ignore[attr-defined]
    answer = Caller(cast.leader).post(REFERRALS, {"agreed_by": "x" * 200})
    assert answer.status_code == 413


def test_without_a_key_nothing_is_made(cast: Cast) -> None:
    for key in (None, "short", "with space 123", "ü" * 10, "x" * 81):
        answer = Caller(cast.leader).post(REFERRALS, a_referral_body(cast), key=key)
        assert (answer.status_code, list(answer.json())) == (400, ["Idempotency-Key"])
    with as_(cast.leader):
        assert Referral.objects.filter(author=cast.leader).count() == 0


def test_the_query_is_judged_too(cast: Cast) -> None:
    program = Caller(cast.leader)
    for query, named in (
        ({"status": "gone"}, "status"),
        ({"name": "Novák"}, "name"),
        ({"received_from": "yesterday"}, "received_from"),
        ({"received_from": "2026-01-01\x00"}, "received_from"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "101"}, "page_size"),
        ({"page_size": "1" * 5000}, "page_size"),
        ({"cursor": "made:up"}, "cursor"),
        ({"cursor": "\x00"}, "cursor"),
        ({"status": ["decided", "ended"]}, "status"),
    ):
        answer = program.get(REFERRALS, **query)
        assert (answer.status_code, list(answer.json())) == (400, [named])


def test_a_token_acts_for_its_owner_whoever_is_signed_in(cast: Cast) -> None:
    program = Caller(cast.other_leader)
    sign_in(program.client, cast.leader)
    assert program.get(reverse("api-referral", args=[cast.referral.pk])).status_code == 404
    assert program.get(reverse("api-referral", args=[cast.other_referral.pk])).status_code == 200
