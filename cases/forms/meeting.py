"""Meetings about one case with the tasks agreed there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils import timezone

from cases.models import CaseMeeting
from cases.services.meetings import ToDo
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm, TickRadios
from clusters.models import User

TASKS = 2


class TaskRows(EhsForm):
    """Rows of what, who and by when."""

    task_rows = TASKS

    def __init__(self, *args: Any, workers: list[User], **kwargs: Any) -> None:
        self.workers = {str(worker.pk): worker for worker in workers}
        super().__init__(*args, **kwargs)
        for n in range(self.task_rows):
            self.fields[f"what_{n}"] = forms.CharField(label="What", max_length=300, required=False)
            self.fields[f"owner_{n}"] = forms.ChoiceField(
                label="Who", required=False, choices=[("", "Choose"), *((pk, w.name) for pk, w in self.workers.items())]
            )
            self.fields[f"due_{n}"] = DatePartsField(
                label="By when", required=False, initial=timezone.localdate() + timedelta(weeks=2)
            )
        self.mark_optional = False

    def rows(self) -> list[Any]:
        parts: list[Any] = []
        for n in range(self.task_rows):
            parts += [
                HTML(f'<fieldset class="eh-action-row"><legend class="govuk-visually-hidden">Task {n + 1}</legend>'),
                f"what_{n}",
                f"owner_{n}",
                f"due_{n}",
                HTML("</fieldset>"),
            ]
        return parts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for n in range(self.task_rows):
            if not data.get(f"what_{n}"):
                continue
            if not data.get(f"owner_{n}"):
                self.add_error(f"owner_{n}", "Choose who does it")
            if not data.get(f"due_{n}") and f"due_{n}" not in self.errors:
                self.add_error(f"due_{n}", "Enter by when")
        return data

    @property
    def tasks(self) -> list[ToDo]:
        data = self.values
        return [
            ToDo(data[f"what_{n}"], self.workers[data[f"owner_{n}"]], data[f"due_{n}"])
            for n in range(self.task_rows)
            if data[f"what_{n}"]
        ]


class MeetingForm(TaskRows):
    submit_label = "Save meeting"

    kind = forms.ChoiceField(label="What kind?", choices=CaseMeeting.Kind.choices, widget=TickRadios)
    held_at = DateTimePartsField(label="When", help_text="A day to come plans the meeting; record it here afterwards.")
    attendees = forms.CharField(
        label="Who came, and from where?", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    decisions = forms.CharField(label="What was decided?", required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, meeting: CaseMeeting | None = None, **kwargs: Any) -> None:
        if meeting:
            kwargs["initial"] = {"attendees": meeting.attendees, "decisions": meeting.decisions}
        super().__init__(*args, **kwargs)
        if meeting:
            del self.fields["kind"], self.fields["held_at"]
        else:
            self.fields["kind"].initial = CaseMeeting.Kind.TAF
            self.fields["held_at"].initial = timezone.now().replace(minute=0)

    def layout(self) -> Layout:
        first = [name for name in ("kind", "held_at", "attendees", "decisions") if name in self.fields]
        return Layout(*first, HTML('<h3 class="govuk-heading-m">Who does what by when?</h3>'), *self.rows())


class TaskForm(TaskRows):
    submit_label = "Add task"
    task_rows = 1

    def layout(self) -> Layout:
        return Layout(*self.rows())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("what_0") and "what_0" not in self.errors:
            self.add_error("what_0", "Enter what is to be done")
        return data
