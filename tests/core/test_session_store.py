"""Who reads the tables of sessions, or a back-up of them, can be nobody by what is in them."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.session_store import SessionStore, name_of
from clusters.signing_in import sessions
from tests.clusters.test_sign_in import log_in
from tests.clusters.test_signing_in import set_up
from tests.fixtures_cast import PASSWORD, Cast
from tests.keeping.traces import readings

pytestmark = pytest.mark.django_db


def all_of(*tables: str) -> str:
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_the_key_of_the_cookie_stands_in_no_table(client: Client, cast: Cast) -> None:
    keys = set()
    log_in(client, cast.leader.email)
    keys.add(client.cookies["sessionid"].value)
    set_up(client)
    keys.add(client.cookies["sessionid"].value)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "quite another phrase", "password2": "quite another phrase"},
    )
    keys.add(client.cookies["sessionid"].value)
    assert len(keys) == 3
    assert client.get("/").status_code == 200
    dump = all_of("django_session", "usersessions_usersession", "core_event")
    assert name_of(client.cookies["sessionid"].value) in dump
    assert not [key for key in keys if key in dump]


def test_what_a_session_holds_is_read_with_its_key_alone(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    assert secret in str(dict(client.session.items()))
    row = Session.objects.get()
    assert secret not in "".join(readings(row.session_data.encode()))
    assert SessionStore("x" * 32).decode(row.session_data) == {}
    Session.objects.update(session_data=SessionStore("x" * 32).encode({"_auth_user_id": str(cast.manager.pk)}))
    assert client.get("/").status_code == 302


def test_what_the_table_says_opens_nothing(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    thief = Client()
    for row in (*Session.objects.all(), *UserSession.objects.all()):
        thief.cookies["sessionid"] = row.session_key
        assert thief.get("/")["Location"].startswith(reverse("account_login"))


def test_a_row_as_an_earlier_version_wrote_it_signs_nobody_in(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    key = client.cookies["sessionid"].value
    Session.objects.filter(session_key=name_of(key)).update(session_key=key)
    assert client.get("/").status_code == 302


def test_the_store_does_what_django_expects_of_one(db: None) -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    first = store.session_key
    assert SessionStore(first)["a"] == 1
    assert store.exists(first)
    store.cycle_key()
    assert (SessionStore(first).get("a"), SessionStore(store.session_key)["a"]) == (None, 1)
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        assert SessionStore(store.session_key).get("a") is None
    store.delete("no such key")
    store.flush()
    assert not Session.objects.exists()
    assert SessionStore("\x00" * 32).get("a") is None


@pytest.mark.django_db(transaction=True)
def test_nor_does_a_key_get_there_by_the_asynchronous_way() -> None:
    async def made() -> str:
        store = SessionStore()
        await store.aset("a", 1)
        await store.asave()
        assert await SessionStore(store.session_key).aget("a") == 1
        return str(store.session_key)

    key = async_to_sync(made)()
    assert [row.session_key for row in Session.objects.all()] == [name_of(key)]


def test_what_has_expired_is_put_away_with_where_it_was_from(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    sessions.put_away()
    assert UserSession.objects.count() == Session.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=12, minutes=1)):
        sessions.put_away()
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()
