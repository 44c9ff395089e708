"""One line of everything that happened in a case, from every app that has something to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import md5
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import urlencode

from cases.models import Case, CaseMeeting, Contact, Pin
from cases.selectors import chronology_sql
from cases.selectors.contacts import title_of
from cluster_ehs.core import slots
from families.models import Person

PAGE = 60
# What one document may hold; more is chosen by days or kinds.
MOST = 1500
KINDS = {
    "referrals": "Referrals",
    "contacts": "Contacts",
    "sessions": "Sessions",
    "goals": "Goals",
    "scores": "Scores",
    "meetings": "Meetings",
    "events": "Groups and drop-ins",
    "tasks": "Tasks done",
    "reviews": "Reviews",
    "supervision": "Supervision",
    "workers": "Lead workers",
    "services": "Services",
    "loans": "Loans",
    "files": "Files",
    "letters": "Letters",
    "family_link": "The family’s own page",
}
LOOKS = "looks"
# Of the apps above, which do not say themselves how their kinds are called.
ELSEWHERE = {"Formulation": "Formulations", "Closure": "Closure"}
# A year that was typed wrongly chooses nothing and breaks nothing.
YEARS = range(1900, 2200)
Place = tuple[datetime, str, UUID]


@dataclass(frozen=True)
class Choice:
    """What is asked of a chronology. No kinds: everything but who looked."""

    kinds: tuple[str, ...] = ()
    person: UUID | None = None
    words: str = ""
    since: date | None = None
    until: date | None = None
    oldest: bool = False
    after: Place | None = None
    only: UUID | None = None

    @classmethod
    def read(cls, given: QueryDict) -> Choice:
        """From what a page was asked; what cannot be understood is taken as not asked."""
        return cls(
            kinds=tuple(dict.fromkeys(kind for kind in given.getlist("kind") if kind and "\x00" not in kind)),
            person=_uuid(given.get("person")),
            words=given.get("words", "").replace("\x00", "").strip()[:100],
            since=_day(given.get("since")),
            until=_day(given.get("until")),
            oldest=given.get("order") == "oldest",
            after=read_place(given.get("after", "")),
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As an address says it, without the place of a page. Words are typed, not linked: they may be a name."""
        found = [("kind", kind) for kind in self.kinds]
        found += [("person", str(self.person))] if self.person else []
        found += [(name, f"{day}") for name, day in (("since", self.since), ("until", self.until)) if day]
        return found + ([("order", "oldest")] if self.oldest else [])

    @property
    def query(self) -> str:
        return urlencode(self.pairs)

    @property
    def narrows(self) -> bool:
        return bool(self.kinds or self.person or self.words or self.since or self.until)


@dataclass(frozen=True)
class Found:
    entries: list[dict[str, Any]]
    kinds: dict[str, str]
    # The place after which the next page begins; empty when there is none.
    next: str = ""
    people: dict[UUID, Person] = field(default_factory=dict)


def chronology(
    request: HttpRequest,
    case: Case,
    choice: Choice,
    *,
    people: list[Person],
    may_see_looks: bool = False,
    most: int = PAGE,
) -> Found:
    """One page of entries in order. One statement for casework, and those of the apps above.

    may_see_looks: whether who looked is among the kinds; it is shown only when it is asked for.
    """
    named = {person.pk: person for person in people}
    looks = may_see_looks and LOOKS in choice.kinds
    entries = [
        _entry(case, row, named)
        for row in chronology_sql.rows(
            case_id=case.pk,
            family_id=case.family_id,
            kinds=choice.kinds,
            looks=looks,
            person=choice.person,
            words=choice.words,
            since=moment(choice.since) if choice.since else None,
            until=moment(choice.until + timedelta(days=1)) if choice.until else None,
            after=choice.after,
            only=choice.only,
            oldest=choice.oldest,
            most=most + 1,
        )
    ]
    kinds = dict(KINDS)
    for part in slots.gather("case.chronology", request, case=case):
        kinds |= part.get("kinds", {})
        found = [_from_elsewhere(entry) for entry in part["entries"]]
        for entry in found:
            kinds.setdefault(entry["kind"], ELSEWHERE.get(entry["kind"], entry["kind"].replace("_", " ").capitalize()))
        entries += [entry for entry in found if _is_chosen(entry, choice)]
    if may_see_looks:
        kinds[LOOKS] = "Who looked"
    entries.sort(key=lambda entry: entry["place"], reverse=not choice.oldest)
    shown = entries[:most]
    return Found(shown, kinds, write_place(shown[-1]["place"]) if len(entries) > most else "", named)


def entry_of(request: HttpRequest, case: Case, kind: str, ref: UUID, *, people: list[Person]) -> dict[str, Any] | None:
    """The one entry of that kind and key, if the reader may see it."""
    found = chronology(request, case, Choice(kinds=(kind,), only=ref), people=people)
    return found.entries[0] if found.entries else None


