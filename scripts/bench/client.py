"""A small client of our own: keeps its connection and its cookies, and reads what the meter says."""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

Fields = list[tuple[str, str]]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Answer:
    """One answer. seconds: over loopback, from the first byte sent to the last received. db: of it in the database."""

    status: int
    seconds: float
    db: float
    queries: int
    body: str
    location: str
    retry_after: bool = False


@dataclass
class Client:
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    _open: HTTPConnection | None = None

    def again(self) -> "Client":
        """Another connection of the same person."""
        return Client(self.address, dict(self.cookies), dict(self.headers))

    def ask(self, path: str, fields: Fields | None = None, headers: dict[str, str] | None = None) -> Answer:
        """GET, or POST when there are fields. A connection that the server has closed is opened again, once."""
        if fields is None:
            return self._twice("GET", path, None, headers or {})
        return self._twice("POST", path, urlencode(fields), {**FORM, **(headers or {})})

    def send(self, path: str, data: object, headers: dict[str, str]) -> Answer:
        """POST of JSON, as scripts do."""
        return self._twice("POST", path, json.dumps(data), {"Content-Type": "application/json", **headers})

    def _twice(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        sent = {**self.headers, **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            return self._send(method, path, body, sent)
        except (HTTPException, OSError):
            self._open = None
            return self._send(method, path, body, sent)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if self._open is None:
            self._open = HTTPConnection(urlsplit(self.address).netloc, timeout=120)
        begin = time.perf_counter()
        self._open.request(method, path, body, headers)
        answer = self._open.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - begin
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        timing = dict(re.findall(r"(\w+);dur=([\d.]+)", answer.headers.get("Server-Timing", "")))
        return Answer(
            answer.status,
            seconds,
            float(timing.get("db", 0)) / 1000,
            int(timing.get("queries", 0)),
            content.decode(errors="replace"),
            answer.headers.get("Location", ""),
            "Retry-After" in answer.headers,
        )

    def sign_in(self, email: str, password: str) -> None:
        """As people do, by the form; the session is the program's own."""
        page = self.ask("/account/login/")
        fields = [*of_form(page.body, "login"), ("login", email), ("password", password)]
        answer = self.ask("/account/login/", fields)
        if answer.status != 302 or "login" in answer.location:
            raise RuntimeError(f"{email} could not sign in ({answer.status})")


class _Forms(HTMLParser):
    """The forms of a page with what a browser would send if nothing were typed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self.area = ""
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append([])
        elif not self.forms or not given.get("name"):
            return
        elif tag == "input":
            kind = given.get("type", "text")
            if kind in ("submit", "button", "file") or (kind in ("radio", "checkbox") and "checked" not in given):
                return
            self.forms[-1].append((given["name"], given.get("value", "")))
        elif tag == "textarea":
            self.area, self.text = given["name"], ""

    def handle_data(self, data: str) -> None:
        self.text += data if self.area else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            self.forms[-1].append((self.area, self.text.strip()))
            self.area = ""


def of_form(page: str, having: str) -> Fields:
    """The fields of the first form that has one of that name; that one itself is left out, to be typed."""
    parser = _Forms()
    parser.feed(page)
    form = next(form for form in parser.forms if any(name == having for name, _ in form))
    return [(name, value) for name, value in form if name != having]


@dataclass(frozen=True)
class Times:
    """Milliseconds: the middle and the 95th of a hundred."""

    p50: float
    p95: float
    db: float
    queries: int
    count: int


def times(answers: list[Answer]) -> Times:
    all_of_them = sorted(answer.seconds for answer in answers)
    cuts = quantiles(all_of_them, n=100, method="inclusive")
    db = sorted(answer.db for answer in answers)
    return Times(
        cuts[49] * 1000, cuts[94] * 1000, db[len(db) // 2] * 1000, max(a.queries for a in answers), len(answers)
    )


def repeat(ask: Callable[[], Answer], *, count: int, seconds: float) -> list[Answer]:
    """Ask again and again, up to a number of times or a length of time; at least three times."""
    end = time.monotonic() + seconds
    answers: list[Answer] = []
    while len(answers) < 3 or (len(answers) < count and time.monotonic() < end):
        answers.append(ask())
    return answers


def together(make: Callable[[], Callable[[], Answer]], *, people: int, count: int, seconds: float) -> list[Answer]:
    """Several people at once, each with a connection of their own."""
    answers: list[list[Answer]] = []
    asks = [make() for _ in range(people)]
    lock = threading.Lock()

    def work(ask: Callable[[], Answer]) -> None:
        own = repeat(ask, count=count, seconds=seconds)
        with lock:
            answers.append(own)

    threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for own in answers for answer in own]
