"""How many queries a request makes, without those that only the test's own transaction adds."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

OF_THE_TEST = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "SELECT ehs_set_scope")


def queries(client: Client, address: str, data: dict[str, Any] | None = None) -> list[str]:
    """The statements of a GET, or of a POST when there is data."""
    with CaptureQueriesContext(connection) as seen:
        client.get(address) if data is None else client.post(address, data)
    return [query["sql"] for query in seen if not query["sql"].startswith(OF_THE_TEST)]
