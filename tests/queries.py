"""How many queries a request makes, without those that only the test's own transaction adds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# Savepoints in place of transactions, and the scope that `fixtures_cast` ends after each request.
OF_THE_TEST = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "SELECT ehs_set_scope")


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements sent meanwhile; the list is filled at the end."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as seen:
        yield found
    found += [query["sql"] for query in seen if not query["sql"].startswith(OF_THE_TEST)]


def queries(client: Client, address: str, data: dict[str, Any] | None = None) -> list[str]:
    """The statements of a GET, or of a POST when there is data."""
    with counting() as found:
        client.get(address) if data is None else client.post(address, data)
    return found
