"""The gate before live data: each condition by itself, the banner until the switch, the page of what is missing."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from cluster_ehs.core import gate
from tests.fixtures_cast import Cast, sign_in


@pytest.fixture
def ready(settings: Any) -> Iterator[Any]:
    """Settings with which nothing is missing."""
    settings.SECRET_KEY = "Tq8x-only-for-this-test-0d3ZkLm5vW2yB7nR9cH4fJ6sA1eGuPiX"
    settings.DEBUG = False
    settings.PUBLIC_URL = "https://early-help.example.org"
    settings.DATABASE_URL = "postgresql://ehs_app:tB4-only-for-this-test@postgres/ehs"
    settings.REDIS_URL = "redis://:dR7-only-for-this-test@redis:6379/0"
    settings.SECOND_FACTOR_REQUIRED = True
    settings.BACKUP_TARGET, settings.BACKUP_KEY = "/mnt/elsewhere", "ehs-public-invented"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "mail.example.org"
    settings.DEFAULT_FROM_EMAIL = "early-help@example.org"
    settings.RETENTION_OWNER = "owner@example.org"
    settings.ERRORS_TO = ["errors@example.org"]
    settings.VIRUS_SCANNER = "tcp://clamav:3310"
    settings.LIVE_DATA = settings.PRODUCTION = True
    with TemporaryDirectory(dir="/dev/shm") as folder:
        settings.AUDIT_HEADS = Path(folder) / "heads.jsonl"
        yield settings


def test_nothing_missing_lets_live_data_in(ready: Any) -> None:
    assert gate.missing() == []
    gate.refuse_unready()
    assert gate.check_gate() == []
    assert not gate.is_for_trying_out()


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("SECRET_KEY", "short", "secrets"),
        ("SECRET_KEY", "a" * 60, "secrets"),
        ("SECRET_KEY", "development-only-key-never-used-in-production-0123456789", "secrets"),
        ("PUBLIC_URL", "http://early-help.example.org", "secrets"),
        ("DEBUG", True, "secrets"),
        ("DATABASE_URL", "postgresql://ehs_app:ehs_app@postgres/ehs", "passwords"),
        ("DATABASE_URL", "postgresql://ehs_app:aaaaaaaaaaaaaaaa@postgres/ehs", "passwords"),
        ("REDIS_URL", "redis://redis:6379/0", "passwords"),
        ("REDIS_URL", "redis://:redis@redis:6379/0", "passwords"),
        ("SECOND_FACTOR_REQUIRED", False, "second_factor"),
        ("BACKUP_TARGET", "", "backup"),
        ("BACKUP_KEY", "", "backup"),
        ("EMAIL_HOST", "", "mail"),
        ("EMAIL_HOST", "localhost", "mail"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "mail"),
        ("DEFAULT_FROM_EMAIL", "early-help@localhost", "mail"),
        ("RETENTION_OWNER", "somebody", "retention"),
        ("AUDIT_HEADS", "var/history-heads.jsonl", "heads"),
        ("AUDIT_HEADS", "/nowhere/heads.jsonl", "heads"),
        ("ERRORS_TO", [], "errors"),
    ],
)
def test_each_thing_that_is_missing_stops_the_start_and_is_named(ready: Any, name: str, value: Any, key: str) -> None:
    setattr(ready, name, ready.BASE_DIR / value if value == "var/history-heads.jsonl" else value)
    condition = next(one for one in gate.CONDITIONS if one.key == key)
    assert gate.missing() == [condition]
    with pytest.raises(ImproperlyConfigured, match=condition.how.split(" ")[1]):
        gate.refuse_unready()
    assert [found.id for found in gate.check_gate()] == [f"ehs.gate.{key}"]
    ready.LIVE_DATA = False
    gate.refuse_unready()


def test_a_folder_of_the_program_or_on_its_disk_is_not_elsewhere(ready: Any) -> None:
    folder = ready.AUDIT_HEADS.parent
    for name in ("VAR", "FILES_ROOT"):
        before = getattr(ready, name)
        setattr(ready, name, folder)
        assert [one.key for one in gate.missing()] == ["heads"], name
        setattr(ready, name, before)
    ready.BASE_DIR = folder / "program"
    ready.BASE_DIR.mkdir()
    assert [one.key for one in gate.missing()] == ["heads"], "beside the program, on one disk with it"


def test_a_database_may_know_the_program_by_a_certificate(ready: Any) -> None:
    ready.DATABASE_URL = "postgresql://ehs_app@postgres/ehs?sslcert=/run/ehs.crt&sslmode=verify-full"
    assert gate.missing() == []


@pytest.mark.django_db
def test_until_the_switch_every_page_says_that_nothing_real_is_entered(client: Client, cast: Cast, ready: Any) -> None:
    words = "do not enter anything of a real family"
    assert words not in client.get("/account/login/").text
    ready.LIVE_DATA = False
    assert gate.check_gate()[0].id == "ehs.gate.switch"
    assert words in client.get("/account/login/").text
    assert words in client.get("/ask/en/").text
    ready.SECOND_FACTOR_REQUIRED = False
    sign_in(client, cast.practitioner)
    assert words in client.get("/").text


@pytest.mark.django_db
def test_the_page_says_what_is_missing_and_is_the_managers(client: Client, cast: Cast, settings: Any) -> None:
    settings.BACKUP_TARGET = ""
    sign_in(client, cast.manager)
    page = client.get("/settings/live/").text
    assert "Set EHS_BACKUP_TARGET" in page
    assert "Nothing of a real family may be entered yet" in page
    sign_in(client, cast.leader)
    assert client.get("/settings/live/").status_code == 403
