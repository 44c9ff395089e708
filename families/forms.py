"""What is asked about families and people, and in which words."""

from datetime import date
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, YesNoField
from clusters.models import School, Term, User
from clusters.terms import TermField, Terms, TermsField, choices, grouped
from families.identifiers import check_nhs_number, check_upn
from families.models import Employment, Family, Flag, Gender, Involvement, Person, SendNeed, Support
from families.search import Asked

LONG = 5000
OLDEST_DAYS = 120 * 366


class UpnField(forms.CharField):
    """A unique pupil number; refused for its shape or its check letter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "UPN", "required": False, "max_length": 20, **kwargs})
        self.widget.attrs |= {"class": "govuk-input--width-20", "spellcheck": "false", "autocomplete": "off"}

    def clean(self, value: Any) -> str:
        return check_upn(super().clean(value))


class NhsNumberField(forms.CharField):
    """An NHS number; refused for its check digit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "NHS number", "required": False, "max_length": 20, **kwargs})
        self.widget.attrs |= {"class": "govuk-input--width-10", "inputmode": "numeric", "autocomplete": "off"}

    def clean(self, value: Any) -> str:
        return check_nhs_number(super().clean(value))


def today() -> date:
    return timezone.localdate()


def short(label: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, **{"required": False, "max_length": 120, **kwargs})


def long(label: str, **kwargs: Any) -> forms.CharField:
    rows = kwargs.pop("rows", 4)
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, **{"required": False, "max_length": LONG, "widget": widget, **kwargs})


