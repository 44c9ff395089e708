"""Helpers for the tests of the screening pages."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

COUNTED = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE)", re.IGNORECASE)


@contextmanager
def at_most(number: int) -> Iterator[None]:
    """At most so many statements; savepoints and the test's own end of scope are not the page's."""
    with CaptureQueriesContext(connection) as captured:
        yield
    said = [q["sql"] for q in captured.captured_queries if COUNTED.match(q["sql"]) and "ehs_set_scope" not in q["sql"]]
    assert len(said) <= number, "\n".join(f"{n}. {sql[:200]}" for n, sql in enumerate(said, start=1))


def once() -> dict[str, str]:
    return {"once": str(uuid.uuid4())}
