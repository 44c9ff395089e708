"""The short sections of a referral, each a form of its own over one draft."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError

from cluster_ehs.core.forms import DatePartsField, EhsFilterForm, EhsForm, YesNoField
from cluster_ehs.core.uploads import UploadField
from clusters.models import NeedLevel, School, Term
from clusters.need import offer_levels
from clusters.terms import TermField, Terms, TermsField, choices, grouped
from families.forms import NhsNumberField, UpnField, long, short, today
from families.models import Gender, SendNeed
from referrals import rules
from referrals.models import Agreed, Channel, Status

LATER = {
    "name": "later",
    "value": "yes",
    "label": "Save and come back later",
    "classes": "govuk-button--secondary",
}


class HeardOf(forms.IntegerField):
    """The version of the draft that this page last heard of; shown as of now, whatever was sent."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class SectionForm(EhsForm):
    """What the sections share. `key` names the part of the draft, `vocabularies` the code lists it needs."""

    key: ClassVar[str]
    title: ClassVar[str]
    lead: ClassVar[str] = ""
    vocabularies: ClassVar[tuple[str, ...]] = ()
    submit_label = "Save and continue"
    more_buttons: Iterable[dict[str, Any]] = (LATER,)
    with_token = False

    def __init__(self, *args: Any, terms: Terms | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["draft_version"] = HeardOf(required=False, initial=self.draft_version)
        self.terms = terms or Terms(*self.vocabularies)
        self.offer()

    def offer(self) -> None:
        """Set the choices; at import there is nothing to choose from yet."""

    def heard_of(self, version: int) -> None:
        """The next sending of this page is made knowing this version."""
        self.draft_version = self.fields["draft_version"].initial = version

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values.items() if name != "draft_version"}

    def check(self, name: str, rule: Any, *values: Any) -> None:
        """Put what a rule says under the field it is about."""
        try:
            rule(*values)
        except ValidationError as error:
            self.add_error(name, error)


