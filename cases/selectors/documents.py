"""Files of a case as a list and one by one, and what a letter is filled with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cases.models import Case
from clusters.models import Term, User
from families.addresses import family_address
from families.files import preview_place
from families.models import FilePerson, Person, PreviewJob, StoredFile
from families.previews import DRAWN, TRIES
from triage.models import Audience, MessageTemplate
from triage.selectors.letters import templates

MOST = 200
LETTERS = (MessageTemplate.About.VISIT, MessageTemplate.About.CLOSING, MessageTemplate.About.SCHOOL)


def documents(case: Case) -> QuerySet[StoredFile]:
    """The files that the reader may open or know of, with whom they are about and whether a preview is to come."""
    about = FilePerson.objects.filter(file=OuterRef("pk")).values_list("person_id")
    coming = PreviewJob.objects.filter(path=OuterRef("path"), tries__lt=TRIES)
    return (
        StoredFile.objects.filter(family_id=case.family_id)
        .select_related("author", "removed_by")
        .annotate(person_ids=ArraySubquery(about), preview_comes=Exists(coming))
        .defer("text")
    )


def row(file: StoredFile, people: dict[UUID, Person]) -> dict[str, Any]:
    names = [people[pk].short_name for pk in file.person_ids if pk in people]  # type: ignore[attr-defined]
    return {"file": file, "people": ", ".join(names), "preview": preview_of(file)}


def preview_of(file: StoredFile) -> str:
    """there, coming, none (it cannot be drawn) or empty (a kind without previews)."""
    if file.removed_at or file.content_type not in DRAWN:
        return ""
    if preview_place(file.path).is_file():
        return "there"
    return "coming" if file.preview_comes else "none"  # type: ignore[attr-defined]


def kinds() -> list[Term]:
    return list(Term.objects.of("document_kind").filter(retired_on__isnull=True).order_by("order"))


def letter_templates() -> list[MessageTemplate]:
    """The texts in force for letters about a case, in the order of the work."""
    found = templates().filter(about__in=LETTERS)
    order = {about: number for number, about in enumerate(LETTERS)}
    return sorted(
        found, key=lambda each: (order[MessageTemplate.About(each.about)], each.language != "en", each.language)
    )


def letter_values(case: Case, people: list[Person], lead: User | None) -> dict[str, str]:
    """What the placeholders stand for; no address, no reasons and nothing of a note is among them."""
    today = timezone.localdate()
    children = [person.short_name for person in people if person.is_child and person.in_household]
    schools = sorted({person.school.name for person in people if person.is_child and person.school})
    return {
        "child": " and ".join(filter(None, (", ".join(children[:-1]), *children[-1:]))),
        "reference": case.reference,
        "cluster": case.cluster.name,
        "telephone": case.cluster.telephone or (lead.telephone if lead else ""),
        "lead_worker": lead.name if lead else case.cluster.name,
        "leader": lead.name if lead else case.cluster.name,
        "school": ", ".join(schools),
        "today": f"{today.day} {today:%B %Y}",
        "opened_on": f"{case.opened_on.day} {case.opened_on:%B %Y}",
    }


def addressee(case: Case, people: list[Person], audience: str) -> tuple[str, str]:
    """Name and address as they may be printed: an address that somebody must not be told is left out."""
    if audience == Audience.FAMILY:
        adults = [p for p in people if not p.is_child and p.in_household and p.parental_responsibility][:2]
        return " and ".join(str(p) for p in adults) or f"The {case.family}", family_address(case.family).to_share
    schools = sorted({p.school.name for p in people if p.is_child and p.school})
    return (schools[0] if schools else ""), ""
