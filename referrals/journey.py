"""The draft of a referral: begun from a search, filled in sections, sent once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse

from cluster_ehs.core import drafts
from cluster_ehs.core.models import Draft
from clusters.models import Cluster, User
from clusters.terms import Terms
from families.files import discard_content
from families.identifiers import upn_warning
from families.models import Family, Person, StoredFile
from families.search import Asked, Match, alike
from referrals import siblings
from referrals.eligibility import Eligibility, eligibility
from referrals.forms import SECTIONS, ChildForm, SectionForm
from referrals.models import Referral
from referrals.rules import age_warning
from referrals.selectors import DRAFT_KEY, within_reach
from referrals.services import submit_referral
from referrals.siblings import Sibling

NEEDED = tuple(key for key in SECTIONS if key not in ("siblings", "files"))


def key_of(draft_id: UUID) -> str:
    return f"{DRAFT_KEY}{draft_id}"


def load(user: User, draft_id: UUID) -> Draft:
    """The user's own draft. Raises Http404 for anybody else's, for one that was sent or thrown away, and for one of a
    record that the user may not open any more."""
    draft = drafts.load(user, key_of(draft_id))
    if draft is None or "about" not in draft.data or not within_reach([draft]):
        raise Http404
    return draft


def begin(
    *,
    user: User,
    draft_id: UUID,
    cluster: Cluster,
    person: Person | None = None,
    family: Family | None = None,
    name: str = "",
    birth_date: date | None = None,
    upn: str = "",
) -> Draft:
    """Begin a referral for a known child, for a new child of a known family, or for a new child."""
    fields = _of_person(person) if person else _of_search(name, birth_date, upn)
    home = person.family if person else family
    if home:
        fields |= {"address": [home.address], "postcode": [home.postcode], "telephone": [home.telephone]}
    about = {
        "cluster": cluster.pk,
        "person": str(person.pk) if person else None,
        "person_version": person.version if person else None,
        "family": str(home.pk) if home else None,
    }
    data: dict[str, Any] = {
        "about": about,
        "child": {"fields": {k: v for k, v in fields.items() if any(v)}, "version": 1, "done": False},
        "began": {"fields": fields},
        "added": [],
        "stored": [],
    }
    if person and person.school_id:
        fields = {"school": [str(person.school_id)], "year_group": [person.year_group]}
        data["school"] = {"fields": fields, "version": 1, "done": False}
    draft, _ = Draft.objects.get_or_create(
        user_id=user.pk,
        key=key_of(draft_id),
        defaults={
            "title": _title(person, name),
            "url": reverse("referral-tasks", args=[draft_id]),
            "data": data,
        },
    )
    return draft


def _title(person: Person | None, name: str) -> str:
    return f"Referral of {person or name.strip() or 'a child'}"[:200]


def _of_search(name: str, birth_date: date | None, upn: str) -> drafts.Fields:
    first, _, last = name.strip().rpartition(" ")
    return {"first_name": [first or last], "last_name": [last if first else ""], "upn": [upn], **_parts(birth_date)}


def _of_person(person: Person) -> drafts.Fields:
    interpreter = {True: "yes", False: "no", None: "unknown"}[person.interpreter_needed]
    return {
        "first_name": [person.first_name],
        "last_name": [person.last_name],
        "known_as": [person.known_as],
        **_parts(person.birth_date),
        "gender": [person.gender],
        "gender_words": [person.gender_words],
        "ethnicity": [str(person.ethnicity_id or "")],
        "first_language": [str(person.first_language_id or "")],
        "interpreter_needed": [interpreter],
        "upn": [person.upn],
        "nhs_number": [person.nhs_number],
    }


def _parts(day: date | None) -> drafts.Fields:
    if day is None:
        return {}
    return {
        "birth_date-day": [str(day.day)],
        "birth_date-month": [str(day.month)],
        "birth_date-year": [str(day.year)],
    }


# --- sections ---
def terms_for(draft: Draft, *sections: str) -> Terms:
    """The code lists of some sections; what the known child's record holds stays offered when it is retired."""
    began = draft.data.get("began", {}).get("fields", {})
    held = [value for name in ("ethnicity", "first_language") for value in began.get(name, [])]
    vocabularies = {name for section in sections for name in SECTIONS[section].vocabularies}
    return Terms(*vocabularies, keep=[int(value) for value in held if value.isdecimal() and len(value) < 10])


def form_of(draft: Draft, section: str, *, terms: Terms | None = None) -> SectionForm:
    """The section's form with what is in the draft, to be judged."""
    return SECTIONS[section](drafts.as_posted(drafts.part(draft, section).fields), terms=terms)


