"""Makes `pairs.csv`, the labelled test set of the search before create, and the crowd it is searched in.

    python -m tests.families.pairs.make

A line is a question (how somebody at a desk or a telephone writes a person down) and the record that it is about. Truth
is "same", or "twin", "sibling", "half" for somebody else who only looks alike. `rules` says how the question came
about. Every second line of each truth is held back: the program is never tuned on it. The seed is fixed, so the file is
the same each time.
"""

import csv
import unicodedata
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from stdnum.gb import nhs, upn

from tests.families.pairs.names import COMMUNITIES, STREETS

FILE = Path(__file__).with_name("pairs.csv")
SEED, CROWD, SAME, TWINS, SIBLINGS, HALVES = 20261122, 3000, 480, 90, 40, 40
SCHOOLS = 12


@dataclass
class Record:
    """A person as the system knows them."""

    family: str
    first: str
    last: str
    known_as: str
    born: str
    upn: str
    nhs: str
    address: str
    postcode: str
    school: int

    @property
    def birth_date(self) -> date | None:
        return date.fromisoformat(self.born) if self.born else None


@dataclass
class Pair:
    number: int
    half: str
    truth: str
    community: str
    rules: str
    asked: Record
    known: Record


class Maker:
    def __init__(self) -> None:
        self.random = Random(SEED)
        self.families = 0
        self.numbers = 0

    def upn(self) -> str:
        self.numbers += 1
        digits = f"383{2000 + self.numbers % 5000:04d}{26 - self.numbers // 5000:02d}{self.numbers % 1000:03d}"
        return upn.calc_check_digit(digits) + digits

    def nhs(self) -> str:
        while True:
            self.numbers += 1
            nine = f"{999000000 + self.numbers * 7}"
            for last in "0123456789":
                if nhs.checksum(nine + last) == 0:
                    return nine + last

    def record(self, community: str, *, last: tuple[str, ...] | None = None, **given: Any) -> Record:
        pick = self.random
        names = COMMUNITIES[community]
        self.families += 1
        born = date(2026, 9, 1) - timedelta(days=pick.randrange(800, 6500))
        made = {
            "family": f"f{self.families}",
            "first": pick.choice(names[pick.choice(("girls", "boys"))])[0],
            "last": (last or pick.choice(names["last"]))[0],
            "known_as": "",
            "born": born.isoformat(),
            "upn": self.upn() if pick.random() < 0.6 else "",
            "nhs": self.nhs() if pick.random() < 0.3 else "",
            "address": f"{pick.randrange(1, 180)} {pick.choice(STREETS)}",
            "postcode": f"LS{pick.randrange(7, 12)} {pick.randrange(1, 9)}{pick.choice('ABDEF')}{pick.choice('ABDEF')}",
            "school": pick.randrange(SCHOOLS),
        }
        return Record(**{**made, **given})

    # --- how somebody else writes it ---

    def spelt(self, name: str, kind: str, community: str) -> str:
        """As others write it; the name itself when the list knows no other way."""
        lists = ("girls", "boys") if kind == "first" else ("last",)
        found = next((v for key in lists for v in COMMUNITIES[community][key] if v[0] == name), (name,))
        return self.random.choice(found[1:]) if len(found) > 1 else name

    def slip(self, word: str) -> str:
        """One slip of the keys, not in the first letter: left out, doubled, swapped, or the key beside it."""
        pick = self.random
        if len(word) < 4:
            return word + word[-1]
        at = pick.randrange(1, len(word) - 1)
        beside = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioplsdfghjkkxcvbnmn", strict=False))
        kinds = (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + beside.get(word[at].lower(), "e") + word[at + 1 :],
        )
        return pick.choice([w for w in kinds if w != word] or [word + word[-1]])

    def bare(self, name: str) -> str:
        plain = unicodedata.normalize("NFD", name.replace("ł", "l").replace("Ł", "L"))
        return "".join(letter for letter in plain if not unicodedata.combining(letter))

    def birth(self, born: date) -> tuple[str, str]:
        pick = self.random
        chance = pick.random()
        if chance < 0.5:
            return born.isoformat(), ""
        if chance < 0.68 and born.day <= 12 and born.day != born.month:
            return date(born.year, born.day, born.month).isoformat(), "day and month swapped"
        if chance < 0.8:
            wrong = pick.choice(
                (
                    born + timedelta(days=1),
                    born - timedelta(days=1),
                    born.replace(year=born.year + 1, day=min(born.day, 28)),
                )
            )
            return wrong.isoformat(), "birth date slip"
        return "", "no birth date"

    def question(self, known: Record, community: str) -> tuple[Record, list[str]]:
        """The same person as another desk writes them down."""
        pick = self.random
        rules = [
            pick.choice(
                (
                    "spelling",
                    "spelling",
                    "slip",
                    "slip",
                    "accents",
                    "swapped",
                    "known as",
                    "hyphen",
                    "surname",
                    "spelling and slip",
                )
            )
        ]
        first, last, known_as = known.first, known.last, ""
        rule = rules[0]
        if "spelling" in rule:
            which = pick.choice(("first", "last", "both"))
            first = self.spelt(first, "first", community) if which != "last" else first
            last = self.spelt(last, "last", community) if which != "first" else last
        if "slip" in rule:
            first, last = (self.slip(first), last) if pick.random() < 0.5 else (first, self.slip(last))
        if rule == "swapped":
            first, last = last, first
        if rule == "known as":
            first, known_as = (
                (self.spelt(first, "first", community), "")
                if pick.random() < 0.5
                else (first, self.spelt(first, "first", community))
            )
        if rule == "hyphen":
            first, last = first.replace("-", pick.choice((" ", ""))), last.replace("-", pick.choice((" ", "")))
            first = first.replace(" ", "") if "-" not in known.first else first
        if rule == "surname":
            last = pick.choice(COMMUNITIES[pick.choice(("english", community))]["last"])[0]
        if rule == "accents" or pick.random() < 0.6:
            first, last = self.bare(first), self.bare(last)
        born, said = self.birth(date.fromisoformat(known.born))
        if rule == "surname" and not born:
            born, said = known.born, ""
        rules += [said] if said else []
        helps = pick.random()
        # Without the birth date somebody asks where the child lives or goes to school.
        with_address = helps < 0.35 or (not born and helps < 0.7)
        with_school = helps > 0.6 or (not born and not with_address)
        upn = known.upn if pick.random() < 0.15 else ""
        if upn:
            rules.append("upn")
        return (
            Record(
                family="", first=first, last=last, known_as=known_as, born=born, upn=upn, nhs="",
                address=known.address if with_address else "", postcode=known.postcode if with_address else "",
                school=known.school if with_school else -1,
            ),
            rules,
        )  # fmt: skip

    def other_first(self, known: Record, community: str, *, alike: bool) -> str:
        """Another first name; alike: of the names of the community the one that is written most like it."""
        names = [n[0] for key in ("girls", "boys") for n in COMMUNITIES[community][key] if n[0] != known.first]
        if not alike:
            return self.random.choice(names)
        return max(
            names, key=lambda n: (len(set(n.lower()) & set(known.first.lower())) - abs(len(n) - len(known.first)), n)
        )


