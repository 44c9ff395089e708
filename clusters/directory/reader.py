"""A feed in the shape of Open Referral UK 3.0, page by page. Nothing in it is trusted.

A list answers an envelope (`total_items`, `total_pages`, `page_number`, `contents`); its services need not hold their
contacts, so those that changed are asked for one by one.
"""

import html
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.html import strip_tags

from clusters.directory.fetch import Answer, FeedError, check_url, fetch

PER_PAGE = 100
PAGES_AT_MOST = 500
TRIES = 2
WAIT = 1.0  # seconds before the second try
ENDED = frozenset({"inactive", "defunct"})
_SPACE = re.compile(r"[^\S\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|[\ud800-\udfff]")
_web = URLValidator(schemes=["http", "https"])


@dataclass
class Row:
    """A service as the feed tells it; `fields` holds what was told, `problem` what could not be used."""

    external_id: str
    fields: dict[str, str]
    organisation: str = ""
    last_modified: str = ""
    ended: bool = False
    has_contacts: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def problem(self) -> str:
        return "; ".join(self.problems)[:300]


@dataclass(frozen=True)
class Page:
    """A page of the list. `rows` is None when it has not changed; `ids` are then those of the last time."""

    url: str
    number: int
    pages: int
    total: int | None
    ids: tuple[str, ...]
    rows: list[Row] | None
    nameless: int
    etag: str


def services_url(feed_url: str) -> str:
    """The list's address: what was typed may be the root of the API or the list itself."""
    parts = urlsplit(check_url(feed_url))
    path = parts.path.rstrip("/")
    if not path.endswith("/services"):
        path += "/services"
    return urlunsplit(parts._replace(path=path, fragment=""))


def page_url(feed_url: str, number: int) -> str:
    parts = urlsplit(services_url(feed_url))
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"page", "per_page"}]
    return urlunsplit(parts._replace(query=urlencode([*asked, ("page", number), ("per_page", PER_PAGE)])))


def service_url(feed_url: str, external_id: str) -> str:
    parts = urlsplit(services_url(feed_url))
    return urlunsplit(parts._replace(path=f"{parts.path}/{quote(external_id, safe='')}", query=""))


def patient(ask: Callable[[], Answer]) -> Answer:
    """Ask, and once more when the trouble may pass."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return ask()
        except FeedError as error:
            if not error.passing or not left:
                raise
            time.sleep(WAIT)
    raise FeedError("The server did not answer.")


def read_pages(feed_url: str, known: dict[str, Any]) -> Iterator[Page]:
    """Every page in order. Raises FeedError where the feed stops, breaks off or contradicts itself."""
    number, pages = 1, 1
    while number <= pages:
        page = _page(page_url(feed_url, number), number, known)
        pages = max(page.pages, 1)
        if pages > PAGES_AT_MOST:
            raise FeedError(f"The feed says that it has {pages} pages; {PAGES_AT_MOST} are read at most.")
        yield page
        number += 1


def _page(url: str, number: int, known: dict[str, Any]) -> Page:
    before = known.get(url) or {}
    answer = patient(lambda: fetch(url, etag=before.get("etag", "")))
    if answer.unchanged and before:
        ids = tuple(before["ids"])
        return Page(url, number, before["pages"], before["total"], ids, None, 0, before["etag"])
    data = answer.data
    if not isinstance(data, dict) or not isinstance(data.get("contents"), list):
        raise FeedError("The answer is not a page of services: it has no list “contents”.")
    said = _number(data.get("page_number"))
    if said is not None and said != number:
        raise FeedError(f"Page {number} was asked for and page {said} came.")
    pages = _number(data.get("total_pages"))
    if pages is None:
        raise FeedError("The page does not say how many there are (“total_pages”).")
    rows = [row for entry in data["contents"] if (row := read_service(entry)) is not None]
    nameless = len(data["contents"]) - len(rows)
    ids = tuple(row.external_id for row in rows)
    return Page(url, number, pages, _number(data.get("total_items")), ids, rows, nameless, answer.etag)


def read_details(feed_url: str, row: Row) -> Row:
    """The service itself, with its contacts. Raises FeedError."""
    answer = patient(lambda: fetch(service_url(feed_url, row.external_id)))
    found = read_service(answer.data)
    if found is None or found.external_id != row.external_id:
        raise FeedError("The answer is not the service that was asked for.")
    return found


def read_service(entry: Any) -> Row | None:
    """A service of a list or by itself; None when it has no id, so that nothing can be said of it."""
    if not isinstance(entry, dict):
        return None
    external_id = _line(entry.get("id"), 200)
    if not external_id:
        return None
    row = Row(external_id, {}, ended=_line(entry.get("status"), 40).lower() in ENDED)
    row.last_modified = _line(entry.get("last_modified"), 60)
    if name := _line(entry.get("name"), 160):
        row.fields["name"] = name
    else:
        row.problems.append("it has no name")
    if "description" in entry:
        row.fields["description"] = _text(entry["description"], 2000)
    _address(row, "website", entry.get("url"), _web, "url" in entry)
    _address(row, "email", entry.get("email"), validate_email, "email" in entry)
    organisation = entry.get("organization")
    row.organisation = _line(organisation.get("name"), 200) if isinstance(organisation, dict) else ""
    row.has_contacts = any(isinstance(entry.get(name), list) for name in ("contacts", "phones"))
    if row.has_contacts:
        row.fields["telephone"] = _telephone(entry)
    return row


def _telephone(entry: dict[str, Any]) -> str:
    phones = list(_dicts(entry.get("phones")))
    for contact in _dicts(entry.get("contacts")):
        phones += _dicts(contact.get("phones"))
    return next((number for phone in phones if (number := _line(phone.get("number"), 40))), "")


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else iter(())


def _address(row: Row, name: str, value: Any, check: Callable[[str], None], told: bool) -> None:
    text = _line(value, 200)
    try:
        if text:
            check(text)
    except ValidationError:
        row.problems.append(f"its {name} is none")
        return
    if told:
        row.fields[name] = text


def _text(value: Any, most: int) -> str:
    """Plain text: directories send HTML."""
    if not isinstance(value, str):
        return ""
    plain = _CONTROL.sub("", html.unescape(strip_tags(value[: most * 5])))
    lines = [_SPACE.sub(" ", line).strip() for line in plain.splitlines()]
    return "\n".join(line for line in lines if line)[:most]


def _line(value: Any, most: int) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return " ".join(_text(text, most).split())[:most]


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