def state_of(draft: Draft, section: str) -> str:
    saved = drafts.part(draft, section)
    if section == "siblings":
        return siblings.state_of(draft)
    if section == "files":
        count = len(draft.data.get("stored", []))
        return f"{count} added" if count else "Optional"
    if saved.done:
        return "Completed"
    return "In progress" if any(any(values) for values in saved.fields.values()) else "Not started"


def is_complete(draft: Draft) -> bool:
    return all(drafts.part(draft, section).done for section in NEEDED) and siblings.complete(draft)


@dataclass(frozen=True)
class Whole:
    """The draft as it stands, all sections judged together."""

    draft: Draft
    forms: dict[str, SectionForm]
    cluster: Cluster
    person: Person | None
    family: Family | None
    files: list[dict[str, Any]]
    siblings: list[Sibling]

    @property
    def valid(self) -> bool:
        forms = [*self.forms.values(), *(sibling.form for sibling in self.siblings)]
        return all(form.is_valid() for form in forms)

    def value(self, section: str, name: str) -> Any:
        form = self.forms[section]
        return form.cleaned_data.get(name) if form.is_valid() else None

    @property
    def eligibility(self) -> Eligibility | None:
        received_on = self.value("referrer", "received_on")
        if received_on is None:
            return None
        return eligibility(school=self.value("school", "school"), cluster=self.cluster, on=received_on)

    @property
    def eligibility_of_siblings(self) -> list[tuple[Sibling, Eligibility | None]]:
        """Each child by its own school."""
        received_on = self.value("referrer", "received_on")
        return [(sibling, sibling.eligibility(self.cluster, received_on)) for sibling in self.siblings]

    @property
    def warnings(self) -> list[str]:
        """What does not stop the referral and should be looked at before it is sent."""
        found = []
        received_on, needs = self.value("referrer", "received_on"), self.forms["school"]
        if received_on and needs.is_valid():
            found.append(
                age_warning(self.value("child", "birth_date"), received_on, has_send=bool(needs.needs))  # type: ignore[attr-defined]
            )
        found.append(upn_warning(self.value("child", "upn") or ""))
        return [text for text in found if text]


def whole(draft: Draft) -> Whole:
    """All sections with one read of the code lists. Raises Http404 when the known child cannot be seen any more."""
    about = draft.data["about"]
    terms = terms_for(draft, *SECTIONS)
    person = family = None
    if about["person"]:
        person = Person.objects.select_related("family").filter(pk=about["person"]).first()
        if person is None:
            raise Http404
        family = person.family
    elif about["family"]:
        family = Family.objects.filter(pk=about["family"]).first()
        if family is None:
            raise Http404
    return Whole(
        draft=draft,
        forms={section: form_of(draft, section, terms=terms) for section in NEEDED},
        cluster=Cluster.objects.get(pk=about["cluster"]),
        person=person,
        family=family,
        files=draft.data.get("stored", []),
        siblings=siblings.siblings_of(draft, terms),
    )


