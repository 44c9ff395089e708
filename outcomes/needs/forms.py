"""Needs on one short form, what was averted, unit costs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, Ticks
from clusters.models import Term
from families.models import Person
from outcomes.models import AvertedStep, StatutoryLevel, UnitCost
from outcomes.needs.services import Found

NUMBER = {"class": "govuk-input--width-3"}


class NeedsForm(EhsForm):
    """Tick what is there; a tick opens whose need it is and how we know."""

    submit_label = "Save the needs"
    mark_optional = False

    done_on = DatePartsField(label="On which day were they gone through?", latest=timezone.localdate)

    def __init__(
        self,
        *args: Any,
        needs: Iterable[Term],
        people: Iterable[Person],
        found: dict[int, Any],
        at_start: set[int],
        done_on: Any = None,
        **kwargs: Any,
    ) -> None:
        """found: by need, what the round says already (`names`, `person_ids`, `evidence`)."""
        super().__init__(*args, initial={"done_on": done_on or timezone.localdate()}, **kwargs)
        # Those at home and the children; and whoever was named before.
        named = {pk for row in found.values() for pk in row.person_ids}
        who = [
            (str(p.pk), p.short_name)
            for p in people
            if p.pk in named or (not p.deceased and (p.is_child or p.in_household))
        ]
        self.needs: list[Term] = []
        for parent, group in groupby(needs, key=lambda need: need.parent):
            of_parent = list(group)
            self.needs += of_parent
            reveals, hints = {}, {}
            for need in of_parent:
                reveals[str(need.pk)] = (f"who_{need.pk}", f"how_{need.pk}")
                if need.pk in at_start:
                    hints[str(need.pk)] = "Was there at the start"
                self._add_need(need, who, found.get(need.pk))
            self.fields[f"needs_{parent.pk if parent else 0}"] = forms.MultipleChoiceField(
                label=parent.label if parent else "Other",
                choices=[(str(need.pk), need.label) for need in of_parent],
                required=False,
                initial=[str(need.pk) for need in of_parent if need.pk in found],
                widget=forms.CheckboxSelectMultiple(
                    attrs={"reveals": reveals, "item_hints": hints, "choices_class": "govuk-checkboxes--small"}
                ),
            )
        self.finish(None)

    def _add_need(self, need: Term, who: list[tuple[str, str]], row: Any) -> None:
        evidence = getattr(row, "evidence", None)
        self.fields[f"who_{need.pk}"] = forms.MultipleChoiceField(
            label="Whose need is it?",
            choices=who,
            required=False,
            initial=[str(pk) for pk in row.person_ids] if row else [],
            widget=Ticks,
        )
        self.fields[f"how_{need.pk}"] = forms.CharField(
            label="How do we know?",
            required=False,
            max_length=500,
            initial=evidence.text if evidence else "",
            error_messages={"max_length": f"How we know of “{need.label}” must be 500 characters or fewer"},
        )

    @property
    def found(self) -> list[Found]:
        data = self.cleaned_data
        ticked = {pk for name, chosen in data.items() if name.startswith("needs_") for pk in chosen}
        return [
            Found(need.pk, [UUID(pk) for pk in data[f"who_{need.pk}"]], data[f"how_{need.pk}"])
            for need in self.needs
            if str(need.pk) in ticked
        ]


class AvertedForm(EhsForm):
    submit_label = "Save"

    level = forms.ChoiceField(
        label="What was averted?",
        choices=StatutoryLevel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was averted"},
    )
    children = forms.IntegerField(
        label="For how many children?",
        min_value=1,
        max_value=20,
        initial=1,
        widget=forms.NumberInput(attrs=NUMBER),
    )
    weeks = forms.IntegerField(
        label="For about how many weeks would it have lasted?",
        required=False,
        min_value=1,
        max_value=520,
        help_text="Needed where its cost is by the week.",
        widget=forms.NumberInput(attrs=NUMBER),
    )
    averted_on = DatePartsField(label="When was it clear that it would not come?", latest=timezone.localdate)
    judged_by = forms.ChoiceField(
        label="Who judges so?",
        choices=AvertedStep.Judge.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who judges so"},
    )
    why = forms.CharField(
        label="Why would it have come, and what stopped it?",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter why it would have come, and what stopped it"},
    )

    def __init__(self, *args: Any, correct: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if correct:
            self.fields["mistaken"] = forms.BooleanField(label="This was recorded by mistake", required=False)


class CostForm(EhsForm):
    submit_label = "Save the unit cost"

    level = forms.ChoiceField(label="Of what?", choices=StatutoryLevel.choices, widget=forms.RadioSelect)
    pounds = forms.DecimalField(
        label="Cost for one child",
        min_value=Decimal("0.01"),
        max_value=Decimal(1_000_000),
        max_digits=9,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5", "prefix": "£"}),
    )
    per = forms.ChoiceField(label="For how long?", choices=UnitCost.Per.choices, widget=forms.RadioSelect)
    starts_on = DatePartsField(label="From which day?", initial=timezone.localdate)
    source = forms.CharField(
        label="Where is the figure from?",
        max_length=300,
        help_text="The publication with its year and page, or who worked it out and how.",
        error_messages={"required": "Enter where the figure is from: no cost is kept without its source"},
    )

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {name: data[name] for name in ("level", "per", "starts_on", "source")} | {
            "pence": round(data["pounds"] * 100)
        }