def with_pins(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with their significant events beside them, in the same statement."""
    rows = (
        Pin.objects.filter(case=OuterRef("pk"), removed_at__isnull=True)
        .order_by("-at")
        .values(
            data=JSONObject(
                id="id", kind="kind", ref="ref", at="at", timed="timed", title="title", url="url", reason="reason",
                by="author__name",
            )
        )
    )  # fmt: skip
    return cases.annotate(pin_rows=ArraySubquery(rows))


def pins_of(case: Case) -> list[dict[str, Any]]:
    """The significant events of a case loaded by `with_pins`, newest first."""
    found = []
    for row in getattr(case, "pin_rows", ()):
        at = timezone.localtime(datetime.fromisoformat(row["at"]))
        found.append({**row, "at": at if row["timed"] else at.date(), "key": f"{row['kind']}~{row['ref']}"})
    return found


def _entry(case: Case, row: dict[str, Any], people: Mapping[UUID, Person]) -> dict[str, Any]:
    kind = row["kind"]
    there = [people[pk].short_name for pk in row["people"] or () if pk in people]
    if kind in ("contacts", "sessions", "reviews") and there:
        row["by"] = f"{row['by']}, with {', '.join(there)}"
    elif kind == "looks":
        row["text"] = ", ".join(dict.fromkeys(_page(page) for page in row["text"].split(", ")))
    return {
        "kind": kind,
        "ref": row["ref"],
        "at": row["at"] if row["timed"] else timezone.localtime(row["at"]).date(),
        "moment": row["at"],
        "title": TITLES.get(kind, str)(row["title"]),
        "by": row["by"],
        "text": row["text"] or "",
        "url": _url(case, kind, row["ref"]),
        "place": (row["at"], kind, row["ref"]),
        "key": f"{kind}~{row['ref']}",
    }


def _page(page: str) -> str:
    return page.removeprefix("case: ").replace("_", " ").replace("-", " ")


def _url(case: Case, kind: str, ref: UUID) -> str:
    if kind in ("contacts", "sessions"):
        return reverse("contact", args=[ref])
    if kind == "referrals":
        return reverse("screen-referral", args=[ref])
    if kind == "events":
        return reverse("event-register", args=[ref])
    if kind == "files":
        return reverse("case-document", args=[case.pk, ref])
    if kind == "letters":
        return reverse("letter", args=[ref])
    names = {
        "goals": "case-plan", "scores": "case-plan", "reviews": "case-plan", "family_link": "case-plan",
        "meetings": "case-meetings", "tasks": "case-meetings", "services": "case-services", "loans": "case-services",
    }  # fmt: skip
    return reverse(names[kind], args=[case.pk]) if kind in names else ""


def _contact_title(parts: str) -> str:
    kind, attendance, session_kind, service = parts.split("|")
    contact = Contact(kind=kind, attendance=attendance, session_kind=session_kind)
    return title_of(contact, service)


TITLES: dict[str, Callable[[str], str]] = {
    "contacts": _contact_title,
    "sessions": _contact_title,
    "meetings": lambda kind: str(CaseMeeting.Kind(kind).label),
}


def _from_elsewhere(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of another app, with the place and the key that this one gives its own."""
    at, kind = moment(entry["at"]), str(entry["kind"])
    ref = entry.get("ref") or UUID(md5(f"{kind}|{at.isoformat()}|{entry['title']}".encode()).hexdigest())  # noqa: S324
    return {**entry, "kind": kind, "ref": ref, "moment": at, "place": (at, kind, ref), "key": f"{kind}~{ref}"}


def _is_chosen(entry: dict[str, Any], choice: Choice) -> bool:
    day = timezone.localtime(entry["moment"]).date()
    said = f"{entry['title']} {entry['text']} {entry['by']}".casefold()
    return (
        (not choice.kinds or entry["kind"] in choice.kinds)
        and (choice.only is None or entry["ref"] == choice.only)
        and (choice.since is None or day >= choice.since)
        and (choice.until is None or day <= choice.until)
        and (choice.person is None or choice.person in entry.get("people", ()))
        and choice.words.casefold() in said
        and (
            choice.after is None or (entry["place"] > choice.after if choice.oldest else entry["place"] < choice.after)
        )
    )


def moment(at: date | datetime) -> datetime:
    """Days without a time begin their day."""
    if isinstance(at, datetime):
        return at
    return timezone.make_aware(datetime.combine(at, time.min))


def write_place(place: Place) -> str:
    return f"{place[0].isoformat()}~{place[1]}~{place[2]}"


def read_place(text: str) -> Place | None:
    at, _, rest = text.partition("~")
    kind, _, ref = rest.partition("~")
    try:
        found = parse_datetime(at.replace(" ", "+"))
    except ValueError:
        return None
    key = _uuid(ref)
    if found is None or timezone.is_naive(found) or found.year not in YEARS or not kind or key is None:
        return None
    return (found, kind, key)


def _day(text: str | None) -> date | None:
    try:
        found = parse_date(text or "")
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
