"""What one person does at the program, one request after another with time to think in between."""

import json
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from http.client import HTTPException

from scripts.bench.client import Answer, Client, of_form

THINK = (
    10.0  # seconds between two requests of one person: one each five to ten at the peak, a hundred people, ten a second
)

# What a page sends along of itself.
OF_THE_PAGE = {"csrfmiddlewaretoken", "once", "draft_key", "draft_version"}

Steps = Iterator[Callable[[], Answer]]


@dataclass(frozen=True)
class Asked:
    """One request. at: seconds since the start. status 0: no answer came at all. why: the words of a refusal."""

    at: float
    what: str
    status: int
    seconds: float
    retry_after: bool
    why: str = ""


def refusal(answer: Answer) -> str:
    """What a page or an answer of JSON that refuses says of it."""
    page = re.search(r'(?s)<div class="govuk-error-summary.*?</ul>|<main.*?</main>', answer.body)
    return " ".join(re.sub(r"<[^>]+>", " ", page[0] if page else answer.body).split())[:200]


@dataclass(frozen=True)
class Records:
    """Addresses of one worker's records, and what to search for."""

    cases: list[str]
    families: list[str]
    referrals: list[str]
    boards: list[str]
    name: str


class Person(threading.Thread):
    """Works until `stop` is set; what was asked is appended to `log`."""

    def __init__(
        self, client: Client, role: str, records: Records, log: list[Asked], seed: int, started: float
    ) -> None:
        super().__init__(daemon=True)
        self.client, self.role, self.records, self.log, self.started = client, role, records, log, started
        # Which page comes next need not be secret, only the same in each run.
        self.random = random.Random(seed)  # noqa: S311
        self.stop = threading.Event()

    def run(self) -> None:
        due = time.monotonic() + self.random.uniform(0, THINK)
        for what, ask in self.work():
            if self.stop.wait(max(0.0, due - time.monotonic())):
                return
            due = max(due, time.monotonic() - THINK) + self.random.expovariate(1 / THINK)
            self.ask(what, ask)

    def ask(self, what: str, ask: Callable[[], Answer]) -> None:
        begin = time.monotonic()
        try:
            answer = ask()
            status, retry = answer.status, answer.retry_after
            why = refusal(answer) if 400 <= status < 500 else ""
        except (HTTPException, OSError) as error:
            status, retry, why = 0, False, type(error).__name__
        end = time.monotonic()
        self.log.append(Asked(begin - self.started, what, status, end - begin, retry, why))

    def work(self) -> Iterator[tuple[str, Callable[[], Answer]]]:
        names, weights = zip(*MIX[self.role].items(), strict=True)
        while True:
            what = self.random.choices(names, weights)[0]
            for step in getattr(self, what)():
                yield what, step

    def look(self, path: str) -> Callable[[], Answer]:
        return lambda: self.client.ask(path)

    def home(self) -> Steps:
        yield self.look("/")

    def case(self) -> Steps:
        yield self.look(self.random.choice(self.records.cases))

    def contacts(self) -> Steps:
        yield self.look(self.random.choice(self.records.cases) + "contacts/")

    def plan(self) -> Steps:
        yield self.look(self.random.choice(self.records.cases) + "plan/")

    def chronology(self) -> Steps:
        yield self.look(self.random.choice(self.records.cases) + "chronology/")

    def family(self) -> Steps:
        yield self.look(self.random.choice(self.records.families))

    def referral(self) -> Steps:
        yield self.look(self.random.choice(self.records.referrals))

    def board(self) -> Steps:
        yield self.look(self.random.choice(self.records.boards))

    def lists(self) -> Steps:
        yield self.look(self.random.choice(["/referrals/", "/cases/", "/waiting/", "/families/"]))

    def dashboard(self) -> Steps:
        yield self.look("/dashboard/")

    def search(self) -> Steps:
        page = self.client.ask
        seen: list[Answer] = []

        def open_list() -> Answer:
            seen.append(page("/referrals/"))
            return seen[-1]

        yield open_list
        if seen and seen[-1].status == 200:
            yield lambda: page("/search/", [*of_form(seen[-1].body, "q"), ("q", self.records.name)])

    def log_contact(self) -> Steps:
        """Open the form, save what was typed once as a draft, send it."""
        new = self.random.choice(self.records.cases) + "contacts/new/"
        seen: list[Answer] = []

        def open_form() -> Answer:
            seen.append(self.client.ask(new))
            return seen[-1]

        yield open_form
        if not seen or seen[-1].status != 200:
            return
        form = of_form(seen[-1].body, "note")
        left = [(name, value) for name, value in form if name != "people" and not name.startswith("score_")]
        typed = [
            *left,
            ("professionals", "Head of year"),
            ("note", f"Seen at home; a calm week. {uuid.uuid4()}"),
            ("draft_page", uuid.uuid4().hex),
        ]
        if key := re.search(r'data-draft-key="([^"]+)"', seen[-1].body):
            # As the page's own script does: everything that is typed, and then the version that the server answered.
            data: dict[str, list[str]] = {}
            for name, value in typed:
                if name not in OF_THE_PAGE:
                    data.setdefault(name, []).append(value)
            known = re.search(r'data-draft-version="(\d+)"', seen[-1].body)
            draft = {
                "key": unescape(key[1]),
                "data": data,
                "version": int(known[1]) if known else 0,
                "title": "Contact",
            }
            token = {"X-CSRFToken": dict(form)["csrfmiddlewaretoken"]}

            def keep() -> Answer:
                seen.append(self.client.send("/drafts/", draft, token))
                return seen[-1]

            yield keep
            if seen[-1].status == 200:
                heard = str(json.loads(seen[-1].body)["version"])
                typed = [(name, heard if name == "draft_version" else value) for name, value in typed]
        yield lambda: self.client.ask(new, typed)


# Weights out of a hundred. A practitioner reads the own cases and writes contacts; a leader goes through lists and the
# board; a manager counts.
MIX = {
    "practitioner": {
        "home": 14,
        "case": 20,
        "contacts": 12,
        "plan": 8,
        "chronology": 4,
        "family": 8,
        "lists": 12,
        "search": 6,
        "log_contact": 16,
    },
    "leader": {"home": 16, "lists": 24, "referral": 18, "board": 14, "case": 14, "search": 6, "dashboard": 8},
    "manager": {"home": 40, "dashboard": 60},
}
