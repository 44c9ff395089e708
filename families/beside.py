"""Columns that apps above this one want beside a family, so that their part of its page costs no query of its own.

Filled from their `apps.py`, as slots are: `BESIDE_FAMILY["held"] = make` is then `family.held` on the family's page.
"""

from collections.abc import Callable
from typing import Any

BESIDE_FAMILY: dict[str, Callable[[], Any]] = {}
