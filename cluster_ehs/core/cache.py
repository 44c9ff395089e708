"""The cache: counts of attempts to sign in, shared by all web processes. Nothing about a family is ever in it."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = logging.getLogger(__name__)


class JsonSerializer:
    """Plain values alone. Django's own would unpickle, and so run, whatever somebody has put into Redis."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, kept: bytes) -> Any:
        return json.loads(kept)


class SharedCache(RedisCache):
    """Redis. While it is away each process counts for itself: people can sign in, and not without limit."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {"serializer": JsonSerializer, **params.get("OPTIONS", {})}})
        self.spare = LocMemCache("spare", params)

    def either(self, shared: Callable[..., Any], spare: Callable[..., Any], *args: Any, **named: Any) -> Any:
        try:
            return shared(*args, **named)
        except RedisError as error:
            log.warning("the shared cache is away (%s); this process counts for itself", type(error).__name__)
            return spare(*args, **named)

    def add(self, *args: Any, **named: Any) -> bool:
        return self.either(super().add, self.spare.add, *args, **named)

    def get(self, *args: Any, **named: Any) -> Any:
        return self.either(super().get, self.spare.get, *args, **named)

    def set(self, *args: Any, **named: Any) -> None:
        self.either(super().set, self.spare.set, *args, **named)

    def delete(self, *args: Any, **named: Any) -> bool:
        return self.either(super().delete, self.spare.delete, *args, **named)

    def count(self, key: str, seconds: int, by: int = 1) -> int:
        """Add to a count that ends after `seconds`, and say how many there are now."""

        def one_more(store: Any) -> int:
            store.add(key, 0, seconds)
            try:
                return int(store.incr(key, by))
            except ValueError:
                # The window ended between the two.
                return max(by, 0)

        return self.either(lambda: one_more(super(SharedCache, self)), lambda: one_more(self.spare))

    def clear(self) -> None:
        """Refused: it would empty the database of the queue, which is the same one."""
        raise RuntimeError("The cache shares its Redis with the queue and is never emptied as a whole.")
