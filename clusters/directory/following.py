"""A record that follows an outside source field by field, until somebody changes a field by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Merged:
    """updates: what the record takes over. given: what it now has from the source. conflicts: fields that differ."""

    updates: dict[str, Any]
    given: dict[str, Any]
    conflicts: list[str]


def merge(local: Mapping[str, Any], given: Mapping[str, Any], offered: Mapping[str, Any]) -> Merged:
    """Field by field: what is still as the source gave it follows the source; what was changed by hand stays.

    A field that never came from the source and is empty takes the source's value. A field that was changed by hand is
    a conflict only when the source has changed since as well.
    """
    updates: dict[str, Any] = {}
    now, conflicts = dict(given), []
    for name, value in offered.items():
        ours = local[name]
        if ours == value:
            now[name] = value
        elif (name in given and ours == given[name]) or (name not in given and ours in ("", None)):
            updates[name] = now[name] = value
        elif name not in given or value != given[name]:
            conflicts.append(name)
    return Merged(updates, now, conflicts)