class ChildForm(SectionForm):
    key, title = "child", "Child and family"
    vocabularies = ("ethnicity", "language", "relationship")

    first_name = short("First name", required=True, max_length=80)
    last_name = short("Last name", required=True, max_length=80)
    known_as = short("Known as", max_length=80)
    birth_date = DatePartsField(label="Date of birth", required=False, help_text="For example, 27 3 2016")
    age_given = forms.IntegerField(
        label="Age in years, if the date of birth is not known",
        required=False,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    gender = forms.ChoiceField(label="Gender", choices=Gender.choices, widget=forms.RadioSelect)
    gender_words = short("In their words", max_length=60)
    ethnicity = TermField(label="Ethnicity", help_text="Choose “Information not obtained” when nobody has asked yet.")
    first_language = TermField(label="First language", required=False)
    interpreter_needed = YesNoField(label="Does the child need an interpreter?", unknown=True, required=False)
    upn = UpnField(help_text="13 characters, starting with a letter. The school has it.")
    nhs_number = NhsNumberField(help_text="10 digits")
    address = short("Address of the family", max_length=200)
    postcode = short("Postcode", max_length=10)
    telephone = short("Telephone", max_length=40)
    carer_first_name = short("First name", max_length=80)
    carer_last_name = short("Last name", max_length=80)
    carer_relationship = TermField(label="Relationship to the child", required=False)
    carer_telephone = short("Telephone", max_length=40)
    carer_interpreter = YesNoField(label="Does this person need an interpreter?", unknown=True, required=False)

    def offer(self) -> None:
        self.fields["gender"].widget.attrs["reveals"] = {Gender.OTHER.value: "gender_words"}
        self.fields["ethnicity"].offer(self.terms, grouped(self.terms.of("ethnicity"), empty="Choose"))
        self.fields["first_language"].offer(self.terms, choices(self.terms.of("language"), empty="Not known"))
        self.fields["carer_relationship"].offer(self.terms, choices(self.terms.of("relationship"), empty="Choose"))
        for name, width in (("postcode", 10), ("telephone", 20), ("carer_telephone", 20)):
            self.fields[name].widget.attrs["class"] = f"govuk-input--width-{width}"

    def layout(self) -> Layout:
        return Layout(
            Fieldset("The child", "first_name", "last_name", "known_as", "birth_date", "age_given", "gender",
                     "ethnicity", "first_language", "interpreter_needed", "upn", "nhs_number"),
            Fieldset("Where the family lives", "address", "postcode", "telephone"),
            Fieldset("A parent or carer", "carer_first_name", "carer_last_name", "carer_relationship",
                     "carer_telephone", "carer_interpreter"),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.check("birth_date", rules.check_birth_date, values.get("birth_date"))
        self.check("age_given", rules.check_age_given, values.get("age_given"))
        return values


class SchoolForm(SectionForm):
    key, title = "school", "School"
    vocabularies = ("year_group", "sen_type")

    school = forms.ModelChoiceField(
        label="School",
        queryset=School.objects.none(),
        required=False,
        empty_label="Not at a school, or not known",
        help_text="The school’s Cluster is the one that helps.",
    )
    year_group = forms.ChoiceField(label="Year group", required=False)
    attendance_percent = forms.DecimalField(
        label="Attendance",
        required=False,
        max_digits=4,
        decimal_places=1,
        help_text="Per cent of sessions this school year",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-4", "inputmode": "decimal", "suffix": "%"}),
    )
    diagnosed = TermsField(label="Special educational needs, disability or health needs: diagnosed")
    queried = TermsField(label="The same: queried, or being assessed")

    def offer(self) -> None:
        self.fields["school"].queryset = School.objects.open()
        years = [(term.code, term.label) for term in self.terms.of("year_group")]
        self.fields["year_group"].choices = [("", "Not known"), *years]
        for name in ("diagnosed", "queried"):
            self.fields[name].offer(self.terms, choices(self.terms.of("sen_type")))
            self.fields[name].widget.attrs["choices_class"] = "govuk-checkboxes--small eh-columns"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.check("attendance_percent", rules.check_attendance, values.get("attendance_percent"))
        return values

    @property
    def needs(self) -> list[tuple[str, Term]]:
        """Pairs of status and type; a need that is diagnosed is not queried as well."""
        diagnosed = list(self.cleaned_data["diagnosed"])
        queried = [term for term in self.cleaned_data["queried"] if term not in diagnosed]
        return [(SendNeed.Status.DIAGNOSED, term) for term in diagnosed] + [
            (SendNeed.Status.QUERIED, term) for term in queried
        ]


class ReferrerForm(SectionForm):
    key, title = "referrer", "Who refers"
    vocabularies = ("route",)

    received_on = DatePartsField(label="Date received", latest=today, initial=today)
    route = TermField(label="Who asks for help?", widget=forms.RadioSelect)
    channel = forms.ChoiceField(
        label="How did it reach you?",
        choices=[choice for choice in Channel.choices if choice[0] != Channel.IMPORTED],
        widget=forms.RadioSelect,
    )
    name = short("Name of the person who refers")
    role = short("Their role")
    organisation = short("School, service or organisation", max_length=160)
    telephone = short("Telephone", max_length=40)
    email = forms.EmailField(label="E-mail address", required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("received_on"):
            self.check("received_on", rules.check_received_on, values["received_on"])
        return values

    def offer(self) -> None:
        self.fields["route"].offer(self.terms, choices(self.terms.of("route")))
        self.fields["telephone"].widget.attrs["class"] = "govuk-input--width-20"


class ReasonsForm(SectionForm):
    key, title = "reasons", "Reasons for asking"
    lead = "Tick all that apply, in as many groups as you need."
    vocabularies: ClassVar[tuple[str, ...]] = ("reason",)

    def offer(self) -> None:
        self.categories = {f"reason_{term.pk}": term for term in self.terms.main("reason")}
        for name, category in self.categories.items():
            below = self.terms.children(category)
            whole = "Yes" if not below else f"{category.label}, not said which"
            field = TermsField(label=category.label)
            field.offer(self.terms, [*choices(below), (str(category.pk), whole)])
            field.widget.attrs["choices_class"] = "govuk-checkboxes--small eh-columns"
            self.fields[name] = field
        self.mark_optional = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.get(name) for name in self.categories):
            first = next(iter(self.categories), None)
            self.add_error(first, "Tick at least one reason for asking")
        return values

    @property
    def reasons(self) -> list[tuple[Term, Term | None]]:
        """Pairs of category and sub-reason; the bare category only where no sub-reason of it is ticked."""
        return list(self._reasons())

    def _reasons(self) -> Iterator[tuple[Term, Term | None]]:
        for name, category in self.categories.items():
            ticked = self.cleaned_data.get(name) or []
            below = [term for term in ticked if term != category]
            if below:
                yield from ((category, term) for term in below)
            elif ticked:
                yield (category, None)


class StoryForm(SectionForm):
    key, title = "story", "What is going on"

    # A whole report pasted in is kept whole.
    worrying = long("What is worrying?", required=True, rows=6, max_length=100_000)
    tried = long("What has been tried?", max_length=20_000)
    going_well = long(
        "What is going well?", help_text="Strengths, people who help, what the child likes", max_length=20_000
    )
    family_wants = long("What does the family want?", max_length=20_000)
    child_says = long("What does the child say?", help_text="In the child’s own words, if you can", max_length=20_000)
    lives_at_home = long(
        "Who lives at home?", help_text="Brothers and sisters with their ages, and others", rows=3, max_length=20_000
    )
    who_else_helps = long("Who else helps the family?", rows=3, max_length=20_000)


class AgreementForm(SectionForm):
    key, title = "agreement", "Does the family agree?"

    agreed = forms.ChoiceField(
        label="Does the family know and agree?", choices=Agreed.choices, widget=forms.RadioSelect
    )
    agreed_by = short("Who agreed?", help_text="Name and relationship to the child")
    agreed_on = DatePartsField(label="When did they agree?", required=False, latest=today)
    agreed_how = short("How?", help_text="For example in a meeting at school, by telephone")
    covers = long("What does the agreement cover?", rows=2, help_text="For example talking to the GP and the school")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("agreed") == Agreed.YES:
            if not values.get("agreed_by"):
                self.add_error("agreed_by", "Enter who agreed")
            if not values.get("agreed_on") and "agreed_on" not in self.errors:
                self.add_error("agreed_on", "Enter the day they agreed")
        return values


class RisksForm(SectionForm):
    key, title = "risks", "Risk of harm and level of need"

    harm = YesNoField(
        label="Is a child at risk of significant harm?",
        help_text="If you answer yes, the Cluster’s leaders are told as soon as you submit.",
    )
    need_level = forms.ModelChoiceField(
        label="Level of need",
        queryset=NeedLevel.objects.none(),
        required=False,
        empty_label="Not judged",
        help_text="Against the authority’s thresholds, as it looks today. The decision judges it again.",
    )
    visiting_risks = long("Is there a risk to a worker who visits?", rows=3, max_length=300)
    address_not_shared = short(
        "Must somebody not be told the address?", max_length=300, help_text="Who, and why. Leave empty when not."
    )
    restricted = YesNoField(
        label="Is it the family of somebody who works here, or must few people know of it?",
        required=False,
        help_text="If yes, only you and the Cluster’s leaders can open the new record, from the first moment. "
        "A record that is there already is restricted by a leader.",
    )

    def offer(self) -> None:
        offer_levels(self)


class SiblingsForm(SectionForm):
    """The search for a brother or sister who is not listed; those who were added are kept apart from it."""

    key, title = "siblings", "Brothers and sisters"
    vocabularies = ("reason", "ethnicity", "year_group")
    lead = "Does the same worry concern further children of the family? Each gets a referral, with the same text."
    submit_label = "Search"
    more_buttons: Iterable[dict[str, Any]] = ()
    mark_optional = False

    name = short("Name of the child")
    birth_date = DatePartsField(label="Date of birth", required=False, help_text="For example, 27 3 2016")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values.get("name") and not values.get("birth_date"):
            self.add_error("name", "Enter the name or the date of birth")
        return values


class FilesForm(SectionForm):
    key, title = "files", "Files"
    lead = "A letter, a form, a report: PDF, Word, Excel, picture or plain text, at most 20 MB each."
    submit_label = "Add the file"
    more_buttons: Iterable[dict[str, Any]] = ()

    file = UploadField(label="Add a file")


SECTIONS: dict[str, type[SectionForm]] = {
    form.key: form
    for form in (
        RisksForm,
        ChildForm,
        SchoolForm,
        ReferrerForm,
        ReasonsForm,
        StoryForm,
        AgreementForm,
        SiblingsForm,
        FilesForm,
    )
}
GROUPS = (
    ("First of all", ("risks",)),
    ("About the child", ("child", "school")),
    ("About the referral", ("referrer", "reasons", "story")),
    ("Before we start", ("agreement", "siblings", "files")),
)


class SubmitForm(EhsForm):
    """The last step: nothing to fill in, except for a leader who takes a child of another school."""

    submit_label = "Submit the referral"

    override_reason = long("Why does the Cluster take this child?", rows=2, max_length=500)


class OverrideForm(EhsForm):
    submit_label = "Take the referral"
    mark_optional = False

    override_reason = long("Why does the Cluster take this child?", rows=3, max_length=500, required=True)


class ListFilter(EhsFilterForm):
    """Above the list. Addresses hold keys of routes and statuses, never a name."""

    status = forms.ChoiceField(
        label="Status", required=False, widget=forms.HiddenInput, choices=[("", ""), *Status.choices]
    )
    route = forms.ChoiceField(label="Who asked", required=False)

    def __init__(self, *args: Any, routes: list[Term], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["route"].choices = [("", "Anybody"), *((str(term.pk), term.label) for term in routes)]
