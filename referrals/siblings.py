"""Brothers and sisters on one form: the same worry, one referral for each child, with reasons of its own.

In the draft: `added` lists who was added, and each has a part of its own, `sibling-<key>`, saved like a section.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from cluster_ehs.core import drafts
from cluster_ehs.core.models import Draft
from clusters.models import Cluster, User
from clusters.terms import Terms
from families.models import Person
from families.search import Asked, Match, find_alike
from referrals.eligibility import Eligibility, eligibility
from referrals.selectors import DRAFT_KEY
from referrals.sibling_forms import SiblingForm

AT_MOST = 9


@dataclass(frozen=True)
class Sibling:
    """A further child of the form. person: None for one who is new."""

    key: str
    person: Person | None
    form: SiblingForm
    done: bool

    @property
    def name(self) -> str:
        if self.person:
            return str(self.person)
        names = (self.form.data.get("first_name", ""), self.form.data.get("last_name", ""))
        return " ".join(filter(None, names)) or "A brother or sister"

    @property
    def uuid(self) -> UUID:
        """For the address of its page."""
        return UUID(self.key)

    def eligibility(self, cluster: Cluster, on: Any) -> Eligibility | None:
        """By this child's own school; None while the form or the day does not say."""
        if on is None or not self.form.is_valid():
            return None
        return eligibility(school=self.form.cleaned_data["school"], cluster=cluster, on=on)


def part_of(key: str) -> str:
    return f"sibling-{key}"


def listed(draft: Draft) -> list[dict[str, Any]]:
    return draft.data.get("added", [])


def complete(draft: Draft) -> bool:
    return all(drafts.part(draft, part_of(entry["key"])).done for entry in listed(draft))


def state_of(draft: Draft) -> str:
    added = listed(draft)
    if not added:
        return "Optional"
    return f"{len(added)} added" if complete(draft) else "In progress"


def siblings_of(draft: Draft, terms: Terms) -> list[Sibling]:
    """Those who were added, each with its form as it stands. A record that is no longer seen is left out."""
    ids = [entry["person"] for entry in listed(draft) if entry["person"]]
    people = {str(row.pk): row for row in Person.objects.select_related("school").filter(pk__in=ids)} if ids else {}
    found = []
    for entry in listed(draft):
        person = people.get(entry["person"])
        if entry["person"] and person is None:
            continue
        saved = drafts.part(draft, part_of(entry["key"]))
        form = SiblingForm(drafts.as_posted(saved.fields), terms=terms, known=person is not None)
        found.append(Sibling(entry["key"], person, form, saved.done))
    return found


def may_be_added(draft: Draft) -> list[Person]:
    """The other children of the family of whom it is known already."""
    about = draft.data["about"]
    if not about["family"]:
        return []
    there = {about["person"], *(entry["person"] for entry in listed(draft))} - {None}
    rows = Person.objects.filter(family_id=about["family"], is_child=True).exclude(pk__in=there)
    return list(rows.select_related("school").order_by("birth_date", "first_name"))


def search(draft: Draft, clusters: Collection[int], asked: Asked) -> list[Match]:
    """Children of the Cluster who may be meant: before a new brother or sister is made."""
    matches = find_alike(clusters=clusters, asked=asked)
    return [
        match for match in matches if match.person.is_child and str(match.person.pk) != draft.data["about"]["person"]
    ]


@transaction.atomic
def add(*, user: User, draft_id: UUID, person: Person | None = None, name: str = "", birth_date: Any = None) -> str:
    """Put a child of the family on the form, with the reasons of the first child to begin with. Answers the key.

    A child who is there already is not added again. Raises ValidationError for the child of another family record, and
    for more children than one form takes.
    """
    draft = Draft.objects.select_for_update().get(user_id=user.pk, key=f"{DRAFT_KEY}{draft_id}")
    about = draft.data["about"]
    added = draft.data.setdefault("added", [])
    if person is not None:
        if not about["family"]:
            raise ValidationError(
                f"{person} is known, so the family is. Begin again from “Log a referral”: search for {person} and "
                "choose “A brother or sister”. What you wrote here stays in your list."
            )
        if str(person.family_id) != about["family"]:
            raise ValidationError(
                f"{person} stands in another family record. Log that referral on its own, or ask a leader to look "
                "under Duplicates whether the two records are one family."
            )
        if str(person.pk) == about["person"]:
            raise ValidationError(f"This form is about {person} already.")
        for entry in added:
            if entry["person"] == str(person.pk):
                return str(entry["key"])
    if len(added) >= AT_MOST:
        raise ValidationError(f"One form takes {AT_MOST + 1} children. Log the others on a second form.")
    key = uuid.uuid4().hex
    added.append({"key": key, "person": str(person.pk) if person else None})
    fields = {name: values for name, values in drafts.part(draft, "reasons").fields.items() if any(values)}
    fields |= _known(person) if person else _new(draft, name, birth_date)
    form = SiblingForm(drafts.as_posted(fields), known=person is not None)
    draft.data[part_of(key)] = {"fields": fields, "version": 1, "done": person is not None and form.is_valid()}
    draft.save(update_fields=["data", "saved_at"])
    return key


def _known(person: Person) -> drafts.Fields:
    return {"school": [str(person.school_id or "")], "year_group": [person.year_group]}


def _new(draft: Draft, name: str, birth_date: Any) -> drafts.Fields:
    first, _, last = name.strip().rpartition(" ")
    last_name = [last] if first else drafts.part(draft, "child").fields.get("last_name", [""])
    fields = {"first_name": [first or last], "last_name": last_name}
    if birth_date:
        fields |= {f"birth_date-{part}": [str(getattr(birth_date, part))] for part in ("day", "month", "year")}
    return fields


@transaction.atomic
def remove(*, user: User, draft_id: UUID, key: str) -> None:
    draft = Draft.objects.select_for_update().get(user_id=user.pk, key=f"{DRAFT_KEY}{draft_id}")
    draft.data["added"] = [entry for entry in listed(draft) if entry["key"] != key]
    draft.data.pop(part_of(key), None)
    draft.save(update_fields=["data", "saved_at"])


def details_of(sibling: Sibling) -> dict[str, Any]:
    """What `submit_referral` takes of this child: of one who is known the school and the year alone."""
    values = sibling.form.values
    school = {"school_id": values["school"].pk if values["school"] else None, "year_group": values["year_group"]}
    if sibling.person:
        return school
    ethnicity = values["ethnicity"]
    names = ("first_name", "last_name", "birth_date", "gender", "upn", "nhs_number")
    return {
        **{name: values[name] for name in names},
        "ethnicity_id": ethnicity.pk if ethnicity else None,
        **school,
    }
