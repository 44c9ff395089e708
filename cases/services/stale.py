"""Somebody else saved the same record first."""

from typing import Any


class Stale(Exception):
    """The version that the editor saw is no longer the record's. `current` is the record as it is now.

    Nothing was written. A page shows both texts and lets the person decide.
    """

    def __init__(self, current: Any) -> None:
        super().__init__("This was changed by somebody else while you were writing.")
        self.current = current


def check_version(current: Any, seen: int | None) -> None:
    """Raises Stale when the editor saw another version than the record's. None: the caller saw none (a program)."""
    if seen is not None and seen != current.version:
        raise Stale(current)
