"""Columns that apps above this one want beside a case, so that their part of a page costs no query of its own.

Filled from their `apps.py`, as slots are: `BESIDE_CASE["measured"] = make` is then `case.measured` on every page of a
case. `cases.selectors.home.BESIDE` is the same for the cases of My work.
"""

from collections.abc import Callable
from typing import Any

BESIDE_CASE: dict[str, Callable[[], Any]] = {}
