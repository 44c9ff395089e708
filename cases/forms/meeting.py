"""Meetings about one case: planned with who is asked, recorded with who came; tasks; forums for stuck cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils import timezone

from cases.forms.rows import MORE, OutsideRows, TaskRows
from cases.models import CaseMeeting, Forum, MeetingAttendee
from cases.services.meetings import CONFERENCE, Conference, Outside, Said, Who
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm, TickRadios, Ticks
from clusters.models import User

KINDS = [
    (kind.value, kind.label)
    for kind in CaseMeeting.Kind
    if kind not in (CaseMeeting.Kind.RETHINK, CaseMeeting.Kind.PROGRESS, CaseMeeting.Kind.SUPERVISION)
]
FROM_OUTSIDE = HTML('<h3 class="govuk-heading-m">From outside</h3>')


def heading(text: str) -> HTML:
    return HTML(f'<h3 class="govuk-heading-m">{text}</h3>')


class WhoForm(OutsideRows):
    """Who is asked, or who came. present: the rows of the meeting so far."""

    people = forms.MultipleChoiceField(label="Of the family", required=False, widget=Ticks)
    staff = forms.MultipleChoiceField(label="Of the Cluster", required=False, widget=Ticks)

    def __init__(
        self,
        *args: Any,
        family: list[tuple[str, str]],
        workers: list[User],
        present: list[MeetingAttendee] | None = None,
        **kwargs: Any,
    ) -> None:
        rows = [row for row in present or [] if row.came is not False or row.name]
        known = [Outside(row.name, row.agency, row.came is not False) for row in rows if row.name]
        if rows:
            kwargs["initial"] = {
                "people": [str(row.person_id) for row in rows if row.person_id],
                "staff": [str(row.user_id) for row in rows if row.user_id],
                **kwargs.get("initial", {}),
            }
        if isinstance(self, TaskRows):
            kwargs["workers"] = workers
        super().__init__(*args, outside=known, **kwargs)
        cast(forms.ChoiceField, self.fields["people"]).choices = family
        cast(forms.ChoiceField, self.fields["staff"]).choices = [(str(worker.pk), worker.name) for worker in workers]

    @property
    def who(self) -> Who:
        data = self.cleaned_data
        return Who([UUID(pk) for pk in data["people"]], [int(pk) for pk in data["staff"]], self.outside)


class PlanMeetingForm(WhoForm):
    """A meeting to come. meeting: the one whose plan is changed."""

    submit_label = "Save the plan"
    more_buttons = [MORE]

    kind = forms.ChoiceField(label="What kind?", choices=KINDS, widget=TickRadios, initial=CaseMeeting.Kind.TAF)
    held_at = DateTimePartsField(label="When", earliest=timezone.localdate)
    place = forms.CharField(label="Where", max_length=120, required=False)
    purpose = forms.CharField(
        label="What is it about?", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )

    def __init__(self, *args: Any, meeting: CaseMeeting | None = None, **kwargs: Any) -> None:
        start = timezone.localtime().replace(hour=10, minute=0) + timedelta(weeks=1)
        first: dict[str, Any] = {"held_at": start}
        if meeting:
            first = {"held_at": meeting.held_at, "place": meeting.place, "purpose": meeting.purpose}
            kwargs |= {"version": meeting.version}
        super().__init__(*args, **kwargs, initial=first)
        if meeting:
            del self.fields["kind"]

    def clean_held_at(self) -> Any:
        at = self.cleaned_data["held_at"]
        if at and at <= timezone.now():
            raise forms.ValidationError("This time has passed. Record the meeting instead.")
        return at

    def layout(self) -> Layout:
        first = [name for name in ("kind", "held_at", "place", "purpose") if name in self.fields]
        return Layout(*first, heading("Who is asked to it?"), "people", "staff", FROM_OUTSIDE, *self.outside_layout())


class RecordMeetingForm(WhoForm, TaskRows):
    """What came of a meeting. meeting: one that was planned or recorded before."""

    submit_label = "Save the record"
    more_buttons = [MORE]
    apologies = True

    kind = forms.ChoiceField(label="What kind?", choices=KINDS, widget=TickRadios, initial=CaseMeeting.Kind.TAF)
    held_at = DateTimePartsField(label="When", latest=timezone.localdate)
    place = forms.CharField(label="Where", max_length=120, required=False)
    child_voice = forms.CharField(
        label="What did the child say, or want said?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
    )
    decisions = forms.CharField(
        label="What was decided?", required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=10000
    )
    # Of a Family Group Conference.
    referred_on = DatePartsField(label="Referred to the conference on", required=False, latest=timezone.localdate)
    family_plan = forms.CharField(
        label="The family’s own plan",
        required=False,
        help_text="In the family’s words, as it came out of its private time.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=10000,
    )
    agreed_on = DatePartsField(label="The plan was agreed on", required=False, latest=timezone.localdate)
    outcome = forms.CharField(
        label="What came of it?", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=5000
    )
    next_at = DateTimePartsField(label="Next meeting", required=False, help_text="The same people are asked to it.")

    def __init__(self, *args: Any, meeting: CaseMeeting | None = None, **kwargs: Any) -> None:
        first: dict[str, Any] = {"held_at": timezone.localtime().replace(minute=0)}
        if meeting:
            following = getattr(meeting, "followed_by", None)
            first = {
                "child_voice": meeting.child_voice,
                "decisions": meeting.decisions,
                "next_at": following.held_at if following else None,
                **{name: getattr(meeting, name) for name in CONFERENCE},
            }
            kwargs |= {"version": meeting.version}
        super().__init__(*args, **kwargs, initial=first)
        if meeting:
            for name in ("kind", "held_at", "place", *(["next_at"] if meeting.forum_id else [])):
                del self.fields[name]
            if meeting.kind != CaseMeeting.Kind.FAMILY_GROUP:
                for name in CONFERENCE:
                    del self.fields[name]
        else:
            reveals = {CaseMeeting.Kind.FAMILY_GROUP.value: CONFERENCE}
            self.fields["kind"].widget = forms.RadioSelect(choices=KINDS, attrs={"reveals": reveals})

    def clean_held_at(self) -> Any:
        at = self.cleaned_data["held_at"]
        if at and at > timezone.now():
            raise forms.ValidationError("This time is still to come. Plan the meeting instead.")
        return at

    def layout(self) -> Layout:
        first = [name for name in ("kind", "held_at", "place") if name in self.fields]
        after = [name for name in ("next_at",) if name in self.fields]
        of_it = [name for name in CONFERENCE if name in self.fields and name not in self.revealed()]
        conference = [heading("The Family Group Conference"), *of_it] if of_it else []
        return Layout(
            *first,
            heading("Who came?"),
            "people",
            "staff",
            FROM_OUTSIDE,
            *self.outside_layout(),
            heading("What was said and decided?"),
            "child_voice",
            "decisions",
            *conference,
            heading("Who does what by when?"),
            *self.task_layout(),
            *after,
        )

    @property
    def said(self) -> Said:
        data = self.cleaned_data
        asked = Conference(**{name: data[name] for name in CONFERENCE}) if "family_plan" in self.fields else None
        return Said(data["child_voice"], data["decisions"], data.get("next_at"), self.tasks, asked)


class NotHeldForm(EhsForm):
    submit_label = "It was not held"
    submit_class = "govuk-button--warning"

    why = forms.CharField(label="Why?", max_length=300)


class TaskForm(TaskRows):
    submit_label = "Add task"
    rows_at_first = 1

    def layout(self) -> Layout:
        return Layout(*self.task_layout())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("what_0") and "what_0" not in self.errors:
            self.add_error("what_0", "Enter what is to be done")
        return data


class ForumForm(EhsForm):
    submit_label = "Plan it"

    kind = forms.ChoiceField(
        label="What kind?", choices=Forum.Kind.choices, widget=TickRadios, initial=Forum.Kind.RETHINK
    )
    cluster = forms.ChoiceField(label="Of which Cluster?")
    held_at = DateTimePartsField(label="When")
    place = forms.CharField(label="Where", max_length=120, required=False)

    def __init__(self, *args: Any, clusters: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster"].choices = clusters
        self.fields["cluster"].initial = clusters[0][0]
        if len(clusters) == 1:
            self.fields["cluster"].widget = forms.HiddenInput()


class ForumWhoForm(OutsideRows):
    submit_label = "Save"
    more_buttons = [MORE]

    staff = forms.MultipleChoiceField(label="Of the Cluster", required=False, widget=Ticks)

    def __init__(self, *args: Any, workers: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(worker.pk): worker for worker in workers}
        self.fields["staff"].choices = [(pk, worker.name) for pk, worker in self.workers.items()]

    @property
    def chosen(self) -> list[User]:
        return [self.workers[pk] for pk in self.cleaned_data["staff"]]

    def layout(self) -> Layout:
        return Layout("staff", HTML('<h2 class="govuk-heading-m">From outside</h2>'), *self.outside_layout())


class TakeForm(EhsForm):
    """A case for a forum."""

    submit_label = "Take it to the forum"

    case = forms.ChoiceField(label="Which case?")
    purpose = forms.CharField(
        label="Where is it stuck, and what do you ask of the forum?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, cases: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case"].choices = [("", "Choose a case"), *cases]
