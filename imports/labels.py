"""The words of a sheet and what they mean here: vocabularies, services, schools and workers of one Cluster."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from django.db.models import Q
from rapidfuzz import fuzz, process

from clusters.models import Cluster, PartnerService, School, SchoolMembership, Service, StaffRole, Term, Vocabulary
from families.models import Gender
from families.names import fold
from imports.reader import COLUMNS, SheetError
from triage.models import Outcome, Response

Key = TypeVar("Key")

# Rows of the published Table 6 that are no label of ours: what a record means that says just that.
PUBLISHED_ETHNICITIES = {
    "African": "AFRICAN_ONLY",
    "Any other ethnic background": "OOTH",
    "Information not obtained": "NOBT",
    "Mixed race": "MIXED_ONLY",
    "Other": "OTHER_ONLY",
    "Roma/Roma Gypsy": "WROM",
    "South Asian": "SOUTH_ASIAN_ONLY",
}
# Rows of the published Table 8, likewise.
PUBLISHED_NEEDS = {"ASC": "ASD", "Learning disability or other diagnosed SEN": "OTH"}
GENDERS = {
    Gender.MALE: ("male", "m", "boy"),
    Gender.FEMALE: ("female", "f", "girl"),
    Gender.UNKNOWN: ("unknown", "u", "not recorded", "not known"),
}
# In a mapping file this column renames headings, not values.
HEADINGS = "column"
LISTS = frozenset({"sen_diagnosed", "sen_queried", "reasons", "services", "partner_services", "outcomes"})


# A sheet says the same few words over and over.
@lru_cache(maxsize=20_000)
def bare(text: str) -> str:
    """A label as it is compared: without case, accents, punctuation and spaces."""
    return fold(text.replace("&", " and ")).replace(" ", "")


class Choices(Generic[Key]):
    """What may stand in a column: labels first, then codes and other names."""

    def __init__(self, entries: Iterable[tuple[Key, str, tuple[str, ...]]]) -> None:
        self.labels: dict[Key, str] = {}
        self._by_label: dict[str, list[Key]] = {}
        self._by_other: dict[str, list[Key]] = {}
        for key, label, others in entries:
            self.labels[key] = label
            self._by_label.setdefault(bare(label), []).append(key)
            for other in others:
                if other:
                    self._by_other.setdefault(bare(other), []).append(key)

    def find(self, text: str) -> list[Key]:
        """The keys a text may mean: none, one, or several when it is ambiguous."""
        word = bare(text)
        return self._by_label.get(word) or self._by_other.get(word) or []

    def nearest(self, text: str, limit: int = 3) -> list[str]:
        """The labels most like a text, best first."""
        found = process.extract(
            text, list(dict.fromkeys(self.labels.values())), scorer=fuzz.WRatio, processor=fold, limit=limit
        )
        return [label for label, score, _ in found if score >= 50]


@dataclass
class Mapping:
    """A Cluster's own words: headings for our columns, and values for our labels."""

    headings: dict[str, str] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, column: str, written: str, meant: str) -> None:
        if column == HEADINGS:
            self.headings[written] = meant
        else:
            self.values[column, bare(written)] = meant

    def value(self, column: str, text: str) -> str:
        return self.values.get((column, bare(text)), text)


def read_mapping(path: Path) -> list[tuple[str, str, str]]:
    """The rows (column, from, to) of a mapping file. Raises SheetError naming the line."""
    rows = []
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    reader = csv.DictReader(text.splitlines())
    if not {"column", "from", "to"} <= {(name or "").strip() for name in reader.fieldnames or []}:
        raise SheetError("The mapping file needs the headings column, from and to.")
    for row in reader:
        column, written, meant = ((row.get(name) or "").strip() for name in ("column", "from", "to"))
        if not (column or written or meant):
            continue
        if column not in (*COLUMNS, HEADINGS):
            raise SheetError(f"Line {reader.line_num} of the mapping file: there is no column “{column}”.")
        if not written or not meant:
            raise SheetError(f"Line {reader.line_num} of the mapping file: from and to must both be there.")
        if column == HEADINGS and meant not in COLUMNS:
            raise SheetError(f"Line {reader.line_num} of the mapping file: there is no column “{meant}”.")
        rows.append((column, written, meant))
    return rows


