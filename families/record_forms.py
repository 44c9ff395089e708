"""What is asked about ties, involvement, circumstances, and decisions to share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, Ticks, YesNoField
from families.forms import long, short
from families.models import Agreement, Circumstances, Person, Relationship, SharingDecision, SocialCareInvolvement

NOT_EXACT = "Leave it empty when it is not known"
MISTAKE = "This was recorded by mistake"
MISTAKE_HINT = "It no longer counts and is no longer shown. It stays in the history."
UNKNOWN = "unknown"


def today() -> date:
    return timezone.localdate()


class PersonField(forms.TypedChoiceField):
    """One person of the family, chosen by key; None when nobody is chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"empty_value": None, **kwargs})

    def offer(self, people: Iterable[Person], *, empty: str) -> None:
        by_key = {str(person.pk): person for person in people}
        self.choices = [("", empty), *((key, _named(person)) for key, person in by_key.items())]
        self.coerce = lambda key: by_key[str(key)]

    def prepare_value(self, value: Any) -> Any:
        return str(value.pk) if isinstance(value, Person) else value


def _named(person: Person) -> str:
    age = person.age
    return f"{person}, {age}" if person.is_child and age is not None else str(person)


def _end(label: str, **kwargs: Any) -> DatePartsField:
    return DatePartsField(label=label, required=False, latest=today, **kwargs)


def _mistake() -> forms.BooleanField:
    return forms.BooleanField(label=MISTAKE, required=False, help_text=MISTAKE_HINT)


class EditForm(EhsForm):
    """A form that makes a record, or changes one (`editing`): only then can it be a mistake."""

    ONLY_EDITING: Sequence[str] = ("mistaken",)
    FIELDS: Sequence[str] = ()

    def __init__(self, *args: Any, editing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not editing:
            for name in self.ONLY_EDITING:
                self.fields.pop(name, None)

    @classmethod
    def said(cls, record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in cls.FIELDS}


class RelationshipForm(EditForm):
    submit_label = "Save the relationship"
    FIELDS = ("person", "kind", "other", "starts_on", "ends_on", "mistaken")

    person = PersonField(label="Who")
    kind = forms.ChoiceField(label="is", choices=[("", "Choose"), *Relationship.Kind.choices])
    other = PersonField(label="whom")
    starts_on = _end("Since when?", help_text=NOT_EXACT)
    ends_on = _end(
        "Until when?",
        help_text="Empty while it lasts. For a couple who parted, choose “Separated from” or “Divorced from”",
    )
    mistaken = _mistake()

    def __init__(self, *args: Any, people: Collection[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(people, empty="Choose")
        self.fields["other"].offer(people, empty="Choose")


class SocialCareForm(EditForm):
    submit_label = "Save the period"
    FIELDS = ("kind", "starts_on", "ends_on", "about", "source", "mistaken")

    people = forms.TypedMultipleChoiceField(label="Which child or children?", widget=Ticks)
    kind = forms.ChoiceField(label="What is it?", choices=SocialCareInvolvement.Kind.choices, widget=forms.RadioSelect)
    starts_on = DatePartsField(label="From when?", latest=today)
    ends_on = _end("Until when?", help_text="Empty while it goes on")
    about = forms.BooleanField(label="The dates are about right, not exact", required=False)
    source = forms.ChoiceField(
        label="Who says so?", choices=SocialCareInvolvement.Source.choices, widget=forms.RadioSelect
    )
    mistaken = _mistake()

    def __init__(self, *args: Any, people: Collection[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not kwargs["editing"]:
            by_key = {str(person.pk): person for person in people}
            self.fields["people"].choices = [(key, _named(person)) for key, person in by_key.items()]
            self.fields["people"].coerce = lambda key: by_key[str(key)]
        else:
            del self.fields["people"]


class CircumstancesForm(EditForm):
    submit_label = "Save how they live"
    ONLY_EDITING = ("changed",)
    FIELDS = ("starts_on", "people_in_home", "housing", "overcrowded", "income")

    changed = forms.TypedChoiceField(
        label="What do you want to do?",
        choices=[("yes", "Record that something is different now"), ("no", "Put right what is recorded")],
        coerce=YesNoField.read,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    starts_on = DatePartsField(label="Since when is it so?", latest=today)
    people_in_home = forms.IntegerField(
        label="How many people live there?",
        required=False,
        min_value=1,
        max_value=30,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )
    housing = forms.ChoiceField(label="Where do they live?", choices=Circumstances.Housing.choices)
    overcrowded = YesNoField(label="Is it overcrowded?", unknown=True, required=False)
    income = forms.ChoiceField(label="Where does the money come from?", choices=Circumstances.Income.choices)

    def __init__(self, *args: Any, counted: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people_in_home"].help_text = f"{counted} of the people recorded live there. {NOT_EXACT}"


class SharingForm(EditForm):
    submit_label = "Save the decision"
    ONLY_EDITING = ("ends_on", "mistaken")
    FIELDS = ("decision", "with_whom", "what", "person", "reason", "basis", "told", "decided_on", "ends_on", "mistaken")

    decision = forms.ChoiceField(
        label="What was decided?", choices=SharingDecision.Decision.choices, widget=forms.RadioSelect
    )
    with_whom = short("With whom?", required=True, max_length=160, help_text="Name and organisation")
    what = short("Which information?", required=True, max_length=300)
    person = PersonField(label="About whom?", required=False)
    reason = long("Why?", required=True, rows=4, help_text="The reason for sharing, or for not sharing")
    basis = forms.ChoiceField(
        label="What does it rest on?", choices=SharingDecision.Basis.choices, widget=forms.RadioSelect
    )
    told = forms.ChoiceField(
        label="Was the family told?", choices=SharingDecision.Told.choices, widget=forms.RadioSelect
    )
    decided_on = DatePartsField(label="When was it decided?", latest=today)
    ends_on = _end("No longer in force since", help_text="Empty while it holds")
    mistaken = _mistake()

    def __init__(self, *args: Any, people: Collection[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(people, empty="The whole family")


def agreement_said(agreement: Agreement) -> dict[str, Any]:
    return {name: getattr(agreement, name) for name in ("given_by", "given_on", "how", "covers")}
