"""What no page of ours sends: other methods, hosts, bodies, encodings, tokens; and where a sign-in may lead."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.urls import resolve, reverse

from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import queue_message, send_messages
from tests.access import Address, addresses, url_for
from tests.api.callers import Caller
from tests.api.callers import url as api_url
from tests.fixtures_cast import PASSWORD, Cast, sign_in
from tests.world import WORDS

URLENCODED = "application/x-www-form-urlencoded"
OFF_SITE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/%0d%0aLocation:%20https://evil.example",
    "\thttps://evil.example",
    "http://testserver@evil.example/",
)


KINDS = {"uuid": "00000000-0000-0000-0000-000000000000", "int": 1}


def example(address: Address) -> str:
    """An address of this kind, about no record that there is."""
    kinds = {name: KINDS.get(kind, "x") for kind, name in re.findall(r"<(\w+):(\w+)>", address.pattern)}
    chosen = {n: WORDS.get((address.name, n)) or WORDS.get(n) for n in address.arguments}
    return url_for(address.name, {n: value or kinds.get(n, "1") for n, value in chosen.items()})


# --- forged requests ---
def test_no_address_takes_a_form_without_its_token(db: None) -> None:
    """Every address of the program. Only the API, which knows no cookie, is exempt; the technical pages only read."""
    client = Client(enforce_csrf_checks=True)
    client.raise_request_exception = False
    taken, asked = [], 0
    for address in addresses():
        if address.name.startswith("admin:") and address.name != "admin:index":
            continue
        url = example(address)
        if getattr(resolve(url).func, "csrf_exempt", False):
            if not address.is_api:
                taken.append(f"{address.name} is exempt")
            continue
        asked += 1
        answer = client.post(url, {"who": "somebody", "csrfmiddlewaretoken": "x" * 32})
        if answer.status_code != 403:
            taken.append(f"{address.name}: {answer.status_code}")
    assert not taken, "\n".join(taken)
    assert asked > 350


def test_a_token_of_another_site_or_session_is_none(cast: Cast) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), cast.practitioner)
    page = client.get(reverse("person-new", args=[cast.family.pk])).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    own = {"csrfmiddlewaretoken": token[1]}
    url = reverse("notices")
    assert client.post(url, own).status_code != 403
    secure = {"secure": True, "headers": {"origin": "https://evil.example"}}
    assert client.post(url, own, **secure).status_code == 403
    client.cookies.pop("csrftoken")
    assert client.post(url, own).status_code == 403


# --- methods, hosts, bodies ---
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "ZDENKA"])
def test_other_methods_are_taken_by_no_page(cast: Cast, method: str) -> None:
    client = sign_in(Client(), cast.leader)
    for url in ("/", reverse("family", args=[cast.family.pk]), reverse("account_login"), "/no-such-page/"):
        answer = client.generic(method, url, headers={"x-secret": "echoed"})
        assert answer.status_code == 405, (method, url)
        assert answer.headers["Allow"] == "GET, HEAD, POST"
        assert "echoed" not in answer.text


def test_a_host_that_is_not_ours_is_no_host_and_stands_in_no_mail(cast: Cast) -> None:
    client = Client()
    client.raise_request_exception = False
    for header in ("host", "x-forwarded-host"):
        answer = client.post(
            reverse("account_reset_password"), {"email": cast.leader.email}, headers={header: "evil.example"}
        )
        assert answer.status_code == (400 if header == "host" else 302)
    told = Message.objects.filter(to=cast.leader.email)
    assert told.exists()
    for message in told:
        assert "evil" not in message.body
        assert django_settings.PUBLIC_URL in message.body


def test_large_deep_and_many_sided_bodies_are_refused(cast: Cast, settings: Any) -> None:
    client = sign_in(Client(), cast.leader)
    client.raise_request_exception = False
    url = reverse("search")
    large = b"q=" + b"a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 10)
    assert client.post(url, large, content_type=URLENCODED).status_code == 400
    many = "&".join(f"f{n}=1" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 5))
    assert client.post(url, many.encode(), content_type=URLENCODED).status_code == 400
    assert client.get(f"/families/?{many}").status_code == 400
    deep = b'{"key": "k", "data": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert client.post(reverse("draft-save"), deep, content_type="application/json").status_code == 400
    for body in (b"[]", b"1", b'"x"', b'{"key": 1}', b'{"key":"k","data":[1]}', b"\xff\xfe", b'{"key":"k","data":{}'):
        assert client.post(reverse("draft-save"), body, content_type="application/json").status_code == 400, body


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "idna", "rot13", "no-such", "base64", "undefined"])
def test_a_charset_of_the_header_breaks_no_form(cast: Cast, charset: str) -> None:
    client = sign_in(Client(), cast.leader)
    client.raise_request_exception = False
    sent = {"data": b"q=\xff\xfeN\x00+/v8-", "content_type": f"{URLENCODED}; charset={charset}"}
    answer = client.generic("POST", reverse("search"), **sent)
    assert answer.status_code < 500


def test_broken_multipart_and_cookies_are_no_error(cast: Cast) -> None:
    client = sign_in(Client(), cast.leader)
    client.raise_request_exception = False
    url = reverse("case-documents", args=[cast.case.pk])
    for kind, body in (
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data; name*=utf-16''%ff\r\n\r\nx\r\n--b--",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="\x00"; filename="\x00"\r\n\r\n',
        ),
        ("multipart/form-data; boundary=" + "b" * 300, b"--b"),
    ):
        assert client.post(url, body, content_type=kind).status_code < 500, kind
    for cookie in ("x", "\x00", "'; DROP TABLE django_session --", "a" * 4000):
        stranger = Client()
        stranger.raise_request_exception = False
        stranger.cookies["sessionid"] = cookie
        stranger.cookies["messages"] = cookie
        assert stranger.get("/", headers={"accept-language": "x" * 5000}).status_code == 302


def test_no_kind_of_answer_to_somebody_signed_in_is_kept_by_a_browser(cast: Cast) -> None:
    """After signing out, Back shows none of them: pages, fragments, refusals, files, and what a program is told."""
    client = sign_in(Client(), cast.leader)
    client.raise_request_exception = False
    program = Caller(cast.leader)
    family, other = (reverse("family", args=[one.pk]) for one in (cast.family, cast.other_family))
    note = reverse("contact-new", args=[cast.case.pk])
    draft = {"key": f"contact:{cast.case.pk}", "data": {"note": ["She slept well."]}, "version": 0}
    answers = {
        "page": (200, client.get(family)),
        "fragment": (200, client.get(family, headers={"HX-Request": "true"})),
        "found by a search": (200, client.post(reverse("search"), {"q": "Wójcik"}, follow=True)),
        "form shown again": (422, client.post(note, {"note": "She slept well."})),
        "on to another page": (302, client.post(reverse("notices-read"))),
        "not there": (404, client.get(other)),
        "not allowed": (403, client.get(reverse("settings-translations"))),
        "draft": (200, client.post(reverse("draft-save"), json.dumps(draft), content_type="application/json")),
        "sheet": (200, client.get(reverse("retention") + "?as=csv")),
        "program": (200, program.get(api_url("family", cast.family.pk))),
        "program, refused": (400, program.post(api_url("contact-list", cast.case.pk), {})),
        "program, not there": (404, program.get(api_url("family", cast.other_family.pk))),
    }
    for what, (status, answer) in answers.items():
        assert answer.status_code == status, what
        assert "no-store" in answer.headers.get("Cache-Control", ""), what


# --- where one is led ---
@pytest.mark.parametrize("target", OFF_SITE)
def test_signing_in_and_out_leads_nowhere_else(cast: Cast, target: str) -> None:
    query = urlencode({"next": target})
    client = Client()
    for url, data in (
        (f"{reverse('account_login')}?{query}", {"login": cast.leader.email, "password": PASSWORD, "next": target}),
        (f"{reverse('account_reauthenticate')}?{query}", {"password": PASSWORD, "next": target}),
        (f"{reverse('account_logout')}?{query}", {"next": target}),
    ):
        page = client.get(url)
        assert not re.search(r"(?:href|action)=\"[^\"/#?]*(?:\\|//)*evil", page.text)
        led = client.post(url, data)
        assert led.status_code in (200, 302, 422), url
        where = led.headers.get("Location", "/")
        assert where.startswith("/"), where
        assert not where.startswith(("//", "/\\")), where


def test_a_new_session_is_made_when_somebody_signs_in_and_ends_when_they_leave(cast: Cast) -> None:
    client = Client()
    client.get(reverse("account_login"))
    fixed = "0123456789abcdefghijklmnopqrstuv"
    client.cookies["sessionid"] = fixed
    set_then = client.post(reverse("account_login"), {"login": cast.leader.email, "password": PASSWORD}).cookies
    given = client.cookies["sessionid"].value
    assert given != fixed
    thief = Client()
    thief.cookies["sessionid"] = fixed
    assert thief.get("/").status_code == 302
    thief.cookies["sessionid"] = given
    client.post(reverse("account_logout"))
    assert thief.get("/").status_code == 302, "a copy of the cookie opens nothing afterwards"
    cookie = set_then["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


# --- mail ---
def test_a_line_s_end_in_a_subject_or_address_makes_no_header_and_holds_no_mail_up(db: None) -> None:
    queue_message(key="a", to="rae@example.org", subject="Your referral\r\nBcc: evil@example.com", body="Thank you.")
    queue_message(key="b", to="rae@example.org\nBcc: evil@example.com", subject="Two", body="Thank you.")
    queue_message(key="c", to="dee@example.org", subject="Three", body="Thank you.")
    send_messages()
    assert {m.subject for m in mail.outbox} >= {"Your referral Bcc: evil@example.com", "Three"}
    for message in mail.outbox:
        assert message.recipients() in (["rae@example.org"], ["dee@example.org"])
        assert "Bcc" not in message.message()
    assert Message.objects.get(key="c").sent_at


# --- sheets ---
def test_every_sheet_is_written_where_formulas_are_taken_out() -> None:
    """A writer of CSV or XLSX anywhere else would be one more place to forget it."""
    root = Path(django_settings.BASE_DIR)
    allowed = {
        "cluster_ehs/core/exports.py",
        "monitoring/exports.py",
        "monitoring/extract/files.py",
        "imports/management/commands/import_referrals.py",
        "imports/pilot.py",
    }
    apps = "cluster_ehs clusters families referrals triage cases formulation outcomes imports monitoring keeping"
    found = {
        str(path.relative_to(root))
        for app in apps.split()
        for path in (root / app).rglob("*.py")
        if re.search(r"csv\.(?:Dict)?[wW]riter|xlsxwriter|Workbook\(", path.read_text())
    }
    assert found == allowed
    # An empty sheet to fill in, and codes and numbers of our own.
    for name in sorted(allowed - {"imports/pilot.py", "monitoring/extract/files.py"}):
        assert re.search(r"safe_text|reject_cells", (root / name).read_text()), name


def test_the_policy_in_production_is_the_one_that_is_tested() -> None:
    said = json.dumps(django_settings.CONTENT_SECURITY_POLICY, default=str)
    assert "unsafe" not in said
    assert "*" not in said