class Labels:
    """Everything a row's words are looked up in, loaded once per import."""

    def __init__(self, cluster: Cluster | None) -> None:
        """`cluster` is None for a Cluster that does not exist yet (a dry run)."""
        terms: dict[str, list[Term]] = {}
        for term in Term.objects.order_by("order", "pk"):
            terms.setdefault(term.vocabulary, []).append(term)
        codes = {(t.vocabulary, t.code): t.pk for several in terms.values() for t in several}
        self.routes = self._terms(terms, Vocabulary.ROUTE)
        self.languages = self._terms(terms, Vocabulary.LANGUAGE)
        self.year_groups: Choices[str] = Choices((t.code, t.label, (t.code,)) for t in terms.get("year_group", ()))
        self.ethnicities = self._terms(terms, Vocabulary.ETHNICITY, PUBLISHED_ETHNICITIES)
        self.needs = self._terms(terms, Vocabulary.SEN_TYPE, PUBLISHED_NEEDS)
        reasons = terms.get(Vocabulary.REASON, [])
        top = {t.pk: t for t in reasons if t.parent_id is None}
        self.categories: Choices[int] = Choices((t.pk, t.label, (t.code, t.published_as)) for t in top.values())
        self.sub_reasons: Choices[tuple[int, int]] = Choices(
            (
                (t.parent_id, t.pk),
                f"{top[t.parent_id].label}: {t.label}",
                (t.label, t.code, f"{top[t.parent_id].code}: {t.label}", t.published_as),
            )
            for t in reasons
            if t.parent_id in top
        )
        self.responses: Choices[str] = Choices((r.value, r.label, (r.value,)) for r in Response)
        self.outcomes: Choices[str] = Choices((o.value, o.label, (o.value,)) for o in Outcome)
        self.genders: Choices[str] = Choices((g.value, g.label, GENDERS.get(g, ())) for g in Gender)
        cluster_id = cluster.pk if cluster else None
        own = Service.objects.filter(Q(cluster__isnull=True) | Q(cluster=cluster)).order_by("order", "pk")
        self.services: Choices[int] = Choices((s.pk, s.name, (s.code,)) for s in own)
        self.partners: Choices[int] = Choices((p.pk, p.name, (p.code or "",)) for p in PartnerService.objects.all())
        self.schools = Schools(cluster_id)
        roles = StaffRole.objects.filter(cluster=cluster).select_related("user") if cluster else []
        self.workers: Choices[int] = Choices({r.user_id: (r.user_id, r.user.name, ()) for r in roles}.values())
        self.not_named = codes.get((Vocabulary.ETHNICITY, "NOBT"))

    @staticmethod
    def _terms(terms: dict[str, list[Term]], vocabulary: str, published: dict[str, str] | None = None) -> Choices[int]:
        names: dict[str, list[str]] = {}
        for name, code in (published or {}).items():
            names.setdefault(code, []).append(name)
        return Choices((t.pk, t.label, (t.code, *names.get(t.code, ()))) for t in terms.get(vocabulary, ()))

    def of(self, column: str) -> Choices | None:
        """The choices of a column whose words must be known; None for free text."""
        known: dict[str, Choices] = {
            "route": self.routes,
            "ethnicity": self.ethnicities,
            "first_language": self.languages,
            "sen_diagnosed": self.needs,
            "sen_queried": self.needs,
            "reasons": self.sub_reasons,
            "response": self.responses,
            "services": self.services,
            "partner_services": self.partners,
            "outcomes": self.outcomes,
            "lead_worker": self.workers,
            "school": self.schools.choices,
        }
        return known.get(column)

    def knows(self, column: str, text: str) -> bool:
        """Whether a mapping may lead to this text."""
        choices = self.of(column)
        if choices is None or column in {"lead_worker", "school"}:
            return True
        return bool(choices.find(text)) or (column == "reasons" and bool(self.categories.find(text)))

    def nearest(self, column: str, text: str) -> list[str]:
        choices = self.of(column)
        found = choices.nearest(text) if choices else []
        return found + (self.categories.nearest(text, 2) if column == "reasons" else [])

    def all_of(self, column: str) -> list[str]:
        """Every label of a column, for a list to choose from."""
        choices = self.of(column)
        found = list(choices.labels.values()) if choices else []
        return (list(self.categories.labels.values()) if column == "reasons" else []) + found


class Schools:
    """Schools by URN and by name; among namesakes the member of the Cluster is meant."""

    def __init__(self, cluster_id: int | None) -> None:
        schools = list(School.objects.all())
        self.choices: Choices[int] = Choices((s.pk, s.name, (s.urn or "",)) for s in schools)
        self._members: dict[int, list[tuple[date, date]]] = {}
        for m in SchoolMembership.objects.filter(cluster_id=cluster_id) if cluster_id else ():
            self._members.setdefault(m.school_id, []).append((m.starts_on, m.ends_on or date.max))

    def find(self, text: str, on: date | None) -> list[int]:
        found = self.choices.find(text)
        if len(found) < 2:
            return found
        members = [pk for pk in found if pk in self._members]
        then = [pk for pk in members if on and any(start <= on < end for start, end in self._members[pk])]
        return then or members or found


def check_mapping(
    rows: Iterable[tuple[str, str, str]], labels: Labels, *, remembered: Mapping | None = None
) -> Mapping:
    """What is remembered, and these rows before it. Raises SheetError naming the first aim that is not known."""
    mapping = remembered or Mapping()
    for column, written, meant in rows:
        if column != HEADINGS and not labels.knows(column, meant):
            near = labels.nearest(column, meant)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            raise SheetError(f"The mapping leads “{written}” in {column} to “{meant}”, which is not known.{hint}")
        mapping.add(column, written, meant)
    return mapping
