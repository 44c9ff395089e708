"""Who takes a case over, from when, what the family was told; and many cases of one worker at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.forms.allocation import choices_of, hints_of
from cases.selectors.handover import Line
from cases.selectors.workload import Load
from cases.services.handover import Move
from cluster_ehs.core.forms import DatePartsField, EhsForm


def text(label: str, rows: int, *, required: bool = True, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=required, max_length=5000, widget=forms.Textarea(attrs={"rows": rows})
    )


class HandOverForm(EhsForm):
    submit_label = "Hand over"

    to = forms.ChoiceField(label="To whom?", widget=forms.RadioSelect)
    on = DatePartsField(
        label="From which day?", help_text="A day to come plans it: until then the lead worker of today stays."
    )
    handover = text("What must the next worker know?", 5)
    family_told = text(
        "What was the family told?", 3, hint="If they have not been told yet, write so, and who tells them by when."
    )
    told_on = DatePartsField(label="When were they told?", required=False, latest=timezone.localdate)
    introduced = forms.BooleanField(label="Both workers have visited the family together", required=False)

    def __init__(self, *args: Any, loads: list[Load], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(load.worker.pk): load.worker for load in loads}
        to: Any = self.fields["to"]
        to.choices = choices_of(loads)
        to.widget.attrs["item_hints"] = hints_of(loads)
        self.fields["on"].initial = timezone.localdate()


class MoveForm(EhsForm):
    """One worker's cases: which of them move, to whom, and what goes with each."""

    submit_label = "Hand these over"
    more_buttons = (
        {
            "name": "look",
            "value": "yes",
            "label": "See the caseloads first",
            "classes": "govuk-button--secondary",
        },
    )
    mark_optional = False

    on = DatePartsField(label="From which day?", help_text="A day to come plans the handovers for that day.")
    to_all = forms.ChoiceField(label="To whom?", help_text="For every case that says nothing else.", required=False)
    handover_all = text("What must the next worker know?", 3, required=False, hint="For every case without its own.")
    told_all = text("What were the families told?", 2, required=False, hint="For every case without its own.")

    def __init__(self, *args: Any, lines: list[Line], loads: list[Load], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.planned is None]
        self.workers = {str(load.worker.pk): load.worker for load in loads}
        self.loads = loads
        options = [(str(load.worker.pk), f"{load.worker.name}: {load.text}") for load in loads]
        to_all: Any = self.fields["to_all"]
        to_all.choices = [("", "Choose for each case"), *options]
        self.fields["on"].initial = timezone.localdate()
        for line in self.lines:
            key = line.work.key
            self.fields[f"move-{key}"] = forms.BooleanField(
                label=f"{line.case.family.name}, {line.case.reference}", required=False, initial=True
            )
            self.fields[f"to-{key}"] = forms.ChoiceField(
                label="To", required=False, choices=[("", "As chosen above"), *options]
            )
            self.fields[f"handover-{key}"] = text("What must the next worker know?", 2, required=False)
            self.fields[f"told-{key}"] = text("What was the family told?", 2, required=False)

    def rows(self) -> list[dict[str, Any]]:
        """Each line with its fields, for the page."""
        return [
            {"line": line, **{name: self[f"{name}-{line.work.key}"] for name in ("move", "to", "handover", "told")}}
            for line in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        ticked = [line for line in self.lines if data.get(f"move-{line.work.key}")]
        if self.lines and not ticked:
            raise forms.ValidationError("Tick at least one case")
        for line in ticked:
            key = line.work.key
            if not (data.get(f"to-{key}") or data.get("to_all")) and f"to-{key}" not in self.errors:
                self.add_error(f"to-{key}", f"Choose who takes over {line.case.family.name}")
            if not (data.get(f"handover-{key}") or data.get("handover_all")):
                self.add_error(f"handover-{key}", f"Enter what the next worker must know of {line.case.family.name}")
        return data

    @property
    def moves(self) -> list[Move]:
        data, found = self.values, []
        for line in self.lines:
            key = line.work.key
            if data[f"move-{key}"]:
                found.append(
                    Move(
                        line.work,
                        self.workers[data[f"to-{key}"] or data["to_all"]],
                        data[f"handover-{key}"] or data["handover_all"],
                        data[f"told-{key}"] or data["told_all"],
                    )
                )
        return found

    def after(self) -> list[dict[str, Any]]:
        """Caseloads before and after, in cases, of everybody who gets some."""
        cases = {line.work: line.case.pk for line in self.lines}
        gets: dict[int, set[Any]] = {}
        for move in self.moves:
            gets.setdefault(move.to.pk, set()).add(cases[move.work])
        return [
            {
                "name": load.worker.name,
                "before": load.cases,
                "after": load.cases + len(gets[load.worker.pk]),
                "capacity": load.capacity,
                "over": load.capacity is not None and load.cases + len(gets[load.worker.pk]) > load.capacity,
            }
            for load in self.loads
            if load.worker.pk in gets
        ]
