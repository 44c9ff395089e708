"""The one-page reading, the second reader's page, drawing a sample, and the cut points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from cluster_ehs.core.forms import DatePartsField, EhsForm, Score, TickRadios, Ticks
from clusters.models import User
from families.models import Person
from outcomes.models import FamilyReading
from outcomes.readings.scale import HIGHEST, LOWEST, WORDS, Domain, range_of
from outcomes.readings.selectors import Read
from outcomes.readings.services import MOST_SEED

NOT_DISCUSSED = "none"
NUMBER = {"class": "govuk-input--width-3"}


def points_field(domain: Domain, *, was: int | None, skip: str) -> forms.TypedChoiceField:
    choices = [(str(n), str(n)) for n in range(LOWEST, HIGHEST + 1)]
    wrong = f"{domain.label}: choose a number from 1 to 10, or “{skip}”"
    last = f" Last time {was}." if was is not None else ""
    return forms.TypedChoiceField(
        label=domain.label,
        help_text=f"{WORDS[domain].question}{last}",
        choices=[*choices, (NOT_DISCUSSED, skip)],
        coerce=lambda value: None if value == NOT_DISCUSSED else int(value),
        widget=Score(was=was),
        error_messages={"required": wrong, "invalid_choice": wrong},
    )


def stages_of(domain: Domain) -> str:
    """What the numbers mean: five columns under the row where there is room, behind a word on a phone."""
    rows = [(*range_of(stage), text) for stage, text in enumerate(WORDS[domain].stages, 1)]
    wide = format_html_join("", "<li>{}</li>", ((text,) for _a, _b, text in rows))
    narrow = format_html_join("", "<li><b>{} or {}</b> {}</li>", rows)
    return format_html(
        '<ol class="eh-stages eh-stages--wide">{}</ol><details class="govuk-details eh-stages--narrow">'
        '<summary class="govuk-details__summary"><span class="govuk-details__summary-text">What the numbers mean'
        '<span class="govuk-visually-hidden"> for {}</span></span></summary>'
        '<ol class="govuk-details__text eh-stages">{}</ol></details>',
        wide,
        domain.label,
        narrow,
    )


class TenDomains(EhsForm):
    """A row of numbers for each domain."""

    skip = "Not discussed"
    label_size = "m"
    mark_optional = False

    def add_domains(self, was: dict[str, int | None]) -> None:
        for domain in Domain:
            self.fields[f"points_{domain.value}"] = points_field(domain, was=was.get(domain.value), skip=self.skip)

    def domain_layout(self, *more: str) -> list[Any]:
        rows = []
        for domain in Domain:
            names = [f"{name}_{domain.value}" for name in more]
            rows.append(Div(f"points_{domain.value}", HTML(stages_of(domain)), *names, css_class="eh-reading"))
        return rows

    @property
    def points(self) -> dict[str, int | None]:
        return {domain: self.cleaned_data[f"points_{domain}"] for domain in Domain.values}


class ReadingForm(TenDomains):
    """A reading with the family. `reading` is the one to be corrected, `last` the one before."""

    submit_label = "Save the reading"

    moment = forms.ChoiceField(
        label="Which reading is it?",
        choices=FamilyReading.Moment.choices,
        widget=TickRadios,
        error_messages={"required": "Choose whether it is at the start, at a review or at the end"},
    )
    taken_on = DatePartsField(label="On which day?", latest=timezone.localdate)
    people = forms.MultipleChoiceField(label="With whom was it made?", widget=Ticks, required=False)
    others = forms.CharField(
        label="Who else",
        required=False,
        max_length=200,
        help_text="An interpreter, a school nurse. If nobody of the family took part, write why.",
    )
    whole = forms.CharField(
        label="What does the family say about it as a whole?",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        people: Iterable[Person],
        moment: str,
        last: Read | None = None,
        reading: Read | None = None,
        made_with: Iterable[str] = (),
        others: str = "",
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"moment": moment, "taken_on": timezone.localdate()}
        if reading is not None:
            initial |= {"taken_on": reading.taken_on, "people": list(made_with), "others": others}
            initial |= {"whole": reading.words.get("", "")}
            for domain, points in reading.points.items():
                initial[f"points_{domain}"] = NOT_DISCUSSED if points is None else str(points)
                initial[f"why_{domain}"] = reading.words.get(domain, "")
        super().__init__(*args, initial=initial, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["people"].choices = [(str(p.pk), p.short_name) for p in people if not p.deceased]
        self.add_domains(last.points if last else {})
        for domain in Domain:
            fields[f"why_{domain.value}"] = forms.CharField(
                label="Why there? In a few words",
                required=False,
                max_length=300,
                widget=forms.TextInput(attrs={"label_class": "govuk-!-font-weight-regular"}),
            )

    def layout(self) -> Layout:
        return Layout("moment", "taken_on", "people", "others", *self.domain_layout("why"), "whole")

    @property
    def words(self) -> dict[str, str]:
        data = self.cleaned_data
        return {"": data["whole"]} | {domain: data[f"why_{domain}"] for domain in Domain.values}


class SecondForm(TenDomains):
    """What the second reader gives, from the record alone."""

    submit_label = "Save my reading"
    skip = "The record does not say"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_domains({})

    def layout(self) -> Layout:
        return Layout(*self.domain_layout())


class SampleForm(EhsForm):
    submit_label = "Draw the readings"

    cluster = forms.ChoiceField(label="Of which Cluster?")
    reader = forms.ChoiceField(
        label="Who reads a second time?",
        help_text="Readings that this person made are left out.",
        error_messages={"required": "Choose who reads a second time"},
    )
    moments = forms.MultipleChoiceField(
        label="Which readings?",
        choices=FamilyReading.Moment.choices,
        widget=Ticks,
        initial=[FamilyReading.Moment.START.value, FamilyReading.Moment.END.value],
        error_messages={"required": "Choose at least one kind of reading"},
    )
    starts_on = DatePartsField(label="Made from")
    ends_on = DatePartsField(label="To", latest=timezone.localdate)
    wanted = forms.IntegerField(
        label="How many?", min_value=1, max_value=60, initial=8, widget=forms.NumberInput(attrs=NUMBER)
    )
    seed = forms.IntegerField(
        label="Seed",
        required=False,
        min_value=1,
        max_value=MOST_SEED,
        help_text="Leave empty. With the seed of an earlier draw the same readings come again.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
    )

    def __init__(self, *args: Any, clusters: list[tuple[str, str]], readers: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.readers = {str(user.pk): user for user in readers}
        fields["cluster"].choices = clusters
        fields["cluster"].initial = clusters[0][0]
        if len(clusters) == 1:
            fields["cluster"].widget = forms.HiddenInput()
        fields["reader"].choices = [("", "Choose"), *((key, user.name) for key, user in self.readers.items())]
        today = timezone.localdate()
        fields["starts_on"].initial, fields["ends_on"].initial = today - timedelta(days=182), today


class CutsForm(EhsForm):
    submit_label = "Save the cut points"

    low = forms.DecimalField(
        label="Low is up to",
        min_value=Decimal(LOWEST),
        max_value=Decimal(HIGHEST),
        max_digits=3,
        decimal_places=1,
        widget=forms.NumberInput(attrs=NUMBER),
    )
    middle = forms.DecimalField(
        label="Middle is up to",
        min_value=Decimal(LOWEST),
        max_value=Decimal(HIGHEST),
        max_digits=3,
        decimal_places=1,
        help_text="Above it is high.",
        widget=forms.NumberInput(attrs=NUMBER),
    )
    starts_on = DatePartsField(label="From which day?", initial=timezone.localdate)
    why = forms.CharField(label="Why", max_length=300, required=False)
