"""What was done (“Zdeňka was added to the family”) is told on the next page, and waits for it in a cookie.

Sealed, so that nobody reads a name in the browser's cookies, and bound to whoever was signed in: what one person did
is not told to the next at a shared computer [OWASP ASVS 5.0 14.3.3]. A cookie costs no statement, a session two.
"""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.messages.storage.cookie import CookieStorage, MessageDecoder
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

from cluster_ehs.core.boxes import Box, NotOpened


def _box(whose: str) -> Box:
    """One key for each person, made from the secret key and from the older ones."""
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return Box(keys, purpose=f"messages of {whose}")


class SealedCookieStorage(CookieStorage):
    cookie_name = f"{settings.HOST_COOKIE_PREFIX}messages"

    def whose(self) -> str:
        return str(self.request.session.get(SESSION_KEY, ""))

    def _encode_parts(self, messages: list[str], encode_empty: bool = False) -> str | None:
        if not messages and not encode_empty:
            return None
        return _box(self.whose()).seal(f"[{','.join(messages)}]")

    def _decode(self, data: str | None) -> Any:
        if not data:
            return None
        try:
            return json.loads(_box(self.whose()).open(data), cls=MessageDecoder)
        except (NotOpened, ValueError):
            # Another person's, or nobody's: it goes.
            self.used = True
            return None


class SealedStorage(FallbackStorage):
    """The session takes what is too long for a cookie."""

    storage_classes = (SealedCookieStorage, SessionStorage)

    def _get(self, *args: Any, **kwargs: Any) -> Any:
        found = super()._get(*args, **kwargs)  # type: ignore[misc]
        # A cookie that does not open goes as well.
        if unopened := {storage for storage in self.storages if storage.used}:
            self._used_storages |= unopened  # type: ignore[attr-defined]
            self.used = True
        return found
