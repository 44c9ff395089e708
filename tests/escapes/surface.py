"""Everything that can be sent to the program, found in its own pages: a new form or filter is found by itself."""

import io
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve

from cluster_ehs.core import scope
from tests.access import Address, addresses, client_for, url_for
from tests.world import World, arguments_for

# Who between them see every kind of page.
WALKERS = ("leader A", "practitioner A", "manager", "therapist A", "clinical supervisor", "referrer", "panel guest")


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """One form of a page: who saw it, where it is sent, and its fields as they stand."""

    person: str
    method: str
    url: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return name_of(self.url)

    def typed(self) -> dict[str, Any]:
        """What a browser would send: each field as it stands, the first choice where none is made."""
        return {
            f.name: f.value or (f.options[0] if f.options else "") for f in self.fields.values() if f.kind != "file"
        }


@dataclass
class Page:
    person: str
    address: Address
    url: str
    answer: Any
    html: str = ""
    # What a person reads in a file that is given out: of a sheet, a calendar, a PDF.
    file: str = ""


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, person: str, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.person, self.url = person, url
        self.forms: list[Form] = []
        self.inside: Form | None = None
        self.select: Field | None = None
        self.area: Field | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = (a.get("action") or self.url).split("#")[0]
            self.inside = Form(self.person, a.get("method", "get").upper(), action or self.url)
            self.forms.append(self.inside)
        if self.inside is None:
            return
        name = a.get("name", "")
        if tag == "option" and self.select is not None:
            self.select.options += [a["value"]] if a.get("value") else []
            if "selected" in a:
                self.select.value = a.get("value", "")
        if not name:
            return
        known = self.inside.fields.setdefault(name, Field(name, a.get("type", tag)))
        if tag == "select":
            self.select = known
        elif tag == "textarea":
            self.area = known
        elif a.get("type") in ("radio", "checkbox"):
            known.options.append(a.get("value", "on"))
            known.value = a.get("value", "on") if "checked" in a else known.value
        elif tag in ("input", "button"):
            known.value = a.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value += data


def readable(answer: Any) -> str:
    """The words of an answer of whatever kind: packed ones are unpacked, a PDF is read."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    elif content.startswith(b"%PDF-"):
        content = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=False).stdout
    return content.decode(errors="replace")


def name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def pages_of(world: World) -> list[Address]:
    return [a for a in addresses() if not a.name.startswith("admin:") and not a.is_api]


def client_of(world: World, person: str) -> Client:
    client = client_for(person, world.cast, api=False)
    client.raise_request_exception = False
    return client


@dataclass
class Surface:
    """All pages that somebody of the cast sees, each form and each parameter of an address once."""

    pages: list[Page] = field(default_factory=list)
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = field(default_factory=dict)
    # Names of the parameters that the view of an address asks for, by the address's name.
    asked: dict[str, set[str]] = field(default_factory=dict)
    # Tables into which opening the pages has written.
    written: set[str] = field(default_factory=set)

    def add(self, page: Page) -> None:
        self.pages.append(page)
        if not page.html:
            return
        found = Forms(page.person, page.url)
        found.feed(page.html)
        for form in found.forms:
            name = form.name
            if form.method == "POST" and name:
                self.forms.setdefault((name, urlsplit(form.url).query, tuple(sorted(form.fields))), form)


@contextmanager
def noting(asked: set[str]) -> Iterator[None]:
    """Keeps the names of the parameters that are asked for meanwhile, whoever asks: view, form or filter."""

    def note(method: str) -> Any:
        plain = getattr(QueryDict, method)

        def noted(self: QueryDict, key: str, *more: Any, **named: Any) -> Any:
            asked.add(key)
            return plain(self, key, *more, **named)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for method in ("__getitem__", "__contains__", "getlist"):
            patch.setattr(QueryDict, method, note(method))
        yield


def walk(world: World) -> Surface:
    """Every address about own records, asked by each person until one is shown it."""
    surface = Surface()
    clients = {person: client_of(world, person) for person in WALKERS}
    before = writes()
    for address in pages_of(world):
        arguments = arguments_for(world, address, "own") if address.arguments else {}
        if arguments is None or address.name in ("account_logout",):
            continue
        url = url_for(address.name, arguments)
        for person, client in clients.items():
            with noting(surface.asked.setdefault(address.name, set())):
                answer = client.get(url)
            scope.act_as_nobody()
            if answer.status_code in (405, 302):
                break
            if answer.status_code == 200:
                kind = answer.headers.get("Content-Type", "")
                html = "" if answer.streaming or "html" not in kind else answer.content.decode()
                surface.add(Page(person, address, url, answer, html, "" if html else readable(answer)))
                if person == "leader A" or address.arguments:
                    break
    surface.written = {table for table, number in writes().items() if number != before.get(table, 0)}
    return surface


def writes() -> dict[str, int]:
    """How many rows this transaction has added, changed and removed, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


TYPED = frozenset({"text", "textarea", "search", "email", "tel", "input", "hidden", "number", "url", "password"})


class Attacker:
    """A person of the cast who sends what no page of theirs sends; each time everything is undone."""

    def __init__(self, world: World, person: str) -> None:
        self.client = client_of(world, person)
        self.cookies = self.client.cookies.output(header="")

    @contextmanager
    def sending(self, method: str, url: str, **more: Any) -> Iterator[Any]:
        """The answer, and before everything is undone time to look at what has changed."""
        self.client.cookies = SimpleCookie()
        for line in self.cookies.splitlines():
            self.client.cookies.load(line.strip())
        with transaction.atomic():
            answer = self.client.generic(method, url, **more)
            if connection.needs_rollback:
                raise RuntimeError(f"{url} left a broken transaction")
            scope.act_as_nobody()
            yield answer
            transaction.set_rollback(True)

    def send(self, method: str, url: str, **more: Any) -> Any:
        with self.sending(method, url, **more) as answer:
            return answer
