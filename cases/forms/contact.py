"""The words and shapes of a contact and its notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html

from cases.models import Attendance, CaseService, Contact
from cases.selectors.case import who_is_who
from cases.selectors.plan import GoalCard
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm, Score, ScoreField, TickRadios, Ticks
from families.models import Person

KINDS = [
    (Contact.Kind.HOME_VISIT, "Home visit"),
    (Contact.Kind.SCHOOL_VISIT, "School visit"),
    (Contact.Kind.PHONE, "Phone"),
    (Contact.Kind.SESSION, "Session"),
    (Contact.Kind.MEETING, "Meeting"),
    (Contact.Kind.VIDEO, "Video"),
    (Contact.Kind.MESSAGE, "Message"),
    (Contact.Kind.ACCOMPANIED, "Accompanied"),
]
SEEN = [("", "As ticked above"), ("yes", "Yes"), ("no", "No")]


def _label(person: Person) -> str:
    if person.is_child:
        return who_is_who(person).replace(f" {person.age}", f", {person.age}")
    return f"{person.short_name} ({person.relationship.label.lower()})" if person.relationship else person.short_name


class ContactForm(EhsForm):
    """Under a minute on a phone: who, what kind, how the goals stand, what happened, what next."""

    submit_label = "Save contact"

    people = forms.MultipleChoiceField(label="Who was there?", required=False, widget=Ticks)
    kind = forms.ChoiceField(label="What kind?", choices=KINDS, widget=TickRadios)
    at = DateTimePartsField(label="When")
    minutes = forms.IntegerField(
        label="Minutes",
        required=False,
        min_value=1,
        max_value=600,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    attendance = forms.ChoiceField(
        label="Did it take place?",
        choices=[(Attendance.ATTENDED, "Yes")] + [(a.value, a.label) for a in list(Attendance)[1:]],
        widget=TickRadios,
    )
    professionals = forms.CharField(label="Professionals and others who were there", max_length=300, required=False)
    child_seen = forms.ChoiceField(label="Was a child seen?", choices=SEEN, required=False, widget=TickRadios)
    interpreter_language = forms.CharField(
        label="Interpreter used, language",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    child_said = forms.CharField(
        label="What did the child say?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    note = forms.CharField(label="What happened?", required=False, widget=forms.Textarea(attrs={"rows": 5}))
    next_step = forms.CharField(label="What is next?", max_length=300, required=False)
    next_step_on = DatePartsField(label="By when", required=False)

    # Shown folded behind “Change”; opened when one of them is wrong.
    FOLDED = ("at", "minutes", "attendance", "professionals", "child_seen", "interpreter_language")

    def __init__(
        self,
        *args: Any,
        people: list[Person],
        goals: list[GoalCard],
        services: list[CaseService],
        worker_id: int,
        chosen: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by_id, self.goals = {str(person.pk): person for person in people}, goals
        self.mark_optional = False
        choices = self.fields["people"]
        choices.choices = [(str(person.pk), _label(person)) for person in people]  # type: ignore[attr-defined]
        if not people:
            choices.help_text = "Nobody is recorded in this family yet."
        self.fields["at"].initial = timezone.now()
        self.fields["kind"].initial = Contact.Kind.HOME_VISIT
        self.fields["attendance"].initial = Attendance.ATTENDED
        self.fields["child_seen"].initial = ""
        children = [person for person in people if person.is_child]
        if len(children) == 1:
            self.fields["child_said"].label = f"What did {children[0].short_name} say?"
        elif children:
            self.fields["child_said"].label = "What did the children say?"
        self.score_names = [f"score_{card.goal.pk}" for card in goals]
        for name, card in zip(self.score_names, goals, strict=True):
            self.fields[name] = ScoreField(
                label=format_html(
                    "“{}” <span class='eh-quiet eh-small'>{}</span>",
                    card.goal.words,
                    f"last time {card.now}" if card.now is not None else "not scored yet",
                ),
                required=False,
                not_asked="Not asked",
                widget=Score(was=card.now),
            )
            wrong = f"The score of “{card.goal.words}” must be a whole number from 0 to 10"
            self.fields[name].error_messages["invalid_choice"] = wrong
        self._sessions(services, worker_id, chosen)

    def _sessions(self, services: list[CaseService], worker_id: int, chosen: str) -> None:
        """Services counted in sessions that this worker gives; therapy and counselling are chosen to begin with."""
        self.services = {
            str(service.pk): service
            for service in services
            if service.status == CaseService.Status.ACTIVE
            and (service.worker_id == worker_id or not service.service.notes_are_private)
            and (
                service.service.notes_are_private
                or (service.entitlement and service.entitlement.intervention_sessions is not None)
            )
        }
        if not self.services:
            return
        if any(service.service.notes_are_private for service in self.services.values()):
            self.fields["next_step"].help_text = "Everybody who reads the case sees this."
        own = [pk for pk, service in self.services.items() if service.worker_id == worker_id]
        first = chosen if chosen in self.services else (own[0] if own else "")
        self.fields["case_service"] = forms.ChoiceField(
            label="Is it a session of a service?",
            required=False,
            choices=[(pk, service.service.name) for pk, service in self.services.items()] + [("", "No")],
            initial=first,
            widget=TickRadios,
            help_text="Notes of therapy and counselling are read by you and the clinical supervisor alone.",
        )
        if first:
            self.fields["kind"].initial = Contact.Kind.SESSION

    @property
    def folded_is_wrong(self) -> bool:
        return any(name in self.errors for name in self.FOLDED) if self.is_bound else False

    @property
    def now_text(self) -> str:
        """What is taken for granted until it is changed: “Today at 10:52, it took place”."""
        return f"Today at {timezone.localtime():%H:%M}, it took place"

    @property
    def score_fields(self) -> list[Any]:
        return [self[name] for name in self.score_names]

    @property
    def service_values(self) -> dict[str, Any]:
        """What `log_contact` takes."""
        data = self.values
        seen = {"yes": True, "no": False}.get(data["child_seen"])
        return {
            "kind": data["kind"],
            "at": data["at"],
            "people": [self.by_id[pk] for pk in data["people"]],
            "professionals": data["professionals"],
            "note": data["note"],
            "child_seen": seen,
            "child_said": data["child_said"],
            "interpreter_language": data["interpreter_language"],
            "minutes": data["minutes"],
            "scores": {card.goal.pk: data.get(name) for name, card in zip(self.score_names, self.goals, strict=True)},
            "next_step": data["next_step"],
            "next_step_on": data["next_step_on"],
            "case_service": self.services.get(data.get("case_service", "")),
            "attendance": data["attendance"],
        }


class NoteForm(EhsForm):
    """A correction of one's own note, or an addition."""

    submit_label = "Save note"

    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 6}))
    child_said = forms.CharField(label="What the child said", required=False, widget=forms.Textarea(attrs={"rows": 2}))


class SafetyForm(EhsForm):
    """A worry that a child is at risk of significant harm."""

    submit_label = "Tell the leader now"
    submit_class = "govuk-button--warning"

    worry = forms.CharField(
        label="What are you worried about?",
        help_text="What you saw or heard, about whom, and when. The leaders of the Cluster are told at once.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
