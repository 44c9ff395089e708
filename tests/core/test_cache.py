"""The shared count of attempts, with Redis there and with Redis away."""

import pickle
import uuid
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse

from cluster_ehs.core.cache import SharedCache
from tests.fixtures_cast import PASSWORD, Cast

AWAY = {"default": {"BACKEND": "cluster_ehs.core.cache.SharedCache", "LOCATION": "redis://127.0.0.1:1/0"}}


def test_processes_share_it() -> None:
    key = uuid.uuid4().hex
    assert cache.add(key, 1, 30)
    assert not cache.add(key, 2, 30)
    other = SharedCache(cache._servers[0], {"KEY_PREFIX": cache.key_prefix})
    assert other.get(key) == 1
    other.delete(key)
    assert cache.get(key) is None


def test_it_is_never_emptied_as_a_whole() -> None:
    with pytest.raises(RuntimeError):
        cache.clear()


@override_settings(CACHES=AWAY)
def test_people_sign_in_while_redis_is_away_and_guessing_stays_limited(client: Client, cast: Cast) -> None:
    def attempt(email: str, password: str) -> str:
        answer = client.post(reverse("account_login"), {"login": email, "password": password})
        return answer.headers.get("Location") or answer.content.decode()

    assert attempt(cast.leader.email, PASSWORD) == "/"
    client.logout()
    for _ in range(5):
        assert "is not right" in attempt(cast.colleague.email, "a-wrong-guess")
    assert "Too many attempts" in attempt(cast.colleague.email, PASSWORD)


def test_what_somebody_put_into_redis_is_never_run(tmp_path: Path) -> None:
    """Whoever reaches Redis, and it alone, gets no further: a pickle in the place of a value is refused unread."""
    key, trace = uuid.uuid4().hex, tmp_path / "ran"

    class Runs:
        def __reduce__(self) -> Any:
            return (Path.touch, (trace,))

    for value in (5, True, None, "text", [1.5, 2], {"at": "2026-11-01", "rows": [[1, "open", None]]}):
        cache.set(key, value, 30)
        assert cache.get(key) == value
    with redis.Redis.from_url(settings.REDIS_URL) as plain:
        assert plain.set(cache.make_key(key), pickle.dumps(Runs()), xx=True, ex=30)
    with pytest.raises(ValueError):
        cache.get(key)
    assert not trace.exists()
