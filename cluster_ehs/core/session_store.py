"""Sessions in the database under a digest, sealed: who reads the table, or a back-up of it, can be nobody by it.

The key itself is in the browser's cookie alone. It has 165 random bits, so a plain digest of it cannot be guessed back.
What a session holds is sealed with it and with `SECRET_KEY`: for a moment that may be a new API token, or the secret of
an authenticator app. `settings.SESSION_ENGINE` names this module; who refers to a session keeps `name_of(key)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from cluster_ehs.core.boxes import Box, NotOpened

# As long as the table's column. 160 bits.
LENGTH = 40


def name_of(key: str) -> str:
    """What the table calls the session of a cookie."""
    return hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()[:LENGTH]


class SessionStore(db.SessionStore):
    """Django's own, but for the name of the row and its seal. Each method takes the key of a cookie, as Django's do."""

    # Django's asynchronous ones would write the key itself: these go through the methods below.
    aload = SessionBase.aload
    aexists = SessionBase.aexists
    acreate = SessionBase.acreate
    asave = SessionBase.asave
    adelete = SessionBase.adelete

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = self.model.objects.filter(session_key=name_of(self.session_key or ""), expire_date__gt=timezone.now())
        row = found.first()
        if row is None:
            self._session_key = None
        return row

    def _box(self) -> Box:
        older = settings.SECRET_KEY_FALLBACKS
        return Box([f"{secret}:{self.session_key}" for secret in (settings.SECRET_KEY, *older)], purpose="session")

    def encode(self, session_dict: dict[str, Any]) -> str:
        return self._box().seal(self.serializer().dumps(session_dict).decode("latin-1"))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            return self.serializer().loads(self._box().open(str(session_data)).encode("latin-1"))
        except NotOpened:
            return {}

    def exists(self, session_key: str) -> bool:
        return super().exists(name_of(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = name_of(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(name_of(key))


def alive(names: Iterable[str]) -> set[str]:
    """Those of these sessions that have not ended by themselves: written within the time that one may be left alone.

    Each is written when somebody works in it, once a minute at most (`session_limits`), and expires
    SESSION_COOKIE_AGE later.
    """
    idle = timedelta(seconds=settings.SESSION_COOKIE_AGE - settings.SESSION_IDLE_SECONDS)
    rows = Session.objects.filter(session_key__in=list(names), expire_date__gt=timezone.now() + idle)
    return set(rows.values_list("session_key", flat=True))


def end(names: Iterable[str]) -> None:
    """Each of these browsers is out with its next request."""
    Session.objects.filter(session_key__in=list(names)).delete()
