"""The part of a brother or sister on the form of a referral."""

from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms

from cluster_ehs.core.forms import DatePartsField
from clusters.models import School
from clusters.terms import TermField, grouped
from families.forms import NhsNumberField, UpnField, short
from families.models import Gender
from referrals import rules
from referrals.forms import ReasonsForm


class SiblingForm(ReasonsForm):
    """A brother or sister: what is not the same as for the first child. known: their record is not changed here."""

    key, title = "sibling", "A brother or sister"
    lead = "The text, the referrer and the agreement are the same for all children of this form."
    vocabularies = ("reason", "ethnicity", "year_group")
    WHO = ("first_name", "last_name", "birth_date", "age_given", "gender", "ethnicity", "upn", "nhs_number")

    first_name = short("First name", required=True, max_length=80)
    last_name = short("Last name", required=True, max_length=80)
    birth_date = DatePartsField(label="Date of birth", required=False, help_text="For example, 27 3 2016")
    age_given = forms.IntegerField(
        label="Age in years, if the date of birth is not known",
        required=False,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    gender = forms.ChoiceField(label="Gender", choices=Gender.choices, widget=forms.RadioSelect)
    ethnicity = TermField(label="Ethnicity", help_text="Choose “Information not obtained” when nobody has asked yet.")
    upn = UpnField(help_text="13 characters, starting with a letter. The school has it.")
    nhs_number = NhsNumberField(help_text="10 digits")
    school = forms.ModelChoiceField(
        label="School",
        queryset=School.objects.none(),
        required=False,
        empty_label="Not at a school, or not known",
        help_text="It may belong to another Cluster than the first child’s.",
    )
    year_group = forms.ChoiceField(label="Year group", required=False)

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        self.known = known
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        super().offer()
        self.fields["school"].queryset = School.objects.open()
        years = [(term.code, term.label) for term in self.terms.of("year_group")]
        self.fields["year_group"].choices = [("", "Not known"), *years]
        if self.known:
            for name in self.WHO:
                del self.fields[name]
        else:
            self.fields["ethnicity"].offer(self.terms, grouped(self.terms.of("ethnicity"), empty="Choose"))

    def layout(self) -> Layout:
        who = [] if self.known else [Fieldset("The child", *self.WHO)]
        return Layout(
            *who,
            Fieldset("School", "school", "year_group"),
            Fieldset("Reasons for asking, for this child", *self.categories),
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.check("birth_date", rules.check_birth_date, values.get("birth_date"))
        self.check("age_given", rules.check_age_given, values.get("age_given"))
        return values
