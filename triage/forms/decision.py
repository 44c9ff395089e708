"""The forms of the screening board: decide, defer, step up, end, offer again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DateTimePartsField, EhsForm
from clusters.models import NeedLevel, PartnerService, Service
from referrals.models import Referral
from triage.models import (
    RESPONSES_PASSED_ON,
    RESPONSES_WITH_SERVICE,
    TRIAGE_OUTCOMES,
    Meeting,
    MeetingKind,
    Offer,
    Outcome,
    Response,
)
from triage.selectors.board import Member, Pick
from triage.services import Offered, Sent

ENDING_RESPONSES = [r for r in Response if r not in RESPONSES_WITH_SERVICE | RESPONSES_PASSED_ON]
OUTCOMES = [(outcome.value, outcome.label) for outcome in Outcome if outcome in TRIAGE_OUTCOMES]
ANSWER_DAYS = ((3, "3 days"), (7, "1 week"), (14, "2 weeks"), (28, "4 weeks"), (56, "8 weeks"), (84, "12 weeks"))
SMALL = {"choices_class": "govuk-checkboxes--small"}


def short(response: Response) -> str:
    """The publication's words without what they include, for a narrow list."""
    return str(response.label).split(":")[0].split(" (")[0]


def _when(responses: Any) -> dict[str, str]:
    """Shown by the script for these responses only; without it always shown."""
    return {"data_when": "response:" + " ".join(sorted(responses))}


def outcomes_field(*, required: bool = True, hint: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="How does it end?",
        choices=OUTCOMES,
        required=required,
        help_text=hint,
        error_messages={"required": "Choose at least one outcome"},
        widget=forms.CheckboxSelectMultiple(attrs=SMALL),
    )


def choice_field(form: EhsForm, name: str) -> forms.ChoiceField:
    """A field whose choices are set once the form is made."""
    return cast(forms.ChoiceField, form.fields[name])


class RowField(forms.TypedChoiceField):
    """How urgently one person is offered a service. A row that was not sent, because it was not shown, stays as it was
    proposed: after an error elsewhere the service is still for whom it was.
    """

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if data is None else data


