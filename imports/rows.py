"""One row of the sheet: parsed and checked, with every reason it has when it cannot go in.

Pure: looks words up in `Labels`, reads and writes nothing. The state table is that of the referral sheet.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError

from cases.rules import out_of_order
from families.identifiers import check_nhs_number, check_upn
from families.models import Gender
from imports.cells import as_text, read_day, split_list
from imports.labels import Choices, Labels, Mapping
from imports.reader import COLUMNS, REQUIRED, Broken, Formula, Header
from referrals.rules import OLDEST, check_birth_date
from triage.models import RESPONSES_WITH_SERVICE

LONGEST = {
    "reference": 60,
    "referrer_name": 120,
    "referrer_organisation": 160,
    "child_first_name": 80,
    "child_last_name": 80,
    "family": 40,
    "address": 200,
    "gender": 60,
    "school": 160,
    "year_group": 4,
    "postcode": 10,
    "lead_worker": 120,
    "narrative": 50_000,
    "notes": 50_000,
}
YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}


class State(StrEnum):
    """What a row becomes."""

    TO_SCREEN = "to_screen"
    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    BEFORE_START = "before_start"
    TRIAGE = "triage"


@dataclass(slots=True)
class SheetRow:
    """A row that can go in. Terms, services and schools are ids; a school or worker that is not known is a name."""

    number: int
    state: State
    reference: str
    received_on: date
    route: int
    referrer_name: str
    referrer_organisation: str
    first_name: str
    last_name: str
    own_number: str
    address: str
    postcode: str
    birth_date: date | None
    age: int | None
    gender: str
    gender_words: str
    ethnicity: int | None
    language: int | None
    interpreter: bool | None
    school: int | str | None
    year_group: str
    upn: str
    nhs_number: str
    diagnosed: tuple[int, ...]
    queried: tuple[int, ...]
    reasons: tuple[tuple[int, int | None], ...]
    narrative: str
    notes: str
    response: str
    decided_on: date | None
    services: tuple[int, ...]
    partners: tuple[int, ...]
    worker: int | str | None
    opened_on: date | None
    closed_on: date | None
    outcomes: tuple[str, ...]
    sessions: int
    original: dict[str, str]


class RowReader:
    """Reads the rows of one sheet. `unknown` counts the words that no label and no mapping covers."""

    def __init__(self, *, header: Header, labels: Labels, mapping: Mapping, today: date) -> None:
        self.header, self.labels, self.mapping, self.today = header, labels, mapping, today
        self.unknown: Counter[tuple[str, str]] = Counter()
        self.new_workers: set[str] = set()
        self.new_schools: set[str] = set()

    def original(self, cells: list[Any]) -> dict[str, str]:
        """The row as it was, by heading; a cell beyond the headings by its place."""
        texts = self.header.texts
        found = {
            texts[place] if place < len(texts) else f"column {place + 1}": as_text(cell)
            for place, cell in enumerate(cells)
        }
        return {name: text for name, text in found.items() if text}

    def reference(self, cells: list[Any]) -> str:
        place = self.header.places.get("reference")
        return as_text(cells[place]) if place is not None and place < len(cells) else ""

    def read(self, number: int, cells: list[Any]) -> tuple[SheetRow | None, list[str]]:
        """The row, or every reason why it cannot go in."""
        return _Reading(self, number, cells).result()


class _Reading:
    """One row while it is being read; `reasons` grows."""

    def __init__(self, reader: RowReader, number: int, cells: list[Any]) -> None:
        self.reader, self.labels, self.number, self.cells = reader, reader.labels, number, cells
        self.reasons: list[str] = []
        places = reader.header.places
        self.raw = {
            name: cells[places[name]] if name in places and places[name] < len(cells) else None for name in COLUMNS
        }
        for name, value in self.raw.items():
            if isinstance(value, Formula):
                self.refuse(name, f"holds a formula ({value[:40]}). Put the value in its place")
            elif isinstance(value, Broken):
                self.refuse(name, f"holds the spreadsheet error {value}. Put the value in its place")
        for place in reader.header.unknown:
            if place < len(cells) and isinstance(cells[place], Formula):
                self.refuse(reader.header.texts[place], "holds a formula. Put the value in its place")
        self.raw = {k: None if isinstance(v, (Formula, Broken)) else v for k, v in self.raw.items()}
        self.broken = {reason.partition(":")[0] for reason in self.reasons}

    def refuse(self, column: str, why: str) -> None:
        self.reasons.append(f"{column}: {why}")

    # --- cells ---

    def text(self, column: str) -> str:
        found = as_text(self.raw[column])
        limit = LONGEST.get(column)
        if limit and len(found) > limit:
            self.refuse(column, f"is longer than {limit} characters ({len(found)})")
            return ""
        return found

    def day(self, column: str) -> date | None:
        try:
            found = read_day(self.raw[column])
        except ValueError as error:
            self.refuse(column, str(error))
            return None
        if found and found > self.reader.today:
            self.refuse(column, f"{found:%d/%m/%Y} is in the future")
            return None
        return found

    def whole(self, column: str, most: int) -> int | None:
        text = as_text(self.raw[column])
        if not text:
            return None
        # Python reads no number of thousands of digits.
        if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) > most:
            self.refuse(column, f"“{text[:60]}” is not a whole number from 0 to {most}")
            return None
        return int(text)

    def checked(self, column: str, check: Callable[[str], str]) -> str:
        try:
            return check(self.text(column))
        except ValidationError as error:
            self.refuse(column, error.messages[0])
            return ""

    def yes_no(self, column: str) -> bool | None:
        text = self.reader.mapping.value(column, self.text(column)).casefold()
        if text and text not in YES | NO:
            self.refuse(column, f"“{text}” is neither yes nor no")
        return text in YES if text in YES | NO else None

    # --- words ---

    def one(self, column: str, choices: Choices[Any]) -> Any | None:
        text = self.text(column)
        return self.meaning(column, choices, self.reader.mapping.value(column, text), text) if text else None

    def several(self, column: str, choices: Choices[Any]) -> tuple[Any, ...]:
        text = self.text(column)
        whole = self.reader.mapping.value(column, text)
        items = [(whole, text)] if choices.find(whole) else [(item, item) for item in split_list(whole)]
        found = []
        for item, written in items:
            mapped = self.reader.mapping.value(column, item)
            parts = [mapped] if choices.find(mapped) else split_list(mapped)
            found += [self.meaning(column, choices, part, written) for part in parts]
        return tuple(dict.fromkeys(key for key in found if key is not None))

    def meaning(self, column: str, choices: Choices[Any], text: str, written: str) -> Any | None:
        found = choices.find(text)
        if not found and column == "reasons":
            found = [(key, None) for key in self.labels.categories.find(text)]
        if len(found) == 1:
            return found[0]
        if found:
            names = " or ".join(f"“{choices.labels.get(key, key)}”" for key in found)
            self.refuse(column, f"“{written}” may mean {names}. Say which")
        else:
            self.refuse(column, f"“{written}” is not known, and no mapping says what it means")
            self.reader.unknown[column, written] += 1
        return None

    def gender(self) -> tuple[str, str]:
        text = self.text("gender")
        found = self.labels.genders.find(self.reader.mapping.value("gender", text)) if text else [Gender.UNKNOWN]
        return (found[0], "") if found else (Gender.OTHER, text)

    def school(self, on: date | None) -> int | str | None:
        written = self.text("school")
        text = self.reader.mapping.value("school", written)
        if not text:
            return None
        found = self.labels.schools.find(text, on)
        if len(found) == 1:
            return found[0]
        if found:
            self.refuse("school", f"there are {len(found)} schools named “{written}”. Give the URN")
        elif text.isdigit():
            self.refuse("school", f"no school has the URN {text}")
            self.reader.unknown["school", written] += 1
        else:
            self.reader.new_schools.add(text)
            return text
        return None

    def worker(self) -> int | str | None:
        written = self.text("lead_worker")
        text = self.reader.mapping.value("lead_worker", written)
        if not text:
            return None
        found = self.labels.workers.find(text)
        if len(found) > 1:
            self.refuse("lead_worker", f"there are {len(found)} workers named “{written}”")
            return None
        if not found:
            self.reader.new_workers.add(text)
        return found[0] if found else text

    def year_group(self) -> str:
        text = self.reader.mapping.value("year_group", as_text(self.raw["year_group"]))
        found = self.labels.year_groups.find(text) or self.labels.year_groups.find(f"Year {text}")
        if found:
            return found[0]
        if len(text) > LONGEST["year_group"]:
            self.refuse("year_group", f"“{text}” is not known. Write 4 for Year 4, R for Reception")
            return ""
        return text

    # --- the whole row ---

    def result(self) -> tuple[SheetRow | None, list[str]]:
        for name in REQUIRED:
            if not as_text(self.raw[name]) and name not in self.broken:
                self.refuse(name, "must be there and is empty")
        received, born = self.day("received"), self.day("date_of_birth")
        decided, opened, closed = self.day("decision_date"), self.day("opened"), self.day("closed")
        self.check_days(received, born, decided, opened, closed)
        gender, gender_words = self.gender()
        response = self.one("response", self.labels.responses) or ""
        outcomes = self.several("outcomes", self.labels.outcomes)
        services = self.several("services", self.labels.services)
        state = self.state(response, decided, opened, closed)
        has_birth_date = bool(as_text(self.raw["date_of_birth"])) or "date_of_birth" in self.broken
        row = SheetRow(
            number=self.number,
            state=state,
            reference=self.text("reference"),
            received_on=received or self.reader.today,
            route=self.one("route", self.labels.routes) or 0,
            referrer_name=self.text("referrer_name"),
            referrer_organisation=self.text("referrer_organisation"),
            first_name=self.text("child_first_name"),
            last_name=self.text("child_last_name"),
            own_number=self.text("family"),
            address=self.text("address"),
            postcode=" ".join(self.text("postcode").upper().split()),
            birth_date=born,
            age=None if has_birth_date else self.whole("age", OLDEST),
            gender=gender,
            gender_words=gender_words,
            ethnicity=self.one("ethnicity", self.labels.ethnicities),
            language=self.one("first_language", self.labels.languages),
            interpreter=self.yes_no("interpreter"),
            school=self.school(received),
            year_group=self.year_group(),
            upn=self.checked("upn", check_upn),
            nhs_number=self.checked("nhs_number", check_nhs_number),
            diagnosed=self.several("sen_diagnosed", self.labels.needs),
            queried=self.several("sen_queried", self.labels.needs),
            reasons=self.several("reasons", self.labels.sub_reasons),
            narrative=self.text("narrative"),
            notes=self.text("notes"),
            response=response,
            decided_on=decided,
            services=services,
            partners=self.several("partner_services", self.labels.partners),
            worker=self.worker(),
            opened_on=opened,
            closed_on=closed,
            outcomes=outcomes,
            sessions=self.whole("sessions", 1000) or 0,
            original=self.reader.original(self.cells),
        )
        return (None, self.in_order()) if self.reasons else (row, [])

    def in_order(self) -> list[str]:
        """The reasons in the order of the columns, each once."""
        place = {name: number for number, name in enumerate(COLUMNS)}
        return sorted(dict.fromkeys(self.reasons), key=lambda reason: place.get(reason.partition(":")[0], len(place)))

    def check_days(
        self, received: date | None, born: date | None, decided: date | None, opened: date | None, closed: date | None
    ) -> None:
        for column, why in out_of_order(received=received, decided=decided, opened=opened, closed=closed):
            self.refuse(column, why)
        try:
            check_birth_date(born, received)
        except ValidationError as error:
            self.refuse("date_of_birth", error.messages[0])

    def state(self, response: str, decided: date | None, opened: date | None, closed: date | None) -> State:
        """The state table of the referral sheet; what it does not allow is a reason."""
        outcomes = bool(as_text(self.raw["outcomes"]))
        if not as_text(self.raw["response"]):
            for name, given in (
                ("outcomes", outcomes),
                ("opened", opened),
                ("closed", closed),
                ("services", bool(as_text(self.raw["services"]))),
                ("partner_services", bool(as_text(self.raw["partner_services"]))),
                ("decision_date", decided),
            ):
                if given:
                    self.refuse(name, "is given for a referral that is undecided (response is empty)")
            return State.TO_SCREEN
        if not response:
            return State.TO_SCREEN
        if response not in RESPONSES_WITH_SERVICE:
            if opened:
                self.refuse("opened", "is given, but by its response the referral got no service")
            return State.TRIAGE
        if opened:
            if closed:
                return State.CLOSED
            if outcomes:
                self.refuse("outcomes", "are given for a case that is open (closed is empty)")
            return State.OPEN
        return State.BEFORE_START if outcomes or closed else State.WAITING
