"""Supervision: a session, a case's part of it, what is about the worker, clinical supervision, the intervals."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils import timezone

from cases.forms.rows import MORE, TaskRows
from cases.models import OnTrack, Supervision, SupervisionCase, SupervisionNote
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm, TickRadios, Ticks
from clusters.models import Post, User

MINUTES = [(str(n), f"{n} minutes") for n in (30, 45, 60, 75, 90, 120)]


class SupervisionForm(EhsForm):
    """A session to come, or one that has been held. leads: whether the user may name another supervisor."""

    submit_label = "Continue"

    kind = forms.ChoiceField(label="What kind?", choices=Supervision.Kind.choices, widget=TickRadios)
    supervisor = forms.ChoiceField(label="Who supervises?")
    workers = forms.MultipleChoiceField(label="Who is supervised?", widget=Ticks)
    held_at = DateTimePartsField(label="When", help_text="A day to come plans the session.")
    minutes = forms.ChoiceField(label="How long?", choices=[("", "Not known yet"), *MINUTES], required=False)
    place = forms.CharField(label="Where", max_length=120, required=False)

    def __init__(self, *args: Any, people: list[User], user: User, leads: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in people}
        self.fields["supervisor"].choices = [
            (pk, one.name) for pk, one in self.people.items() if leads or one.pk == user.pk
        ]
        self.fields["supervisor"].initial = str(user.pk)
        self.fields["workers"].choices = [
            (pk, one.name) for pk, one in self.people.items() if one.pk != user.pk or leads
        ]
        self.fields["kind"].initial = Supervision.Kind.INDIVIDUAL
        self.fields["held_at"].initial = timezone.localtime().replace(minute=0)

    @property
    def session(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "kind": data["kind"],
            "supervisor": self.people[data["supervisor"]],
            "workers": [self.people[pk] for pk in data["workers"]],
            "held_at": data["held_at"],
            "minutes": int(data["minutes"]) if data["minutes"] else None,
            "place": data["place"],
        }


class CameForm(EhsForm):
    submit_label = "Save"

    held = forms.ChoiceField(
        label="Was it held?", choices=[("yes", "Yes"), ("no", "No, or it will not be")], widget=TickRadios
    )
    came = forms.MultipleChoiceField(label="Who was there?", widget=Ticks, required=False)

    def __init__(self, *args: Any, session: Supervision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(session.supervisees.all())
        self.fields["came"].choices = [(str(row.worker_id), row.worker.name) for row in rows]
        self.fields["came"].initial = [str(row.worker_id) for row in rows if row.came]
        self.fields["held"].initial = "no" if session.cancelled_at else "yes"


class CaseTalkForm(TaskRows):
    """One case's part."""

    submit_label = "Save this case"
    more_buttons = [MORE]

    worker = forms.ChoiceField(label="Who brings it?", required=False, widget=TickRadios)
    track = forms.ChoiceField(label="Is the plan on track?", choices=OnTrack.choices, widget=TickRadios)
    notes = forms.CharField(
        label="What was said?", required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=10000
    )
    decisions = forms.CharField(
        label="What was decided?", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=10000
    )

    def __init__(self, *args: Any, part: SupervisionCase | None, supervisees: list[User], **kwargs: Any) -> None:
        if part:
            kwargs["initial"] = {"track": part.track, "notes": part.notes, "decisions": part.decisions}
            kwargs["version"] = part.version
        super().__init__(*args, **kwargs)
        self.supervisees = {str(one.pk): one for one in supervisees}
        self.fields["worker"].choices = [(pk, one.name) for pk, one in self.supervisees.items()]
        self.fields["worker"].initial = str(part.worker_id) if part else next(iter(self.supervisees), "")
        if len(self.supervisees) < 2:
            del self.fields["worker"]

    @property
    def brought_by(self) -> User | None:
        chosen = self.cleaned_data.get("worker")
        return self.supervisees.get(chosen) if chosen else next(iter(self.supervisees.values()), None)

    def layout(self) -> Layout:
        first = [name for name in ("worker", "track", "notes", "decisions") if name in self.fields]
        return Layout(*first, HTML('<h2 class="govuk-heading-m">Who does what by when?</h2>'), *self.task_layout())


class AboutWorkerForm(EhsForm):
    submit_label = "Save"

    wellbeing = forms.CharField(label="Wellbeing", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    workload = forms.CharField(label="Workload", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    training = forms.CharField(label="Training", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, note: SupervisionNote | None, **kwargs: Any) -> None:
        if note:
            kwargs["initial"] = {name: getattr(note, name) for name in ("wellbeing", "workload", "training")}
            kwargs["version"] = note.version
        super().__init__(*args, **kwargs)


class ClinicalForm(EhsForm):
    """With whom, when, how long: no field takes a text, since the content is not for this record [E]."""

    submit_label = "It took place"

    supervisor = forms.ChoiceField(label="With whom?", required=False)
    held_on = forms.DateField(label="On which day?", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    minutes = forms.ChoiceField(label="How long?", choices=MINUTES, initial="60")

    def __init__(self, *args: Any, supervisors: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supervisors = {str(one.pk): one for one in supervisors}
        self.fields["supervisor"].choices = [
            *((pk, one.name) for pk, one in self.supervisors.items()),
            ("", "Somebody who is not known here"),
        ]
        self.fields["held_on"].initial = timezone.localdate

    @property
    def session(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "supervisor": self.supervisors.get(data["supervisor"]),
            "held_on": data["held_on"],
            "minutes": int(data["minutes"]),
        }


class IntervalForm(EhsForm):
    submit_label = "Save the interval"

    post = forms.ChoiceField(label="Post", choices=Post.choices)
    weeks = forms.IntegerField(
        label="Weeks at most between two supervisions",
        min_value=1,
        max_value=26,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    effective_from = DatePartsField(label="From which day?", initial=timezone.localdate)