class DecisionForm(EhsForm):
    """One response, and what goes with it. Services, partners and levels of need are read once by the view."""

    submit_label = "Decide, next referral"
    mark_optional = False

    response = forms.ChoiceField(
        label="Response",
        choices=[("", "Choose the response"), *((r.value, short(r)) for r in Response)],
        error_messages={"required": "Choose the response"},
        widget=forms.Select(attrs={"data-key": "d"}),
    )
    services = forms.MultipleChoiceField(label="Services offered", required=False)
    partners = forms.MultipleChoiceField(label="Passed to", required=False)
    outcomes = outcomes_field(
        required=False, hint="Tick nothing while something is still open: the referral then stays with you."
    )
    need_level = forms.ChoiceField(
        label="Level of need",
        required=False,
        help_text="Against the authority's thresholds, as you see it now.",
    )
    rationale = forms.CharField(
        label="Why",
        error_messages={"required": "Say why, in a sentence or two"},
        widget=forms.Textarea(attrs={"rows": 4, "data-key": "w"}),
        help_text="Read by the staff of the Cluster.",
    )

    def __init__(
        self,
        *args: Any,
        referral: Referral,
        picks: list[Pick],
        partners: list[PartnerService],
        levels: list[NeedLevel],
        members: Sequence[Member],
        **kwargs: Any,
    ) -> None:
        self.referral, self.picks = referral, picks
        self.levels = {str(level.pk): level for level in levels}
        self.partner_by_id = {str(partner.pk): partner for partner in partners}
        self.people = {str(member.person.pk): member.person for member in members}
        super().__init__(*args, **kwargs)
        of_need = [(key, str(level)) for key, level in self.levels.items()]
        choice_field(self, "need_level").choices = [("", "Not judged"), *of_need]
        self.rows = {str(pick.service.pk): self.add_rows(pick.service) for pick in picks}
        for partner in partners:
            self.add_sending(partner)
        services = choice_field(self, "services")
        services.widget = forms.CheckboxSelectMultiple(
            attrs={
                **SMALL,
                "item_hints": {str(pick.service.pk): pick.hint for pick in picks},
                "reveals": {key: list(rows.values()) for key, rows in self.rows.items()},
            }
        )
        services.choices = [(str(pick.service.pk), pick.service.name) for pick in picks]
        chosen = choice_field(self, "partners")
        chosen.widget = forms.CheckboxSelectMultiple(
            attrs={
                "choices_class": "govuk-checkboxes--small eh-picker",
                "data-picker": "Find a partner service",
                "item_hints": {str(p.pk): "hands back" for p in partners if p.returns_expected},
                "reveals": {key: [f"what_{key}", f"days_{key}"] for key in self.partner_by_id},
            }
        )
        chosen.choices = [(str(partner.pk), partner.name) for partner in partners]

    def add_rows(self, service: Service) -> dict[str, str]:
        """A field for each person, and for the whole family: not offered, or how urgently. Names by person's key."""
        likely, names = self.likely(service), {}
        for key, label in [("", "the whole family"), *((key, str(person)) for key, person in self.people.items())]:
            names[key] = f"row_{service.pk}_{key or 'family'}"
            self.fields[names[key]] = RowField(
                label=f"{service.name} for {label}",
                choices=[("", "Not offered"), *reversed(Offer.Priority.choices)],
                coerce=int,
                empty_value=None,
                required=False,
                initial=Offer.Priority.ROUTINE if key == likely else "",
                widget=forms.Select(attrs={"label_class": "eh-small", "group_class": "eh-offer-row"}),
            )
        return names

    def add_sending(self, partner: PartnerService) -> None:
        """What this partner is sent, and how soon it is to answer: each has its own."""
        small = {"label_class": "eh-small", "group_class": "eh-offer-row"}
        self.fields[f"what_{partner.pk}"] = forms.CharField(
            label=f"Sent to {partner.name}",
            required=False,
            max_length=200,
            widget=forms.TextInput(attrs={**small, "placeholder": "the referral, with the family’s agreement"}),
        )
        self.fields[f"days_{partner.pk}"] = forms.TypedChoiceField(
            label="Answer expected",
            choices=[("", f"in {partner.answer_days} days, as set"), *((n, f"in {t}") for n, t in ANSWER_DAYS)],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.Select(attrs=small),
        )

    def sent(self) -> list[Sent]:
        """Each ticked partner with what it is sent and the day of its answer."""
        data, today = self.cleaned_data, timezone.localdate()
        found = []
        for key in data["partners"]:
            days = data[f"days_{key}"]
            by = today + timedelta(days=days) if days else None
            found.append(Sent(self.partner_by_id[key], data[f"what_{key}"], by))
        return found

    def likely(self, service: Service) -> str:
        """For whom a service is as a rule: therapy for the child, counselling for an adult."""
        if service.kind == Service.Kind.CHILDRENS_THERAPY:
            return str(self.referral.child_id)
        adults = [key for key, person in self.people.items() if not person.is_child]
        return adults[0] if service.kind == Service.Kind.ADULT_COUNSELLING and len(adults) == 1 else ""

    def layout(self) -> Layout:
        return Layout(
            "response",
            Div("services", **_when(RESPONSES_WITH_SERVICE)),
            Div("partners", **_when(RESPONSES_PASSED_ON)),
            Div("outcomes", **_when(ENDING_RESPONSES)),
            "need_level",
            "rationale",
        )

    def clean(self) -> dict[str, Any]:
        """A service that is ticked must be for somebody; without its rows it is for the whole family."""
        data = super().clean() or self.cleaned_data
        names = {str(pick.service.pk): pick.service.name for pick in self.picks}
        for key in data.get("services", ()):
            rows = self.rows[key].values()
            if any(name in self.data for name in rows) and not any(data.get(name) for name in rows):
                self.add_error("services", f"{names[key]}: choose for whom")
        return data

    def offered(self) -> list[Offered]:
        """Each ticked service for each person chosen, with the priority of that row."""
        data, found = self.cleaned_data, []
        by_id = {str(pick.service.pk): pick.service for pick in self.picks}
        for key in data["services"]:
            rows = [(who, data[name]) for who, name in self.rows[key].items() if data[name]]
            for who, priority in rows or [("", Offer.Priority.ROUTINE)]:
                found.append(Offered(by_id[key], self.people.get(who), priority))
        return found

    @property
    def values(self) -> dict[str, Any]:
        """For the service; people are those the page was given, so no further query is needed."""
        data = self.cleaned_data
        return {
            "response": data["response"],
            "rationale": data["rationale"],
            "need_level": self.levels.get(data["need_level"]),
            "services": self.offered(),
            "partners": self.sent(),
            "outcomes": [Outcome(code) for code in data["outcomes"]],
        }


