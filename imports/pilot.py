"""The pilot cohort: 187 invented referrals from January to June 2021 that satisfy all published counts at once.

The same seed makes the same sheet. Nobody in it exists: pupil numbers name a local authority that there is none of,
NHS numbers are of the range kept for tests, the postcode district is not in use.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from stdnum.gb import nhs, upn

from cluster_ehs.core.figures import age_in_years
from imports import pilot_counts as counts
from imports.reader import COLUMNS, REQUIRED
from triage.models import RESPONSES_PASSED_ON, RESPONSES_WITH_SERVICE, Outcome, Response

SEED = 2021
FIRST, LAST = date(2021, 1, 4), date(2021, 6, 30)
NO_SUCH_AUTHORITY = "950"
_NAMES: dict[str, list[str]] = json.loads((Path(__file__).parent / "pilot_names.json").read_text("utf-8"))
BOYS, GIRLS, SURNAMES = _NAMES["boys"], _NAMES["girls"], _NAMES["surnames"]
STREETS, PRIMARIES, WORKERS = _NAMES["streets"], _NAMES["primaries"], _NAMES["workers"]
SECONDARY = "Moortop High School (invented)"
SERVICES = ("Family support", "Family support", "Children's therapy", "Attendance support", "Adult counselling")
PARTNERS = (
    *("The Beck",) * 6,
    *("Mainstream school",) * 3,
    *("SilverCloud", "MindMate", "SilverCloud", "MindMate", "Therapeutic social work team", "CAMHS", "Housing service"),
    *("School nursing", "Young carers' service", "Domestic abuse service", "Debt and benefits advice", "Other Cluster"),
)
REFERRERS = {
    "Police": "West Yorkshire Police",
    "Children's Social Work Services": "Leeds Children's Social Work Services",
    "Community or hospital-based paediatrics/GP": "An invented surgery",
    "Specialist setting": "An invented specialist setting",
    "Self or family": "The family",
    "Other": "An invented nursery",
}


class Cohort:
    """Makes the rows. Each trait is dealt out like a shuffled pack, so that its counts come out exactly."""

    def __init__(self, seed: int = SEED) -> None:
        self.random = Random(seed)  # noqa: S311 - the same every time is the point

    def pack(self, cards: Iterable[tuple[Any, int]]) -> list[Any]:
        """As many of each card as its number says, shuffled; one for each referral."""
        found = [card for card, number in cards for _ in range(number)]
        assert len(found) == counts.REFERRALS, f"{len(found)} cards for {counts.REFERRALS} referrals"  # noqa: S101
        self.random.shuffle(found)
        return found

    def rows(self) -> list[dict[str, Any]]:
        """187 rows, in the order of their dates."""
        span = (LAST - FIRST).days
        weekdays = [day for n in range(span + 1) if (day := FIRST + timedelta(n)).weekday() < 5]
        received = sorted(self.random.choice(weekdays) for _ in range(counts.REFERRALS))
        traits = zip(
            received,
            self.pack(counts.AGES.items()),
            self.pack(counts.GENDERS.items()),
            self.pack(counts.ETHNICITIES.items()),
            self.pack(counts.ROUTES.items()),
            self.pack(self.needs()),
            self.pack(((response, fate), number) for response, fate, number in counts.FATES),
            self.reasons(),
            self.homes(),
            strict=True,
        )
        return [self.row(number, *of_one) for number, of_one in enumerate(traits, start=1)]

    def row(
        self,
        number: int,
        received: date,
        band: tuple[int, int] | None,
        gender: str,
        ethnicity: str,
        route: str,
        needs: tuple[str, str],
        fate: tuple[Response, str],
        reasons: list[str],
        home: dict[str, str],
    ) -> dict[str, Any]:
        age = self.random.randint(*band) if band else None
        age = max(age, 2) if age is not None else None
        born = self.birth_date(received, age)
        # Some sheets have an age and no birth date.
        only_age = born is not None and number % 29 == 0
        school = "" if age is None or age < 4 else SECONDARY if age > 11 else self.random.choice(PRIMARIES)
        given = BOYS if gender == "Male" else GIRLS if gender else (BOYS + GIRLS)
        if ethnicity in {"", "Information not obtained", "Other"} or self.random.random() < 0.7:
            language = "English" if self.random.random() < 0.8 else ""
        else:
            language = self.random.choice(["Polish", "Arabic", "Romanian", "Urdu", "Tigrinya"])
        return {
            "reference": f"PILOT-{number:03d}",
            "received": received,
            "route": route,
            "referrer_name": f"{self.random.choice(BOYS + GIRLS)} {self.random.choice(SURNAMES)}",
            "referrer_organisation": school if route == "Mainstream school" else REFERRERS.get(route, ""),
            # The place in the list makes each name the only one of its kind with its family.
            "child_first_name": given[(number * 7) % len(given)],
            **home,
            "date_of_birth": None if only_age else born,
            "age": age if only_age else None,
            "gender": gender,
            "ethnicity": ethnicity,
            "first_language": language,
            "interpreter": {"": "", "English": "no"}.get(language, self.random.choice(["yes", "no"])),
            "school": school,
            "year_group": self.year_group(received, born),
            "upn": self.upn(number, age) if age and age > 4 and number % 11 else "",
            "nhs_number": nhs_number(100 * number) if number % 3 else "",
            "sen_diagnosed": needs[0],
            "sen_queried": needs[1],
            "reasons": "; ".join(reasons),
            "narrative": f"Invented for the pilot cohort. {'; '.join(reasons)}.",
            **self.course(received, *fate),
        }

    # --- who ---

    def birth_date(self, received: date, age: int | None) -> date | None:
        """A day that makes the child that old on the day of referral."""
        if age is None:
            return None
        while True:
            born = received - timedelta(days=365 * age + self.random.randint(0, 370))
            if age_in_years(born, received) == age:
                return born

    def year_group(self, received: date, born: date | None) -> str:
        if born is None:
            return ""
        started = received.year - (received.month < 9)
        year = started - born.year - 5 + (born.month < 9)
        return "" if year < 0 or year > 13 else "R" if year == 0 else str(year)

    def upn(self, number: int, age: int) -> str:
        rest = f"{NO_SUCH_AUTHORITY}{4000 + number % 14:04d}{(2021 - age + 4) % 100:02d}{number:03d}"
        return upn.calc_check_digit(rest) + rest

    def needs(self) -> Iterator[tuple[tuple[str, str], int]]:
        """(diagnosed, queried) and how many children; no child has both."""
        for need, number in counts.DIAGNOSED.items():
            yield (need, ""), number
        yield (counts.DIAGNOSED_TWICE, ""), 1
        for need, number in counts.QUERIED.items():
            yield ("", need), number
        some = sum(counts.DIAGNOSED.values()) + 1 + sum(counts.QUERIED.values())
        yield ("", ""), counts.REFERRALS - some

    def homes(self) -> list[dict[str, str]]:
        """A family for each referral; each ninth family has two children among them."""
        found: list[dict[str, str]] = []
        number = 0
        while len(found) < counts.REFERRALS:
            number += 1
            home = {
                "child_last_name": SURNAMES[number % len(SURNAMES)],
                "family": f"FAM{number:03d}" if number % 2 else "",
                "address": f"{number} {STREETS[number % len(STREETS)]}",
                "postcode": f"LS0 {number % 9 + 1}{'ABDEFGHJLN'[number % 10]}{'PQRSTUWXYZ'[number // 10 % 10]}",
            }
            found += [home] * (2 if number % 9 == 0 else 1)
        return found[: counts.REFERRALS]

    # --- why ---

    def reasons(self) -> list[list[str]]:
        """The entries of each referral. Categories are dealt first, the rarest room last; then sub-reasons."""
        entries = self.pack(counts.ENTRIES.items())
        rooms = {category: referrals for category, (referrals, _) in counts.REASONS.items()}
        doubles = {c: sum(subs.values()) - referrals for c, (referrals, subs) in counts.REASONS.items()}
        # So many referrals have two entries in one category; they have one category less than entries.
        doubled = [c for c, number in doubles.items() for _ in range(number)]
        twice = dict(
            zip(self.random.sample([n for n, e in enumerate(entries) if e > 1], len(doubled)), doubled, strict=True)
        )
        wanted = {n: e - (n in twice) for n, e in enumerate(entries)}
        given = {n: [twice[n]] if n in twice else [] for n in wanted}
        for category in doubled:
            rooms[category] -= 1
        for n in sorted(self.random.sample(range(len(wanted)), len(wanted)), key=lambda n: -wanted[n]):
            # Always the categories with most room left: this way the rooms fill up exactly.
            free = sorted((c for c in rooms if c not in given[n]), key=lambda c: -rooms[c])
            for category in free[: wanted[n] - len(given[n])]:
                given[n].append(category)
                rooms[category] -= 1
        slots = {c: [n for n in given if c in given[n]] + [n for n in twice if twice[n] == c] for c in rooms}
        found: list[list[str]] = [[] for _ in entries]
        for category, (_, subs) in counts.REASONS.items():
            for n, sub in zip(slots[category], self.deal(slots[category], subs), strict=True):
                found[n].append(f"{category}: {sub}" if sub else category)
        return found

    def deal(self, slots: list[int], subs: dict[str, int]) -> list[str]:
        """A sub-reason for each slot, never the same one twice for one referral."""
        pack = [sub for sub, number in subs.items() for _ in range(number)]
        self.random.shuffle(pack)
        dealt: list[str] = []
        had: set[tuple[int, str]] = set()
        # A referral with two slots is served before the rest, while there is a choice.
        for n in sorted(slots, key=lambda n: -slots.count(n)):
            place = next(p for p, sub in enumerate(pack) if (n, sub) not in had)
            had.add((n, pack[place]))
            dealt.append(pack.pop(place))
        order = sorted(range(len(slots)), key=lambda p: -slots.count(slots[p]))
        back = dict(zip(order, dealt, strict=True))
        return [back[place] for place in range(len(slots))]

    # --- what became of it ---

    def course(self, received: date, response: Response, fate: str) -> dict[str, Any]:
        random = self.random
        decided = received + timedelta(days=random.randint(1, 20))
        row: dict[str, Any] = {"response": response.label, "decision_date": decided}
        if response in RESPONSES_PASSED_ON:
            row["partner_services"] = "; ".join(sorted(set(random.sample(PARTNERS, random.randint(1, 2)))))
        ended = decided + timedelta(days=random.randint(0, 10))
        if response in RESPONSES_WITH_SERVICE:
            row["services"] = "; ".join(sorted(set(random.sample(SERVICES, random.choice([1, 1, 1, 2])))))
            ended = decided + timedelta(days=random.randint(20, 60))
            if fate != counts.WAITING and not fate.startswith(counts.BEFORE_START):
                opened = decided + timedelta(days=random.randint(5, 60))
                ended = opened + timedelta(days=random.randint(40, 300))
                row |= {"opened": opened, "lead_worker": random.choice(WORKERS), "sessions": random.randint(1, 20)}
        if fate in {counts.WAITING, counts.OPEN}:
            return row
        if fate != counts.NONE:
            row["outcomes"] = self.outcomes(fate)
        # A referral that ended at triage has no closing date in most sheets.
        if response in RESPONSES_WITH_SERVICE or random.random() < 0.3:
            row["closed"] = ended
        return row

    def outcomes(self, fate: str) -> str:
        if fate == counts.SEVERAL:
            return "; ".join(outcome.label for outcome in self.random.choice(counts.SEVERAL_OUTCOMES))
        outcome = Outcome(fate.removeprefix(counts.BEFORE_START).strip())
        return outcome.value if self.random.random() < 0.2 else outcome.label


def nhs_number(serial: int) -> str:
    """A valid number of the test range: of nine digits whose check would be ten, the next ones."""
    while nhs.checksum(f"999{serial:06d}0") == 1:
        serial += 1
    start = f"999{serial:06d}"
    return next(start + str(digit) for digit in range(10) if nhs.checksum(start + str(digit)) == 0)


def write_pilot_cohort(path: Path, *, seed: int = SEED) -> int:
    """Write the sheet as a Cluster would keep it. Returns the number of rows; the same seed, the same bytes."""
    rows = Cohort(seed).rows()
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Invented pilot cohort", "created": datetime(2021, 7, 1)})  # noqa: DTZ001
        sheet = book.add_worksheet("Referrals")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_string(0, 0, "Referrals January to June 2021: invented people, published counts", bold)
        for place, name in enumerate(COLUMNS):
            sheet.write_string(2, place, f"{name} *" if name in REQUIRED else name, bold)
        for line, row in enumerate(rows, start=3):
            for place, name in enumerate(COLUMNS):
                value = row.get(name)
                if isinstance(value, date):
                    sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif isinstance(value, int):
                    sheet.write_number(line, place, value)
                elif value:
                    sheet.write_string(line, place, value)
        sheet.freeze_panes(3, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 16)
    return len(rows)
