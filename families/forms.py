"""What is asked about families and people, and in which words."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm
from families.identifiers import check_nhs_number, check_upn
from families.search import Asked


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

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not self.asked:
            raise forms.ValidationError("Enter a name, a date of birth or a UPN to search for")
        return values

    @property
    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(
            name=data.get("name", ""),
            birth_date=data.get("birth_date"),
            upn=data.get("upn", ""),
            nhs_number=data.get("nhs_number", ""),
        )