# --- the end ---
def send(*, user: User, draft_id: UUID, override_reason: str = "") -> list[Referral]:
    """Submit what the draft holds, one referral for each child, the first child's first, and throw the draft away.

    The reason of an override is kept with the children whose school is not a member, with nobody else.
    Raises ValidationError when a section is not complete, Http404 when there is no such draft.
    """
    draft = Draft.objects.select_for_update().filter(user_id=user.pk, key=key_of(draft_id)).first()
    if draft is None:
        raise Http404
    everything = whole(draft)
    if not everything.valid:
        raise ValidationError("Some sections are not complete yet.")
    child = _child_details(everything)
    values = {key: form.values for key, form in everything.forms.items()}
    referrer, school, agreement, risks = (values[key] for key in ("referrer", "school", "agreement", "risks"))
    shared: dict[str, Any] = {
        "by": user,
        "cluster": everything.cluster,
        "received_on": referrer["received_on"],
        "route": referrer["route"],
        "channel": referrer["channel"],
        "referrer": {name: referrer[name] for name in ("name", "role", "organisation", "telephone", "email")},
        "story": {**values["story"], "visiting_risks": risks["visiting_risks"]},
        "agreed": agreement["agreed"],
        "agreed_by": agreement["agreed_by"],
        "agreed_on": agreement["agreed_on"],
        "agreed_how": agreement["agreed_how"],
        "need_level": risks["need_level"],
        "harm": bool(risks["harm"]),
        "form": draft_id if everything.siblings else None,
    }
    referral = submit_referral(
        **shared,
        child=everything.person,
        child_details=child,
        child_needs=everything.forms["school"].needs,  # type: ignore[attr-defined]
        family=everything.family,
        family_details={name: values["child"][name] for name in ("address", "postcode", "telephone")},
        carer_details=_carer_details(values["child"]),
        school=school["school"],
        year_group=school["year_group"],
        age_given=values["child"]["age_given"],
        reasons=everything.forms["reasons"].reasons,  # type: ignore[attr-defined]
        attendance_percent=school["attendance_percent"],
        agreement_covers=agreement["covers"],
        visiting_risk=risks["visiting_risks"],
        address_not_shared=risks["address_not_shared"],
        restricted=bool(risks["restricted"]) and everything.person is None and everything.family is None,
        override_reason=_unless_eligible(override_reason, everything.eligibility),
        files=[StoredFile(author=user, **{k: v for k, v in file.items() if k != "id"}) for file in everything.files],
    )
    made = [referral]
    for sibling, eligible in everything.eligibility_of_siblings:
        made.append(
            submit_referral(
                **shared,
                child=sibling.person,
                child_details=siblings.details_of(sibling),
                family=referral.family,
                school=sibling.form.values["school"],
                year_group=sibling.form.values["year_group"],
                age_given=sibling.form.values.get("age_given"),
                reasons=sibling.form.reasons,
                override_reason=_unless_eligible(override_reason, eligible),
                family_told=True,
            )
        )
    draft.delete()
    return made


def _unless_eligible(override_reason: str, found: Eligibility | None) -> str:
    return "" if found is None or found.eligible else override_reason


CHILD_FIELDS = ("first_name", "last_name", "known_as", "birth_date", "gender", "gender_words", "interpreter_needed")


def _child_details(everything: Whole) -> dict[str, Any]:
    """The child's details; of a known child only those that were changed here, so that nothing newer is undone."""
    values = everything.forms["child"].values
    school = everything.forms["school"].values
    details = {name: values[name] for name in (*CHILD_FIELDS, "upn", "nhs_number")}
    details["ethnicity_id"] = values["ethnicity"].pk if values["ethnicity"] else None
    details["first_language_id"] = values["first_language"].pk if values["first_language"] else None
    details["school_id"] = school["school"].pk if school["school"] else None
    details["year_group"] = school["year_group"]
    if everything.person is None:
        return details
    began = ChildForm(drafts.as_posted(everything.draft.data["began"]["fields"]), terms=everything.forms["child"].terms)
    began.is_valid()
    before = {name: began.cleaned_data.get(name) for name in (*CHILD_FIELDS, "upn", "nhs_number")}
    for name in ("ethnicity", "first_language"):
        before[f"{name}_id"] = getattr(began.cleaned_data.get(name), "pk", None)
    return {name: value for name, value in details.items() if name not in before or before[name] != value}


def _carer_details(values: dict[str, Any]) -> dict[str, Any]:
    relationship = values["carer_relationship"]
    return {
        "first_name": values["carer_first_name"],
        "last_name": values["carer_last_name"] or (values["last_name"] if values["carer_first_name"] else ""),
        "relationship_id": relationship.pk if relationship else None,
        "telephone": values["carer_telephone"],
        "interpreter_needed": values["carer_interpreter"],
    }


def alike_of(everything: Whole, clusters: Collection[int]) -> list[Match]:
    """People whom the referral would make anew although somebody like them is known: a new child, a carer."""
    form = everything.forms["child"]
    if not form.is_valid():
        return []
    values = form.cleaned_data
    found: list[Match] = []
    home = {"address": values["address"], "postcode": values["postcode"]}
    if everything.person is None:
        school = everything.value("school", "school")
        asked = Asked(
            name=f"{values['first_name']} {values['last_name']}",
            known_as=values["known_as"],
            birth_date=values["birth_date"],
            upn=values["upn"],
            school_id=school.pk if school else None,
            **home,
        )
        found += [match for match in alike(clusters, asked) if match.person.is_child]
    carer = _carer_details(values)
    if carer["first_name"]:
        asked = Asked(name=f"{carer['first_name']} {carer['last_name']}", **home)
        found += [match for match in alike(clusters, asked) if not match.person.is_child]
    return found


def discard(*, user: User, draft_id: UUID) -> None:
    """Throw the draft away with the files that were added to it."""
    draft = load(user, draft_id)
    for file in draft.data.get("stored", []):
        discard_content(file["path"])
    draft.delete()
