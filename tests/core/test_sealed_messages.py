"""What was done waits in a cookie for the next page: unreadable there, and told to nobody else."""

import zlib
from base64 import urlsafe_b64decode

from django.contrib.messages import INFO
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from cluster_ehs.core.sealed_messages import SealedStorage
from cluster_ehs.core.session_store import SessionStore
from tests.families.test_records import PERSON
from tests.fixtures_cast import Cast, sign_in

DONE = "was added to the family"


def waiting(client: Client, cast: Cast) -> str:
    """What the browser holds after a person was added, whose name is in what the next page tells."""
    answer = sign_in(client, cast.practitioner).post(reverse("person-new", args=[cast.family.pk]), PERSON)
    assert answer.status_code == 302
    return next(cookie.value for name, cookie in client.cookies.items() if name.endswith("messages"))


def read_without_a_key(value: str) -> bytes:
    """All that can be made of a cookie: as it is, decoded, unpacked."""
    found = value.encode()
    for part in value.strip('"').replace(".", ":").split(":"):
        try:
            found += (plain := urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            found += zlib.decompress(plain)
        except (ValueError, zlib.error):
            continue
    return found


def test_a_name_in_what_was_done_cannot_be_read_in_the_browser(client: Client, cast: Cast) -> None:
    held = read_without_a_key(waiting(client, cast))
    assert PERSON["first_name"].encode() not in held
    assert DONE.encode() not in held
    page = client.get(reverse("family", args=[cast.family.pk])).text
    assert f"{PERSON['first_name']} {PERSON['last_name']} {DONE}" in page
    assert DONE not in client.get(reverse("family", args=[cast.family.pk])).text, "it is told once"


def test_the_next_person_at_the_same_browser_is_not_told(client: Client, cast: Cast) -> None:
    waiting(client, cast)
    client.post(reverse("account_logout"))
    for page in (client.get(reverse("account_login")), sign_in(client, cast.colleague).get("/")):
        assert page.status_code == 200
        assert DONE not in page.text


def test_a_forged_one_is_thrown_away(client: Client, cast: Cast) -> None:
    value = waiting(client, cast)
    name = next(name for name in client.cookies if name.endswith("messages"))
    client.cookies[name] = value[:-4] + "AAA="
    answer = client.get(reverse("family", args=[cast.family.pk]))
    assert answer.status_code == 200
    assert DONE not in answer.text
    assert answer.cookies[name].value == ""


def test_what_is_too_long_for_a_cookie_waits_in_the_session(db: None) -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    long, answer = "Ó" * 3000, HttpResponse()
    told = SealedStorage(request)
    told.add(INFO, long)
    told.update(answer)
    request.COOKIES = {name: cookie.value for name, cookie in answer.cookies.items()}
    assert all(len(value) < 300 for value in request.COOKIES.values())
    assert [message.message for message in SealedStorage(request)] == [long]
