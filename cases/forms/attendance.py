"""Attendance typed for one period, read from a school's file, and stages of legal action."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.attendance_csv import COLUMNS
from cases.models import LegalStep, SchoolAttendance
from cases.services.attendance import LEGAL, Period
from cluster_ehs.core.forms import DatePartsField, EhsForm
from cluster_ehs.core.uploads import UploadField
from clusters.terms import TermField, Terms, choices
from families.models import Person


class OfAChild(EhsForm):
    person = forms.ChoiceField(label="Which child?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.children = {str(person.pk): person for person in people if person.is_child}
        field: Any = self.fields["person"]
        field.choices = [(key, child.short_name) for key, child in self.children.items()]
        if len(self.children) == 1:
            field.initial = next(iter(self.children))


def sessions(label: str, hint: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        required=False,
        min_value=0,
        max_value=1000,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
    )


class PeriodForm(OfAChild):
    starts_on = DatePartsField(label="First day", latest=timezone.localdate)
    ends_on = DatePartsField(label="Last day", help_text="A week, a half term or a term.", latest=timezone.localdate)
    possible = sessions("Possible sessions", "Two for each school day. Leave empty when you only know the percentage.")
    authorised = sessions("Of these, absent and authorised")
    unauthorised = sessions("Of these, absent and unauthorised")
    percentage = forms.DecimalField(
        label="Percentage attended",
        help_text="Only without sessions; with them it is worked out.",
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=1,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4", "suffix": "%"}),
    )
    source = forms.ChoiceField(
        label="Where is it from?", choices=SchoolAttendance.Source.choices, widget=forms.RadioSelect, initial="register"
    )

    def __init__(self, *args: Any, row: SchoolAttendance | None = None, **kwargs: Any) -> None:
        if row is not None:
            names = ("starts_on", "ends_on", "possible", "authorised", "unauthorised", "source")
            kwargs["initial"] = {name: getattr(row, name) for name in names} | {"person": str(row.person_id)}
            if row.possible is None:
                kwargs["initial"]["percentage"] = row.percentage
        super().__init__(*args, **kwargs)

    @property
    def period(self) -> Period:
        values = dict(self.values)
        return Period(self.children[values.pop("person")], **values)


class FileForm(EhsForm):
    """A file, or the same text once more when what it says has been looked at."""

    submit_label = "Look at it"

    file = UploadField(
        label="The school’s file",
        help_text=f"CSV with the columns {', '.join(COLUMNS)}. Child: first name, full name or UPN.",
        required=False,
    )
    text = forms.CharField(
        label="Or paste it here", required=False, max_length=100_000, widget=forms.Textarea(attrs={"rows": 6})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is not None:
            if file.size > 200_000:
                raise forms.ValidationError({"file": "The file is too large: at most 500 lines"})
            if not file.name.lower().endswith((".csv", ".txt")):
                raise forms.ValidationError({"file": "The file must be named .csv. Save the school’s sheet as CSV"})
            raw = file.read()
            try:
                data["text"] = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                data["text"] = raw.decode("cp1252", errors="replace")
        if not (data.get("text") or "").strip():
            raise forms.ValidationError({"file": "Choose the file, or paste its lines"})
        return data


class LegalForm(OfAChild):
    stage = TermField(label="Which stage?", widget=forms.RadioSelect)
    taken_on = DatePartsField(label="On which day?", latest=timezone.localdate)
    words = forms.CharField(
        label="Against whom, and for what?", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    outcome = forms.CharField(label="What came of it?", required=False, max_length=300)
    outcome_on = DatePartsField(label="When?", required=False, latest=timezone.localdate)

    def __init__(self, *args: Any, row: LegalStep | None = None, **kwargs: Any) -> None:
        if row is not None:
            names = ("taken_on", "words", "outcome", "outcome_on", "stage")
            kwargs["initial"] = {name: getattr(row, name) for name in names} | {"person": str(row.person_id)}
        super().__init__(*args, **kwargs)
        terms = Terms(LEGAL, keep=[row.stage_id] if row else [])
        stage: Any = self.fields["stage"]
        stage.offer(terms, choices(terms.of(LEGAL)))
