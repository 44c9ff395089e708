"""The six boxes as a form: any number of lines under each P, and who took part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.forms.contact import on_a_chip
from cases.models import Goal
from cluster_ehs.core.forms import DatePartsField, EhsForm, Ticks
from clusters.models import Term
from families.models import Person
from formulation.boxes import Box, Row, boxes_of, boxes_of_data, move, with_empty_lines
from formulation.models import Factor, Formulation, P, Setting
from formulation.services import FACTOR_LENGTH, Line


class FormulationForm(EhsForm):
    """`boxes` is what the page shows; `lines` is what the service saves. Nothing typed is ever dropped."""

    submit_label = "Save formulation"
    people = forms.MultipleChoiceField(
        label="Family members who took part",
        required=False,
        widget=Ticks,
        error_messages={"invalid_choice": "Choose family members from the list"},
    )
    professionals = forms.CharField(
        label="Professionals who took part",
        required=False,
        max_length=300,
        error_messages={"max_length": "Professionals who took part must be 300 characters or fewer"},
    )
    setting = forms.ChoiceField(label="How it was made", choices=Setting.choices)
    made_on = DatePartsField(label="Date it was made", latest=timezone.localdate)
    summary = forms.CharField(
        label="Summary",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="In words the family would use.",
        error_messages={"max_length": "Summary must be 4,000 characters or fewer"},
    )
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self,
        *args: Any,
        people: Iterable[Person],
        domains: Iterable[Term],
        formulation: Formulation | None = None,
        factors: Iterable[Factor] = (),
        number: int,
        setting: str = Setting.WITH_FAMILY,
        **kwargs: Any,
    ) -> None:
        initial = {"made_on": timezone.localdate(), "setting": setting, "number": number}
        if formulation is not None:
            initial |= {
                "summary": formulation.summary,
                "professionals": formulation.professionals,
                "people": [str(pk) for pk in getattr(formulation, "took_part", ())],
                "setting": formulation.setting,
            }
            if number == formulation.number:
                initial["made_on"] = formulation.made_on
        super().__init__(
            *args,
            initial={**initial, **kwargs.pop("initial", {})},
            version=formulation.version if formulation else 0,
            **kwargs,
        )
        self.family = list(people)
        self.domains = list(domains)
        self.fields["people"].choices = [(str(p.pk), on_a_chip(p)) for p in self.family]
        self.line_errors: list[tuple[str, str]] = []
        rows = boxes_of_data(self.data) if self.is_bound else boxes_of(factors)
        self.moved = move(rows, self.data["move"]) if self.is_bound and "move" in self.data else None
        self.boxes = list(rows.values())
        wanted = self.data.get("add") if self.is_bound else None
        labels = {str(t.pk): t.label for t in self.domains} | {str(p.pk): p.short_name for p in self.family}
        for box in self.boxes:
            with_empty_lines(box, more=wanted == box.p.value)
            for row in box.rows:
                row.tags = " · ".join(labels[v] for v in (row.domain, row.person) if v in labels)

    @property
    def is_rearranging(self) -> bool:
        """Sent by a button that adds lines or moves one: nothing is saved, nothing typed is lost."""
        return self.is_bound and ("add" in self.data or "move" in self.data)

    def clean(self) -> dict[str, Any]:
        self.lines = []
        domains = {str(term.pk) for term in self.domains}
        people = {str(person.pk) for person in self.family}
        for box in self.boxes:
            for row in box.rows:
                text = " ".join(row.text.split())
                if not text:
                    continue
                if len(text) > FACTOR_LENGTH:
                    self._wrong(
                        box, row, f"has {len(text)} characters; a factor has at most {FACTOR_LENGTH}. Split it in two"
                    )
                elif row.domain and row.domain not in domains:
                    self._wrong(box, row, "has a domain that is not in the list. Choose another")
                elif row.person and row.person not in people:
                    self._wrong(box, row, "names somebody who is not of this family. Choose another")
                else:
                    self.lines.append(
                        Line(
                            p=box.p.value,
                            text=text,
                            domain_id=int(row.domain) if row.domain else None,
                            person_id=UUID(row.person) if row.person else None,
                            factor_id=_uuid(row.factor),
                        )
                    )
        if not self.lines and not self.line_errors:
            self.add_error(None, "Write at least one factor in one of the six boxes: an empty formulation is not saved")
        return super().clean()

    def _wrong(self, box: Box, row: Row, what: str) -> None:
        start = " ".join(row.text.split())[:40]
        row.error = f"{box.label}: “{start}…” {what}"
        self.line_errors.append((f"id_{row.name}-text", row.error))
        self.add_error(None, ValidationError(row.error))

    def with_lines_of(self, other: Formulation, factors: Iterable[Factor], saved_by: str) -> None:
        """Somebody saved first: their lines that are not here are put beside mine, so that saving loses neither."""
        self.data = self.data.copy()
        self.data["version"] = str(other.version)
        self.data["number"] = str(max(other.number, int(self.data["number"])))
        mine = {row.factor for box in self.boxes for row in box.rows if row.factor}
        texts = {" ".join(row.text.split()).casefold() for box in self.boxes for row in box.rows}
        boxes = {box.p.value: box for box in self.boxes}
        for factor in factors:
            if str(factor.pk) in mine or factor.text.casefold() in texts:
                continue
            box = boxes[factor.p]
            number = max((row.number for row in box.rows), default=-1) + 1
            at = next((i for i, row in enumerate(box.rows) if not row.text.strip()), len(box.rows))
            box.rows.insert(
                at,
                Row(
                    factor.p,
                    number,
                    factor.text,
                    str(factor.domain_id or ""),
                    str(factor.person_id or ""),
                    str(factor.pk),
                    added_by=saved_by,
                ),
            )


class UseForm(EhsForm):
    """Which goal addresses which factors: a goal that is live, or a new one in the family's words."""

    submit_label = "Use in the plan"
    which = forms.ChoiceField(
        label="Which goal addresses it?",
        widget=forms.RadioSelect(attrs={"reveals": {"new": "words"}}),
        error_messages={"required": "Choose a goal, or a new one"},
    )
    words = forms.CharField(
        label="The goal, in the family’s words",
        required=False,
        max_length=300,
        error_messages={"max_length": "The goal must be 300 characters or fewer"},
    )
    factors = forms.MultipleChoiceField(
        label="Does it address other factors too?",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"choices_class": "govuk-checkboxes--small"}),
        error_messages={"invalid_choice": "Choose factors of this formulation"},
    )

    def __init__(
        self, *args: Any, goals: list[Goal], full: bool, factors: Iterable[Factor], chosen: Factor, **kwargs: Any
    ) -> None:
        self.first = chosen
        self.by_key = {str(factor.pk): factor for factor in factors if factor.pk != chosen.pk}
        super().__init__(*args, **kwargs)
        self.fields["factors"].choices = [
            (str(p.label), [(key, self._said(factor)) for key, factor in self.by_key.items() if factor.p == p])
            for p in P
            if any(factor.p == p for factor in self.by_key.values())
        ]
        if not self.by_key:
            del self.fields["factors"]
        self.goals = {str(goal.pk): goal for goal in goals}
        choices = [(pk, f"“{goal.words}”") for pk, goal in self.goals.items()]
        self.fields["which"].choices = choices if full else [*choices, ("new", "A new goal")]
        if full:
            del self.fields["words"]
            self.fields["which"].widget.attrs.pop("reveals")
        elif not choices:
            self.fields["which"].initial = "new"

    @staticmethod
    def _said(factor: Factor) -> str:
        goals = getattr(factor, "goals", ())
        return f"{factor.text} (in the plan: {'; '.join(f'“{words}”' for words in goals)})" if goals else factor.text

    @property
    def chosen(self) -> list[Factor]:
        """The factor whose page this is, and the others that were ticked."""
        return [self.first, *(self.by_key[key] for key in self.cleaned_data.get("factors", ()))]

    @property
    def goal(self) -> Goal | None:
        """The live goal that was chosen; None for a new one."""
        return self.goals.get(self.cleaned_data["which"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("which") == "new" and not cleaned.get("words", "").strip():
            self.add_error("words", "Enter the goal, in the family’s words")
        return cleaned


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
