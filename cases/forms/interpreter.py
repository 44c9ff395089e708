"""An interpreter: asked for or booked, and what became of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django import forms

from cases.models import InterpreterBooking
from cluster_ehs.core.forms import DateTimePartsField, EhsForm, TickRadios, YesNoField
from clusters.models import Term
from families.models import Person

Status = InterpreterBooking.Status
NARROW = {"class": "govuk-input--width-3"}


def _pounds() -> forms.DecimalField:
    return forms.DecimalField(
        label="Cost",
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(5000),
        max_digits=6,
        decimal_places=2,
        help_text="In pounds. Leave empty until it is known.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5", "prefix": "£"}),
    )


def pence(pounds: Decimal | None) -> int | None:
    return None if pounds is None else round(pounds * 100)


class BookingForm(EhsForm):
    submit_label = "Save"

    person = forms.ChoiceField(label="Who needs it?", required=False, widget=forms.RadioSelect)
    language = forms.ChoiceField(label="Which language?")
    at = DateTimePartsField(label="When")
    minutes_booked = forms.IntegerField(
        label="Minutes", min_value=1, max_value=600, initial=60, widget=forms.NumberInput(attrs=NARROW)
    )
    mode = forms.ChoiceField(label="How?", choices=InterpreterBooking.Mode.choices, widget=TickRadios)
    provider = forms.CharField(label="From whom?", max_length=120, required=False, help_text="The agency.")
    status = forms.ChoiceField(
        label="How far is it?",
        choices=[(Status.ASKED, "Asked for"), (Status.BOOKED, "Booked"), (Status.USED, "It was used already")],
        widget=TickRadios,
    )
    pounds = _pounds()

    def __init__(
        self, *args: Any, needs: list[tuple[Person, str]], languages: list[Term], at: datetime | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person, _ in needs}
        self.languages = {str(term.pk): term for term in languages}
        whom = cast(forms.ChoiceField, self.fields["person"])
        if needs:
            whom.choices = [(str(person.pk), f"{person.short_name}, {said}") for person, said in needs] + [
                ("", "Somebody else")
            ]
            whom.initial = str(needs[0][0].pk)
        else:
            del self.fields["person"]
        cast(forms.ChoiceField, self.fields["language"]).choices = [("", "Choose a language")] + [
            (key, term.label) for key, term in self.languages.items()
        ]
        known = [str(person.first_language_id) for person, _ in needs if person.first_language_id]
        self.fields["language"].initial = known[0] if known else ""
        self.fields["at"].initial = at
        self.fields["mode"].initial = InterpreterBooking.Mode.IN_PERSON
        self.fields["status"].initial = Status.BOOKED

    @property
    def service_values(self) -> dict[str, Any]:
        """What `book_interpreter` takes."""
        given = dict(self.values)
        return {
            **{name: given[name] for name in ("at", "minutes_booked", "mode", "provider", "status")},
            "person": self.people.get(given.get("person", "")),
            "language": self.languages[given["language"]],
            "pence": pence(given["pounds"]),
        }


class SettleForm(EhsForm):
    submit_label = "Save"

    status = forms.ChoiceField(label="What became of it?", widget=forms.RadioSelect)
    minutes_used = forms.IntegerField(
        label="Minutes that the interpreter was there",
        required=False,
        min_value=1,
        max_value=600,
        widget=forms.NumberInput(attrs=NARROW),
    )
    cancelled_late = YesNoField(label="If it was cancelled: so late that it is charged all the same?", required=False)
    pounds = _pounds()
    provider = forms.CharField(label="From whom?", max_length=120, required=False)

    def __init__(self, *args: Any, booking: InterpreterBooking, **kwargs: Any) -> None:
        first = {
            "status": booking.status,
            "minutes_used": booking.minutes_used or booking.minutes_booked,
            "cancelled_late": booking.cancelled_late,
            "pounds": None if booking.pence is None else Decimal(booking.pence) / 100,
            "provider": booking.provider,
        }
        super().__init__(*args, initial=first, **kwargs)
        live = booking.status in InterpreterBooking.OPEN
        asked = [] if booking.status == Status.BOOKED else [Status.ASKED]
        open_to = [*asked, Status.BOOKED, Status.USED, Status.CANCELLED] if live else [booking.status]
        cast(forms.ChoiceField, self.fields["status"]).choices = [(each, Status(each).label) for each in open_to]

    @property
    def service_values(self) -> dict[str, Any]:
        """What `settle_interpreter` takes."""
        given = dict(self.values)
        return {
            "status": given["status"],
            "minutes_used": given["minutes_used"],
            "cancelled_late": bool(given["cancelled_late"]),
            "pence": pence(given["pounds"]),
            "provider": given["provider"],
        }