def crowd(maker: Maker) -> list[Record]:
    """A few thousand other people: families of one to four, some with twins."""
    made: list[Record] = []
    while len(made) < CROWD:
        community = maker.random.choice(list(COMMUNITIES))
        eldest = maker.record(community)
        made.append(eldest)
        for _ in range(maker.random.randrange(4)):
            same = {
                "family": eldest.family,
                "address": eldest.address,
                "postcode": eldest.postcode,
                "last": (eldest.last,),
            }
            born = {"born": eldest.born} if maker.random.random() < 0.08 else {}
            made.append(maker.record(community, **same, **born))
    return made


def pairs(maker: Maker) -> list[Pair]:
    found: list[Pair] = []

    def add(truth: str, community: str, rules: list[str], asked: Record, known: Record) -> None:
        of_kind = sum(pair.truth == truth for pair in found)
        half = "held" if of_kind % 2 else "tuning"
        found.append(Pair(len(found) + 1, half, truth, community, "; ".join(rules), asked, known))

    communities = list(COMMUNITIES)
    for number in range(SAME):
        community = communities[number % len(communities)]
        known = maker.record(community)
        asked, rules = maker.question(known, community)
        add("same", community, rules, asked, known)
    for truth, count in (("twin", TWINS), ("sibling", SIBLINGS), ("half", HALVES)):
        for number in range(count):
            community = communities[number % len(communities)]
            known = maker.record(community)
            alike = truth == "twin" and number % 2 == 0
            first = maker.other_first(known, community, alike=alike)
            rules = ["names alike"] if alike else []
            asked = Record(**{**asdict(known), "family": "", "first": first, "upn": maker.upn(), "nhs": maker.nhs()})
            if truth != "twin":
                asked.born = (date.fromisoformat(known.born) + timedelta(days=400 + number * 11)).isoformat()
            if truth == "half":
                asked.last = maker.random.choice(COMMUNITIES[maker.random.choice(communities)]["last"])[0]
            if truth == "twin" and number % 5 == 0:
                asked.upn, rules = "", [*rules, "no number"]
                asked.nhs = ""
            if truth == "twin" and number % 5 == 1 and known.upn:
                asked.upn, rules = known.upn, [*rules, "the other twin's UPN"]
            if truth == "twin" and number % 7 == 2:
                asked.first, known.known_as, asked.known_as = known.first, "Ali", "Omar"
                rules = [*rules, "called alike, known by another name"]
            add(truth, community, rules, asked, known)
    return found


def everything() -> tuple[list[Pair], list[Record]]:
    """The pairs and the crowd, the same each time."""
    maker = Maker()
    return pairs(maker), crowd(maker)


COLUMNS = [f.name for f in fields(Record)]
HEAD = [
    "number",
    "half",
    "truth",
    "community",
    "rules",
    *(f"asked_{c}" for c in COLUMNS),
    *(f"known_{c}" for c in COLUMNS),
]


def write(path: Path = FILE) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        for p in everything()[0]:
            writer.writerow(
                [p.number, p.half, p.truth, p.community, p.rules, *asdict(p.asked).values(), *asdict(p.known).values()]
            )


def read(path: Path = FILE) -> list[Pair]:
    def record(row: dict[str, str], side: str) -> Record:
        values: dict[str, Any] = {c: row[f"{side}_{c}"] for c in COLUMNS}
        return Record(**{**values, "school": int(values["school"])})

    with path.open(newline="", encoding="utf-8") as file:
        return [
            Pair(int(row["number"]), row["half"], row["truth"], row["community"], row["rules"], record(row, "asked"), record(row, "known"))
            for row in csv.DictReader(file)
        ]  # fmt: skip


if __name__ == "__main__":
    write()
