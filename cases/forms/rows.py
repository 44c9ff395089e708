"""Rows that grow: who does what by when, and who came from outside. “More rows” works without a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crispy_forms.layout import HTML
from django import forms
from django.utils import timezone

from cases.services.meetings import Outside
from cases.services.tasks import ToDo
from cluster_ehs.core.forms import DatePartsField, EhsForm
from cluster_ehs.core.requests import whole_number
from clusters.models import User

MOST = 30
MORE = {"name": "more", "value": "yes", "label": "More rows", "classes": "govuk-button--secondary"}
OPEN_ROW = '<fieldset class="eh-action-row"><legend class="govuk-visually-hidden">%s %d</legend>'
CLOSE_ROW = HTML("</fieldset>")


class Rows(EhsForm):
    """A form whose number of rows comes with it, in the hidden field `rows`."""

    rows_at_first = 2
    mark_optional = False

    def __init__(self, *args: Any, rows: int = 0, **kwargs: Any) -> None:
        data = args[0] if args else kwargs.get("data")
        sent = str((data or {}).get("rows", ""))
        self.rows = min(max(rows or self.rows_at_first, whole_number(sent) or 0), MOST)
        super().__init__(*args, **kwargs)
        self.fields["rows"] = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=self.rows)

    @staticmethod
    def with_more(data: Any) -> Any:
        """What was posted, with room for two more rows."""
        more = data.copy()
        sent = str(more.get("rows", ""))
        more["rows"] = str((whole_number(sent) or 0) + 2)
        return more


class TaskRows(Rows):
    """What, who of ours or outside, and by when."""

    def __init__(self, *args: Any, workers: list[User], **kwargs: Any) -> None:
        self.workers = {str(worker.pk): worker for worker in workers}
        super().__init__(*args, **kwargs)
        for n in range(self.rows):
            self.fields[f"what_{n}"] = forms.CharField(label="What", max_length=300, required=False)
            self.fields[f"owner_{n}"] = forms.ChoiceField(
                label="Who", required=False, choices=[("", "Choose"), *((pk, w.name) for pk, w in self.workers.items())]
            )
            self.fields[f"outside_{n}"] = forms.CharField(label="Or who outside", max_length=160, required=False)
            self.fields[f"due_{n}"] = DatePartsField(
                label="By when", required=False, initial=timezone.localdate() + timedelta(weeks=2)
            )

    def task_layout(self) -> list[Any]:
        parts: list[Any] = []
        for n in range(self.rows):
            names = [f"what_{n}", f"owner_{n}", f"outside_{n}", f"due_{n}"]
            parts += [HTML(OPEN_ROW % ("Task", n + 1)), *names, CLOSE_ROW]
        return parts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for n in range(self.rows):
            if not data.get(f"what_{n}"):
                continue
            if not data.get(f"owner_{n}") and not data.get(f"outside_{n}"):
                self.add_error(f"owner_{n}", "Choose who does it, or enter who does it outside")
            if not data.get(f"due_{n}") and f"due_{n}" not in self.errors:
                self.add_error(f"due_{n}", "Enter by when")
        return data

    @property
    def tasks(self) -> tuple[ToDo, ...]:
        data = self.cleaned_data
        return tuple(
            ToDo(
                data[f"what_{n}"],
                self.workers.get(data[f"owner_{n}"]),
                data[f"due_{n}"],
                data[f"outside_{n}"],
            )
            for n in range(self.rows)
            if data.get(f"what_{n}")
        )


class OutsideRows(Rows):
    """People from outside, by name and agency. apologies: also whether each of them came."""

    apologies = False

    def __init__(self, *args: Any, outside: list[Outside] | None = None, **kwargs: Any) -> None:
        known = outside or []
        super().__init__(*args, rows=max(kwargs.pop("rows", 0), len(known) + 2), **kwargs)
        for n in range(self.rows):
            one = known[n] if n < len(known) else Outside("")
            self.fields[f"name_{n}"] = forms.CharField(label="Name", max_length=120, required=False, initial=one.name)
            self.fields[f"agency_{n}"] = forms.CharField(
                label="Agency or school", max_length=160, required=False, initial=one.agency
            )
            if self.apologies:
                self.fields[f"came_{n}"] = forms.ChoiceField(
                    label="Came?",
                    required=False,
                    choices=[("yes", "Came"), ("no", "Did not come")],
                    initial="yes" if one.came else "no",
                )

    def outside_layout(self) -> list[Any]:
        parts: list[Any] = []
        for n in range(self.rows):
            names = [f"name_{n}", f"agency_{n}"] + ([f"came_{n}"] if self.apologies else [])
            parts += [HTML(OPEN_ROW % ("From outside", n + 1)), *names, CLOSE_ROW]
        return parts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for n in range(self.rows):
            if data.get(f"agency_{n}") and not data.get(f"name_{n}"):
                self.add_error(f"name_{n}", "Enter the name as well")
        return data

    @property
    def outside(self) -> tuple[Outside, ...]:
        data = self.cleaned_data
        return tuple(
            Outside(data[f"name_{n}"], data.get(f"agency_{n}", ""), data.get(f"came_{n}", "yes") != "no")
            for n in range(self.rows)
            if data.get(f"name_{n}")
        )