class DeferForm(EhsForm):
    """Why not today, and when."""

    submit_label = "Defer"
    submit_class = "govuk-button--secondary"

    reason = forms.CharField(
        label="Why is it deferred, and what is needed?",
        error_messages={"required": "Say why it is deferred"},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    to = forms.ChoiceField(label="To", required=False)

    def __init__(self, *args: Any, meetings: list[tuple[Meeting, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meetings = {str(meeting.pk): meeting for meeting, _ in meetings}
        planned = {meeting.kind for meeting, _ in meetings}
        later = [
            (kind.value, f"{kind.label}: the next, once it is planned") for kind in MeetingKind if kind not in planned
        ]
        choice_field(self, "to").choices = [*((str(meeting.pk), label) for meeting, label in meetings), *later]

    @property
    def values(self) -> dict[str, Any]:
        to = self.cleaned_data["to"]
        return {
            "reason": self.cleaned_data["reason"],
            "to": self.meetings.get(to),
            "to_kind": to if to in MeetingKind.values else "",
        }


class StepUpForm(EhsForm):
    """Who at CSWS took the concern, and when."""

    submit_label = "Record the step-up"
    submit_class = "govuk-button--warning"

    taken_by = forms.CharField(label="Name of the person at CSWS who took it", max_length=120)
    at = DateTimePartsField(label="When", initial=timezone.localtime, latest=timezone.localdate)
    csws_reference = forms.CharField(
        label="Their reference", max_length=60, help_text="If they gave none, write that. It ends the alarm."
    )


class NoStepUpForm(EhsForm):
    """Why a flag of significant harm needs no step-up."""

    submit_label = "Record that none is needed"
    submit_class = "govuk-button--warning"

    reason = forms.CharField(
        label="Why is no step-up to Children's Social Work Services needed?",
        error_messages={"required": "Say why no step-up is needed"},
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For example: CSWS is working with the family already, and who there said what.",
    )


class EndForm(EhsForm):
    """The outcomes of a referral that ends at triage."""

    submit_label = "End this referral"
    submit_class = "govuk-button--warning"

    outcomes = outcomes_field()


class OfferAgainForm(EhsForm):
    """A service for a referral that a partner has handed back."""

    submit_label = "Put on the waiting list"

    service = forms.ChoiceField(label="Service")
    person = forms.ChoiceField(label="For", required=False)
    priority = forms.TypedChoiceField(
        label="Priority", coerce=int, choices=Offer.Priority.choices, initial=Offer.Priority.ROUTINE
    )

    def __init__(self, *args: Any, picks: list[Pick], members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(member.person.pk): member.person for member in members}
        self.services = {str(pick.service.pk): pick.service for pick in picks}
        choice_field(self, "service").choices = [
            ("", "Choose a service"),
            *((str(pick.service.pk), f"{pick.service.name} ({pick.hint})") for pick in picks),
        ]
        choice_field(self, "person").choices = [
            ("", "The whole family"),
            *((key, str(person)) for key, person in self.people.items()),
        ]

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "service": self.services[data["service"]],
            "person": self.people.get(data["person"]),
            "priority": data["priority"],
        }
