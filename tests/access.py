"""Who gets which answer from which address: read from `docs/access.md`, asked of the running program.

Every named URL is found in the resolver; which record it is asked about is said in `tests/world.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clusters.api_auth import digest_of
from clusters.models import ApiToken, User
from tests.fixtures_cast import Cast

TABLE = Path(__file__).parents[1] / "docs" / "access.md"
PEOPLE = (
    "signed out",
    "practitioner A",
    "leader A",
    "practitioner B",
    "therapist A",
    "clinical supervisor",
    "manager",
    "panel guest",
    "referrer",
    "family",
)
ALL_SCOPES = [
    f"{what}:{how}"
    for what in ("referrals", "families", "cases", "contacts", "plans", "decisions")
    for how in ("read", "write")
] + ["monitoring:read", "intake:write"]


@dataclass(frozen=True)
class Address:
    """One URL of the program: its full name, its path pattern and the names of its arguments."""

    name: str
    pattern: str
    arguments: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/")


def addresses() -> list[Address]:
    """Every named URL, once each, in the order of the resolver."""
    found: dict[str, Address] = {}
    for address in _walk(get_resolver().url_patterns, "", ""):
        found.setdefault(address.name, address)
    return list(found.values())


def unnamed() -> list[str]:
    return [a.pattern for a in _walk(get_resolver().url_patterns, "", "") if a.name.endswith(":") or not a.name]


def _walk(patterns: list[Any], prefix: str, space: str) -> Iterator[Address]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern):
            arguments = tuple(entry.pattern.converters) or tuple(entry.pattern.regex.groupindex)
            yield Address(f"{space}{entry.name or ''}", path, arguments)


def people(cast: Cast) -> dict[str, User | None]:
    return {
        "signed out": None,
        "practitioner A": cast.practitioner,
        "leader A": cast.leader,
        "practitioner B": cast.other_practitioner,
        "therapist A": cast.therapist,
        "clinical supervisor": cast.supervisor,
        "manager": cast.manager,
        "panel guest": cast.guest,
        "referrer": cast.referrer,
        "family": None,
    }


class Quick(Client):
    """A client that keeps nothing of an answer: no cookie, and of a page no template and context to look at."""

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))


def client_for(person: str, cast: Cast, *, api: bool, kind: type[Client] = Client) -> Client:
    """A client as this person would have it: signed in, with a token for the API, with a private link opened."""
    user = people(cast)[person]
    if api and user is not None:
        secret = f"token of {person}"
        ApiToken.objects.get_or_create(
            digest=digest_of(secret), defaults={"user": user, "name": "matrix", "scopes": ALL_SCOPES}
        )
        return kind(headers={"authorization": f"Bearer {secret}"})
    client = kind()
    if user is not None:
        client.force_login(user, backend="clusters.backends.EmailBackend")
    return client


def ask(client: Client, method: str, url: str) -> int:
    """The status of one request, which leaves nothing behind."""
    with transaction.atomic():
        if method == "POST":
            answer = client.post(url, {}, content_type="application/json") if "/api/" in url else client.post(url)
        else:
            answer = client.get(url)
        transaction.set_rollback(True)
    if connection.needs_rollback:
        raise RuntimeError(f"{url} left a broken transaction")
    return answer.status_code


@dataclass(frozen=True)
class Line:
    """A line of the table: methods and name of the URL, kinds of record, status per person."""

    methods: tuple[str, ...]
    name: str
    kinds: tuple[str, ...]
    statuses: tuple[str, ...]

    @property
    def keys(self) -> list[tuple[str, str, str]]:
        return [(method, self.name, kind) for method in self.methods for kind in self.kinds]


def lines() -> list[Line]:
    """The lines of `docs/access.md`."""
    found = []
    for text in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
        if len(cells) != 3 + len(PEOPLE) or not re.fullmatch(r"`[\w:.*-]+`", cells[0]):
            continue
        found.append(
            Line(tuple(cells[1].split(", ")), cells[0].strip("`"), tuple(cells[2].split(", ")), tuple(cells[3:]))
        )
    return found


def url_for(name: str, arguments: dict[str, Any]) -> str:
    return reverse(name, kwargs=arguments or None)
