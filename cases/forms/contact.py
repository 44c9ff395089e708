"""The words and shapes of a contact and its notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils import timezone
from django.utils.html import format_html

from cases.models import Attendance, CaseService, ChildVoice, Contact, ContactNote
from cases.selectors.case import who_is_who
from cases.selectors.plan import GoalCard
from cases.services.notes import Heard
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
    (Contact.Kind.LETTER, "Letter, e-mail"),
    (Contact.Kind.ACCOMPANIED, "Accompanied"),
    (Contact.Kind.ADVOCACY, "Advocacy"),
    (Contact.Kind.PRACTICAL, "Practical help"),
]
MISSED = [
    (Attendance.NOT_ATTENDED, "They did not come"),
    (Attendance.CANCELLED_FAMILY, "The family cancelled"),
    (Attendance.CANCELLED_SERVICE, "We cancelled"),
    (Attendance.CANCELLED_SCHOOL, "The school cancelled"),
]
# Within this a contact that is sent again was still meant to be “today, now”.
JUST_NOW = timedelta(minutes=15)
NO_CHILD = "none"
# Text of any language and direction is typed as it is read.
ANY_WAY = {"dir": "auto"}


class Voices:
    """Fields for what each child said or showed, and how, on whatever form asks for it.

    A child's fields lie folded behind the child's name until there is something in them: `voice_fields`.
    """

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]
    children: list[Person]
    # Whether an only child is asked about at once, without a name to tap.
    only_child_stands_open: ClassVar[bool] = False

    def ask_children(self, children: list[Person], voices: Mapping[UUID, Heard] | None = None) -> None:
        self.children, said = children, voices or {}
        for child in children:
            heard = said.get(child.pk)
            self.fields[f"said_{child.pk}"] = forms.CharField(
                label=f"What did {child.short_name} say or show?",
                required=False,
                initial=heard.said if heard else "",
                widget=forms.Textarea(attrs={"rows": 2, **ANY_WAY}),
            )
            self.fields[f"how_{child.pk}"] = forms.ChoiceField(
                label=f"How did {child.short_name} say it?",
                required=False,
                choices=ChildVoice.How.choices,
                initial=heard.how if heard else ChildVoice.How.WORDS,
                widget=forms.Select(attrs={"label_class": "govuk-visually-hidden"}),
            )

    def check_children(self, data: dict[str, Any]) -> None:
        for child in self.children:
            how = data.get(f"how_{child.pk}") or ChildVoice.How.WORDS
            if how != ChildVoice.How.WORDS and not data.get(f"said_{child.pk}"):
                self.add_error(  # type: ignore[attr-defined]
                    f"said_{child.pk}", f"Enter what {child.short_name} said or showed"
                )

    @property
    def voice_fields(self) -> list[tuple[Person, Any, Any, bool, bool]]:
        """Each child with its two fields, whether they are folded behind the name, and whether the fold is open."""
        folded = not (self.only_child_stands_open and len(self.children) == 1)
        found = []
        for child in self.children:
            said, how = self[f"said_{child.pk}"], self[f"how_{child.pk}"]  # type: ignore[index]
            found.append((child, said, how, folded, bool(said.value() or said.errors)))
        return found

    def heard(self) -> dict[UUID, Heard]:
        """What was entered of each child; empty texts too, which take out what stood there."""
        data = self.cleaned_data
        return {
            child.pk: Heard(data[f"said_{child.pk}"], data[f"how_{child.pk}"] or ChildVoice.How.WORDS)
            for child in self.children
        }


def on_a_chip(person: Person) -> str:
    """“Zdeňka, 9” or “Jana (mother)”: two of one name are told apart."""
    if person.is_child:
        return who_is_who(person).replace(f" {person.age}", f", {person.age}")
    return f"{person.short_name} ({person.relationship.label.lower()})" if person.relationship else person.short_name


class ContactForm(Voices, EhsForm):
    """Under a minute on a phone: who, what kind, how the goals stand, what happened, what next."""

    submit_label = "Save contact"
    only_child_stands_open = True

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
        choices=[(Attendance.ATTENDED, "Yes"), *MISSED],
        widget=TickRadios,
        help_text="If not, tick above who was asked to it. The note may stay empty.",
    )
    professionals = forms.CharField(label="Professionals and others who were there", max_length=300, required=False)
    seen = forms.MultipleChoiceField(
        label="Which children did you see?",
        required=False,
        widget=Ticks,
        help_text="Nothing ticked: the children who were there, at a visit.",
    )
    about = forms.MultipleChoiceField(
        label="Which children was it about?",
        required=False,
        widget=Ticks,
        help_text="Nothing ticked: the children who were there, else the whole family.",
    )
    interpreter_language = forms.CharField(
        label="Interpreter used, language",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    alone = forms.MultipleChoiceField(label="Seen alone?", required=False, widget=Ticks)
    note = forms.CharField(label="What happened?", required=False, widget=forms.Textarea(attrs={"rows": 5, **ANY_WAY}))
    next_step = forms.CharField(label="What is next?", max_length=300, required=False)
    next_step_on = DatePartsField(label="By when", required=False)

    # Shown folded behind “Change”; opened when one of them is wrong.
    FOLDED: ClassVar[tuple[str, ...]] = (
        "at",
        "minutes",
        "attendance",
        "professionals",
        "seen",
        "about",
        "interpreter_language",
    )

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
        choices.choices = [(str(person.pk), on_a_chip(person)) for person in people]  # type: ignore[attr-defined]
        if not people:
            choices.help_text = "Nobody is recorded in this family yet."
        self.fields["at"].initial = timezone.now()
        self.fields["kind"].initial = Contact.Kind.HOME_VISIT
        self.fields["attendance"].initial = Attendance.ATTENDED
        self.ask_children([person for person in people if person.is_child])
        ticks = [(str(child.pk), child.short_name) for child in self.children]
        for name in ("seen", "about", "alone"):
            if not ticks:
                del self.fields[name]
            else:
                self.fields[name].choices = ticks  # type: ignore[attr-defined]
        if ticks:
            self.fields["seen"].choices = [*ticks, (NO_CHILD, "No child")]  # type: ignore[attr-defined]
            self.fields["seen"].widget.attrs["exclusive"] = [NO_CHILD]
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
    def fold_is_open(self) -> bool:
        """Whether something in the fold is wrong, or is not what the line above it takes for granted."""
        if not self.is_bound:
            return False
        folded = [name for name in self.FOLDED if name in self.fields]
        if any(name in self.errors for name in folded):
            return True
        at = self.at_sent
        was_meant = at is not None and abs(at - self.fields["at"].initial) < JUST_NOW
        return not was_meant or bool({*folded} & {*self.changed_data} - {"at"})

    @property
    def at_sent(self) -> datetime | None:
        """When it was, as it was sent; None before that, and of a draft, which nobody has judged."""
        return getattr(self, "cleaned_data", {}).get("at")

    @property
    def now_text(self) -> str:
        """What is taken for granted until it is changed: “Today at 10:52, it took place”."""
        return f"Today at {timezone.localtime(self.at_sent):%H:%M}, it took place"

    @property
    def score_fields(self) -> list[Any]:
        return [self[name] for name in self.score_names]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_children(data)
        if NO_CHILD in data.get("seen", []) and (len(data["seen"]) > 1 or data.get("alone")):
            self.add_error("seen", "Choose the children whom you saw, or “No child”")
        return data

    def _people(self, name: str) -> list[Person]:
        return [self.by_id[pk] for pk in self.cleaned_data.get(name, []) if pk != NO_CHILD]

    def _goals(self) -> dict[UUID, int | None]:
        """A score, or None where “Not asked” was sent; a goal of which nothing was sent is left out."""
        pairs = zip(self.score_names, self.goals, strict=True)
        return {card.goal.pk: self.cleaned_data.get(name) for name, card in pairs if name in self.data}

    @property
    def service_values(self) -> dict[str, Any]:
        """What `log_contact` takes."""
        data = self.values
        return {
            "kind": data["kind"],
            "at": data["at"],
            "people": [self.by_id[pk] for pk in data["people"]],
            "professionals": data["professionals"],
            "note": data["note"],
            "seen": self._people("seen") if data.get("seen") else None,
            "about": self._people("about"),
            "alone": self._people("alone"),
            "heard": {child: heard for child, heard in self.heard().items() if heard.said},
            "interpreter_language": data["interpreter_language"],
            "minutes": data["minutes"],
            "scores": self._goals(),
            "next_step": data["next_step"],
            "next_step_on": data["next_step_on"],
            "case_service": self.services.get(data.get("case_service", "")),
            "attendance": data["attendance"],
        }


class NoteForm(Voices, EhsForm):
    """A correction of one's own note, or an addition."""

    submit_label = "Save note"

    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 6, **ANY_WAY}))
    # Words of which the record does not say whose they are; only where there are some.
    child_said = forms.CharField(
        label="What the child said", required=False, widget=forms.Textarea(attrs={"rows": 2, **ANY_WAY})
    )

    def __init__(
        self,
        *args: Any,
        children: list[Person],
        voices: Mapping[UUID, Heard] | None = None,
        note: ContactNote | None = None,
        **kwargs: Any,
    ) -> None:
        if note:
            kwargs.setdefault("initial", {"text": note.text, "child_said": note.child_said})
            kwargs.setdefault("version", note.version)
        super().__init__(*args, **kwargs)
        if not (note and note.child_said):
            del self.fields["child_said"]
        self.ask_children(children, voices)

    def layout(self) -> Layout:
        said = ["child_said"] if "child_said" in self.fields else []
        return Layout("text", *said, HTML('{% include "cases/parts/voices.html" %}'))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_children(data)
        return data

    @property
    def service_values(self) -> dict[str, Any]:
        """What `add_note` takes."""
        return {
            "text": self.values["text"],
            "child_said": self.values.get("child_said"),
            "heard": self.heard(),
            "version": self.seen_version,
        }