class FindForm(EhsForm):
    """Search by more than one line. Posted, so that no name stands in an address."""

    submit_label = "Search"
    with_token = False
    mark_optional = False

    name = forms.CharField(
        label="Name",
        required=False,
        max_length=120,
        help_text="First, last or known-as name, in any order. Spellings that sound alike are found too.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    birth_date = DatePartsField(label="Date of birth", required=False, help_text="For example, 27 3 2016", latest=today)
    upn = UpnField(help_text="13 characters, starting with a letter")
    nhs_number = NhsNumberField()
    address = forms.CharField(
        label="Address", required=False, max_length=200, help_text="House number and street",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    school = forms.ModelChoiceField(
        label="School", queryset=School.objects.none(), required=False, empty_label="Any, or not known"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = School.objects.all()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not self.asked:
            raise forms.ValidationError("Enter a name, a date of birth, a number or an address to search for")
        return values

    @property
    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(
            name=data.get("name", ""),
            birth_date=data.get("birth_date"),
            upn=data.get("upn", ""),
            nhs_number=data.get("nhs_number", ""),
            address=data.get("address", ""),
            school_id=data["school"].pk if data.get("school") else None,
        )


class FamilyForm(EhsForm):
    """Name, address and numbers of a family; knows the version that its editor saw."""

    name = short("Family name", required=True)
    address = short("Address", max_length=200)
    postcode = short("Postcode", max_length=10)
    telephone = short("Telephone", max_length=40)
    own_number = short("The Cluster’s own family number", max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, width in (("postcode", 10), ("telephone", 20), ("own_number", 20)):
            self.fields[name].widget.attrs["class"] = f"govuk-input--width-{width}"

    @staticmethod
    def said(family: Family) -> dict[str, Any]:
        return {name: getattr(family, name) for name in ("name", "address", "postcode", "telephone", "own_number")}


def person_terms(person: Person) -> list[int | None]:
    """Keys of the terms that a person's record holds."""
    needs = [need.type_id for need in person.send_needs.all()]
    return [person.ethnicity_id, person.first_language_id, person.relationship_id, *needs]


class PersonForm(EhsForm):
    """A member of the family or of its network."""

    VOCABULARIES = ("ethnicity", "language", "relationship", "year_group", "sen_type")
    PLAIN = (
        "first_name", "last_name", "known_as", "birth_date", "is_child", "in_household", "involvement",
        "involvement_why", "gender",
        "gender_words", "interpreter_needed", "year_group", "upn", "nhs_number", "telephone", "other_address",
        "parental_responsibility", "employment", "support", "deceased", "died_on",
    )  # fmt: skip
    LINKED = ("relationship", "ethnicity", "first_language", "school")

    first_name = short("First name", max_length=80)
    last_name = short("Last name", required=True, max_length=80)
    known_as = short("Known as", max_length=80)
    is_child = YesNoField(label="Is this a child?")
    birth_date = DatePartsField(label="Date of birth", required=False, latest=today)
    gender = forms.ChoiceField(label="Gender", choices=Gender.choices, widget=forms.RadioSelect)
    gender_words = short("In their words", max_length=60)
    ethnicity = TermField(label="Ethnicity", required=False)
    first_language = TermField(label="First language", required=False)
    interpreter_needed = YesNoField(label="Is an interpreter needed?", unknown=True, required=False)
    relationship = TermField(label="Relationship to the child or children", required=False)
    parental_responsibility = YesNoField(label="Parental responsibility?", unknown=True, required=False)
    in_household = YesNoField(label="Lives with the family?")
    involvement = forms.ChoiceField(label="Part in the plan", choices=Involvement.choices, widget=forms.RadioSelect)
    involvement_why = short("Why?", max_length=300)
    employment = forms.ChoiceField(label="Work", choices=Employment.choices, required=False)
    support = forms.ChoiceField(
        label="Tie to the family",
        choices=Support.choices,
        required=False,
        help_text="For somebody outside the home: can the family count on them?",
    )
    deceased = forms.BooleanField(label="Has died", required=False)
    died_on = DatePartsField(label="Died on", required=False, latest=today)
    telephone = short("Telephone", max_length=40)
    other_address = short("Address, when not the family’s", max_length=200)
    school = forms.ModelChoiceField(
        label="School", queryset=School.objects.none(), required=False, empty_label="None, or not known"
    )
    year_group = forms.ChoiceField(label="Year group", required=False)
    upn = UpnField()
    nhs_number = NhsNumberField()
    diagnosed = TermsField(label="Special educational needs, disability or health needs: diagnosed")
    queried = TermsField(label="The same: queried, or being assessed")

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        held = person_terms(person) if person else ()
        super().__init__(*args, **kwargs)
        terms = Terms(*self.VOCABULARIES, keep=held)
        fields: dict[str, Any] = self.fields
        fields["gender"].widget.attrs["reveals"] = {Gender.OTHER.value: "gender_words"}
        fields["involvement"].widget.attrs["reveals"] = {Involvement.NOT_TO_BE.value: "involvement_why"}
        fields["ethnicity"].offer(terms, grouped(terms.of("ethnicity"), empty="Not known"))
        fields["first_language"].offer(terms, choices(terms.of("language"), empty="Not known"))
        fields["relationship"].offer(terms, choices(terms.of("relationship"), empty="Choose"))
        fields["school"].queryset = School.objects.open()
        if person and person.school_id:
            # A child of a school that closed since keeps it until somebody says another.
            fields["school"].queryset |= School.objects.filter(pk=person.school_id)
        fields["year_group"].choices = [("", "None, or not known")] + [
            (term.code, term.label) for term in terms.of("year_group")
        ]
        if person and person.year_group and person.year_group not in dict(fields["year_group"].choices):
            fields["year_group"].choices += [(person.year_group, person.year_group)]
        for name in ("diagnosed", "queried"):
            fields[name].offer(terms, choices(terms.of("sen_type")))
            fields[name].widget.attrs["choices_class"] = "govuk-checkboxes--small eh-columns"
        fields["telephone"].widget.attrs["class"] = "govuk-input--width-20"

    def layout(self) -> Layout:
        return Layout(
            Fieldset("Who", "first_name", "last_name", "known_as", "is_child", "birth_date", "gender", "relationship",
                     "parental_responsibility", "in_household", "involvement"),
            Fieldset("Language and background", "first_language", "interpreter_needed", "ethnicity", "employment"),
            Fieldset("Part in the family’s life", "support", "deceased", "died_on"),
            Fieldset("How to reach them", "telephone", "other_address"),
            Fieldset("For a child", "school", "year_group", "upn", "nhs_number", "diagnosed", "queried"),
        )  # fmt: skip

    def clean_birth_date(self) -> date | None:
        born = self.cleaned_data["birth_date"]
        if born and (today() - born).days > OLDEST_DAYS:
            raise forms.ValidationError("Date of birth is more than 120 years ago. Check the year")
        return born

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("employment", "support"):
            values[name] = values.get(name) or "unknown"
        values["deceased"] = bool(values.get("deceased") or values.get("died_on"))
        if values.get("died_on") and values.get("birth_date") and values["died_on"] < values["birth_date"]:
            self.add_error("died_on", "Nobody dies before the date of birth")
        return values

    @property
    def details(self) -> dict[str, Any]:
        """For `save_person`: plain fields, and the keys of what is linked."""
        values = self.cleaned_data
        details = {name: values[name] for name in self.PLAIN}
        return details | {f"{name}_id": values[name].pk if values[name] else None for name in self.LINKED}

    @property
    def needs(self) -> list[tuple[str, Term]]:
        diagnosed = list(self.cleaned_data["diagnosed"])
        queried = [term for term in self.cleaned_data["queried"] if term not in diagnosed]
        status = SendNeed.Status
        return [(status.DIAGNOSED, term) for term in diagnosed] + [(status.QUERIED, term) for term in queried]

    @classmethod
    def said(cls, person: Person) -> dict[str, Any]:
        """What the record says, as the form takes it."""
        needs = list(person.send_needs.filter(ends_on__isnull=True).select_related("type"))
        return {
            **{name: getattr(person, name) for name in (*cls.PLAIN, *cls.LINKED)},
            "diagnosed": [need.type for need in needs if need.status == SendNeed.Status.DIAGNOSED],
            "queried": [need.type for need in needs if need.status == SendNeed.Status.QUERIED],
        }


class ConfirmForm(EhsForm):
    """Asked beside the person's form when somebody like that is known already."""

    with_token = False

    none_of_these = forms.BooleanField(label="This is none of the people above", required=False)


class FlagForm(EhsForm):
    submit_label = "Set the flag"
    SAID = ("kind", "text", "precaution", "address_of", "not_to_be_told")

    kind = forms.ChoiceField(label="What is it about?", choices=Flag.Kind.choices, widget=forms.RadioSelect)
    text = short("In words", max_length=300, help_text="What a worker must know, in one line")
    precaution = forms.ChoiceField(
        label="What does a visiting worker do?", choices=Flag.Precaution.choices, required=False
    )
    not_to_be_told = forms.ModelChoiceField(
        label="Who must not be told?",
        queryset=Person.objects.none(),
        required=False,
        empty_label="Nobody in particular",
        help_text="For an address that is not to be shared. Whatever is printed or sent leaves it out",
    )
    address_of = forms.ModelChoiceField(
        label="Whose address?", queryset=Person.objects.none(), required=False, empty_label="The family’s"
    )

    def __init__(self, *args: Any, family: Family, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(family_id=family.pk).order_by("is_child", "first_name")
        for name in ("not_to_be_told", "address_of"):
            self.fields[name].queryset = people

    @classmethod
    def said(cls, flag: Flag) -> dict[str, Any]:
        return {name: getattr(flag, name) for name in cls.SAID}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") == Flag.Kind.OTHER and not values.get("text"):
            self.add_error("text", "Enter what a worker must know")
        if values.get("kind") != Flag.Kind.VISITING_RISK:
            values["precaution"] = ""
        if values.get("kind") != Flag.Kind.ADDRESS_NOT_SHARED:
            values["address_of"] = None
        return values


class AgreementForm(EhsForm):
    submit_label = "Record the agreement"

    given_by = short("Who agreed?", required=True, help_text="Name and relationship to the child")
    given_on = DatePartsField(label="When did they agree?", latest=today)
    how = short("How?", help_text="For example in a meeting at school, by telephone")
    covers = long("What does the agreement cover?", rows=3)


class RestrictForm(EhsForm):
    """Restricted or not, and who may read it: people with a post in the Cluster."""

    restricted = YesNoField(label="Restrict this record to named people?")
    readers = forms.ModelMultipleChoiceField(
        label="Who may read it, beside you?",
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, colleagues: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["readers"].queryset = colleagues


class BreakGlassForm(EhsForm):
    submit_label = "Open the record for four hours"
    submit_class = "govuk-button--warning"
    cancel_url = reverse_lazy("home")

    reason = long(
        "Why do you need this record now?", required=True, rows=3, max_length=500, min_length=10,
        help_text="Your name and this reason are written into the record, and its leaders are told at once.",
    )  # fmt: skip


class EmergencyForm(BreakGlassForm):
    """When one knows only the reference, as said on the telephone."""

    field_order = ("reference", "reason")

    reference = short(
        "Reference of the family’s record", required=True, max_length=24, help_text="For example RI-F2026-0142"
    )
