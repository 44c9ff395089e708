"""Groups, drop-ins and school consultations: what it is, who takes part, the register."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils import timezone
from django.utils.html import escape

from cases.models import Event, EventAttendance, EventPerson, EventSession
from cases.services.events import MOST_SESSIONS, Details
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsFilterForm, EhsForm, TickRadios, Ticks
from clusters.models import School, User
from families.models import Person

NARROW = {"class": "govuk-input--width-3", "inputmode": "numeric"}
NO_NAMES = "Without names of children or families: this is read by everybody who works in the Cluster."
MOST_COUNTED = 500


def counted(label: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=MOST_COUNTED, widget=forms.NumberInput(attrs=NARROW), **more
    )


class EventFilterForm(EhsFilterForm):
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "All kinds"), *Event.Kind.choices])
    since = DatePartsField(label="From", required=False)
    until = DatePartsField(label="To", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", "The end must be on or after the beginning")
        return data


class EventForm(EhsForm):
    """An event of one kind, new or as it is."""

    submit_label = "Save"

    cluster = forms.ChoiceField(label="Of which Cluster?")
    kind = forms.ChoiceField(choices=Event.Kind.choices, widget=forms.HiddenInput)
    title = forms.CharField(label="What is it called?", max_length=120, help_text=NO_NAMES)
    starts_at = DateTimePartsField(label="When")
    weeks = forms.IntegerField(
        label="How many sessions, one a week?",
        help_text="At the same hour. Single dates can be moved or added afterwards.",
        min_value=1,
        max_value=MOST_SESSIONS,
        initial=6,
        widget=forms.NumberInput(attrs=NARROW),
    )
    school = forms.ModelChoiceField(
        label="School", queryset=School.objects.none(), required=False, empty_label="None, or elsewhere"
    )
    place = forms.CharField(label="Place", max_length=120, required=False)
    leaders = forms.MultipleChoiceField(label="Who of ours leads it?", widget=Ticks)
    staff_by_role = forms.CharField(
        label="Who of the school, by role?",
        max_length=300,
        required=False,
        help_text="Such as “SENCO, two class teachers”. No names.",
    )
    children_discussed = counted("How many children were talked about?", required=False)
    about = forms.CharField(
        label="What is it about?",
        required=False,
        help_text=NO_NAMES,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5000,
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        clusters: list[tuple[str, str]],
        workers: list[User],
        event: Event | None = None,
        **kwargs: Any,
    ) -> None:
        self.workers = {str(worker.pk): worker for worker in workers}
        first: dict[str, Any] = {"kind": kind, "cluster": clusters[0][0]}
        if event:
            names = ("title", "school", "place", "about", "staff_by_role", "children_discussed")
            first |= {name: getattr(event, name) for name in names}
            first["leaders"] = [str(one.user_id) for one in event.leaders.all()]
            # Whoever has left since stays the leader of what was led.
            self.workers |= {str(one.user_id): one.user for one in event.leaders.all()}
            kwargs["version"] = event.version
        else:
            now = timezone.localtime().replace(minute=0)
            first["starts_at"] = now.replace(hour=10) + timedelta(weeks=1) if kind == Event.Kind.GROUP else now
        first |= kwargs.pop("initial", {})
        super().__init__(*args, initial=first, **kwargs)
        cast(forms.ChoiceField, self.fields["cluster"]).choices = clusters
        cast(forms.ChoiceField, self.fields["leaders"]).choices = [(pk, one.name) for pk, one in self.workers.items()]
        schools = School.objects.open()
        if event and event.school_id:
            schools |= School.objects.filter(pk=event.school_id)
        cast(forms.ModelChoiceField, self.fields["school"]).queryset = schools
        if len(clusters) == 1:
            self.fields["cluster"].widget = forms.HiddenInput()
        gone = ["cluster", "starts_at", "weeks"] if event else []
        if kind == Event.Kind.CONSULTATION:
            self.fields["title"].label = "In a few words, what about?"
            self.fields["about"].label = "What was it about?"
            self.fields["school"].label = "Which school?"
        else:
            gone += ["staff_by_role", "children_discussed"]
        if kind != Event.Kind.GROUP:
            gone.append("weeks")
        for name in gone:
            self.fields.pop(name, None)

    @property
    def details(self) -> Details:
        data = self.cleaned_data
        return Details(
            title=data["title"],
            leaders=[self.workers[pk] for pk in data["leaders"]],
            school=data["school"],
            place=data["place"],
            about=data["about"],
            staff_by_role=data.get("staff_by_role", ""),
            children_discussed=data.get("children_discussed"),
        )


class CancelForm(EhsForm):
    submit_label = "Cancel it"
    submit_class = "govuk-button--warning"
    cancel_label = "Leave it as it is"

    why = forms.CharField(label="Why is it cancelled?", max_length=300, help_text=NO_NAMES)


class NotHeldForm(EhsForm):
    submit_label = "It did not take place"
    submit_class = "govuk-button--warning"
    cancel_label = "Leave it as it is"

    why = forms.CharField(label="Why not?", max_length=300, help_text=NO_NAMES)

    def __init__(self, *args: Any, session: EventSession, **kwargs: Any) -> None:
        super().__init__(*args, initial={"why": session.not_held}, version=session.version, **kwargs)


class SessionForm(EhsForm):
    """A date: one more, or another one for a session without a register."""

    held_at = DateTimePartsField(label="When")

    def __init__(self, *args: Any, session: EventSession | None = None, start: Any = None, **kwargs: Any) -> None:
        if session:
            kwargs["version"] = session.version
        super().__init__(*args, initial={"held_at": session.held_at if session else start}, **kwargs)


class PeopleForm(EhsForm):
    """Those found by a search, to tick; or, in fewer words, those whom the worker knows."""

    submit_label = "Add them"
    drafted = False

    people = forms.MultipleChoiceField(label="Who takes part?", widget=Ticks)

    def __init__(self, *args: Any, people: Collection[Person], known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.pk), in_few_words(one) if known else told(one)) for one in people]
        cast(forms.ChoiceField, self.fields["people"]).choices = choices

    @property
    def chosen(self) -> list[UUID]:
        return [UUID(pk) for pk in self.cleaned_data["people"]]


def told(person: Person) -> str:
    """“Petr Novák, born 3 May 2017, Novák family”."""
    born = f", born {person.birth_date:%-d %B %Y}" if person.birth_date else ""
    return f"{person}{born}, {person.family}"


def in_few_words(person: Person) -> str:
    """“Petr Novák, 9”, and of which family where the name does not say it."""
    age = f", {person.age}" if person.is_child and person.age is not None else ""
    return f"{person}{age}" + ("" if person.last_name == person.family.name else f" ({person.family})")


class RegisterForm(EhsForm):
    """A line for each of those who take part, and how many others came."""

    submit_label = "Save the register"
    mark_optional = False

    other_adults = counted("Adults", initial=0)
    other_children = counted("Children", initial=0)

    def __init__(
        self,
        *args: Any,
        session: EventSession,
        people: list[EventPerson],
        register: dict[UUID, str],
        **kwargs: Any,
    ) -> None:
        first = {"other_adults": session.other_adults, "other_children": session.other_children}
        super().__init__(*args, initial=first, version=session.version, **kwargs)
        self.people = people
        for one in people:
            self.fields[f"came_{one.person_id}"] = forms.ChoiceField(
                label=str(one.person),
                help_text=escape(str(one.person.family)),
                choices=EventAttendance.Status.choices,
                widget=TickRadios,
                initial=register.get(one.person_id),
                error_messages={"required": f"Choose whether {one.person} came"},
            )

    def layout(self) -> Layout:
        others = '<h2 class="govuk-heading-m">How many others came?</h2>'
        return Layout(*(f"came_{one.person_id}" for one in self.people), HTML(others), "other_adults", "other_children")

    @property
    def came(self) -> dict[UUID, str]:
        return {one.person_id: self.cleaned_data[f"came_{one.person_id}"] for one in self.people}
