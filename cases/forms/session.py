"""Sessions: planned, moved, and recorded from what was planned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.utils import timezone

from cases.forms.contact import KINDS, MISSED, ContactForm
from cases.models import CaseService, Contact, InterpreterBooking, PlannedSession
from cluster_ehs.core.forms import DateTimePartsField, EhsForm, TickRadios
from clusters.models import User

# In which most visits and sessions begin.
WORKING_HOURS = range(8, 18)
NARROW = {"class": "govuk-input--width-3"}


def _minutes(initial: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(
        label="Minutes",
        required=False,
        min_value=5,
        max_value=600,
        initial=initial,
        widget=forms.NumberInput(attrs=NARROW),
    )


class MoveForm(EhsForm):
    """Another time or place."""

    submit_label = "Save"

    at = DateTimePartsField(label="When")
    minutes = _minutes()
    place = forms.CharField(label="Where", max_length=120, required=False, help_text="For example: school, room 2.")


class PlanForm(MoveForm):
    """One session, or one each week."""

    submit_label = "Plan it"

    case_service = forms.ChoiceField(label="Of which service?", required=False, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="What kind?", choices=KINDS, widget=TickRadios)
    times = forms.IntegerField(
        label="How many weeks in a row?",
        min_value=1,
        max_value=26,
        initial=1,
        help_text="1 plans it once. The same weekday and hour each week.",
        widget=forms.NumberInput(attrs=NARROW),
    )

    field_order = ("case_service", "kind", "at", "minutes", "place", "times")

    def __init__(self, *args: Any, services: list[CaseService], user: User, chosen: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.services = {
            str(row.pk): row
            for row in services
            if row.status == CaseService.Status.ACTIVE
            and (row.worker_id == user.pk or not row.service.notes_are_private)
        }
        which = cast(forms.ChoiceField, self.fields["case_service"])
        which.choices = [(key, f"{row.service.name}, {row.worker.name}") for key, row in self.services.items()] + [
            ("", "None: a visit or a call of mine")
        ]
        own = [key for key, row in self.services.items() if row.worker_id == user.pk]
        first = chosen if chosen in self.services else (own[0] if own else "")
        which.initial = first
        service = self.services.get(first)
        counted = service and service.entitlement and service.entitlement.intervention_sessions is not None
        # A week from now is what is planned most; the hour is the one that is easily corrected, and never of the night.
        hour = timezone.localtime().hour
        at = timezone.localtime().replace(minute=0, hour=hour if hour in WORKING_HOURS else 10) + timedelta(days=7)
        self.fields["at"].initial = at
        self.fields["kind"].initial = Contact.Kind.SESSION if counted else Contact.Kind.HOME_VISIT
        self.fields["minutes"].initial = (service and service.entitlement and service.entitlement.session_minutes) or 60

    @property
    def service_values(self) -> dict[str, Any]:
        """What `plan_sessions` takes."""
        return {**self.values, "case_service": self.services.get(self.values["case_service"])}


class MissedForm(EhsForm):
    """A planned session that did not take place: one choice, and a word if there is one."""

    submit_label = "Save"

    attendance = forms.ChoiceField(label="What happened?", choices=MISSED, widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class SessionContactForm(ContactForm):
    """The contact form with what a session adds: how late, which plan it fulfils, and which interpreter was there."""

    FOLDED: ClassVar[tuple[str, ...]] = (*ContactForm.FOLDED, "late_minutes", "interpreter_minutes")

    def __init__(
        self, *args: Any, planned: PlannedSession | None, bookings: list[InterpreterBooking], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.planned, self.bookings = planned, {str(booking.pk): booking for booking in bookings}
        self.fields["late_minutes"] = forms.IntegerField(
            label="Minutes that they came late",
            required=False,
            min_value=1,
            max_value=240,
            widget=forms.NumberInput(attrs=NARROW),
        )
        if self.bookings:
            self.fields["booking"] = forms.ChoiceField(
                label="Was the booked interpreter there?",
                required=False,
                choices=[(key, f"Yes: {_booking(row)}") for key, row in self.bookings.items()]
                + [("", "None of these")],
                initial=self._settled_by(planned),
                widget=TickRadios,
            )
            self.fields["interpreter_minutes"] = forms.IntegerField(
                label="Minutes of the interpreter",
                required=False,
                min_value=1,
                max_value=600,
                help_text="Left empty: as long as the contact.",
                widget=forms.NumberInput(attrs=NARROW),
            )
        if planned:
            self._from(planned)

    def _settled_by(self, planned: PlannedSession | None) -> str:
        return next((key for key, row in self.bookings.items() if planned and row.planned_id == planned.pk), "")

    def _from(self, planned: PlannedSession) -> None:
        first: dict[str, Any] = {"at": planned.at, "kind": planned.kind, "minutes": planned.minutes}
        service = planned.case_service
        if service and "case_service" in self.fields and str(service.pk) in self.services:
            first["case_service"] = str(service.pk)
            if service.person_id and str(service.person_id) in self.by_id:
                first["people"] = [str(service.person_id)]
        for name, value in first.items():
            self.fields[name].initial = value

    @property
    def now_text(self) -> str:
        """When it was, as it was planned: “Mon 23 November at 15:00, it took place”."""
        if not self.planned:
            return super().now_text
        return f"{timezone.localtime(self.planned.at):%a %-d %B at %H:%M}, it took place"

    @property
    def service_values(self) -> dict[str, Any]:
        given = self.values
        booking = self.bookings.get(given.get("booking", ""))
        values = {
            **super().service_values,
            "late_minutes": given["late_minutes"],
            "planned": self.planned,
            "booking": booking,
            "interpreter_minutes": given.get("interpreter_minutes"),
        }
        if booking and not values["interpreter_language"]:
            values["interpreter_language"] = booking.language.label
        return values


def _booking(row: InterpreterBooking) -> str:
    return f"{row.language.label}, {timezone.localtime(row.at):%-d %B at %H:%M}"
