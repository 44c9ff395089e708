"""One more service in a case, another worker of one, and its end."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils import timezone

from cases.models import CaseService
from cases.selectors.workload import Load
from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import Service
from families.models import Person


def _workers(field: forms.Field, loads: list[Load]) -> dict[str, Any]:
    """The workers of the Cluster with what each holds, as choices; a worker by key."""
    choice = cast(forms.ChoiceField, field)
    choice.choices = [(str(load.worker.pk), load.worker.name) for load in loads]
    choice.widget.attrs["item_hints"] = {
        str(load.worker.pk): f"{load.post or 'Practitioner'}: {load.effect}" for load in loads
    }
    return {str(load.worker.pk): load.worker for load in loads}


class AddServiceForm(EhsForm):
    submit_label = "Add the service"

    service = forms.ChoiceField(label="Which service?", widget=forms.RadioSelect)
    worker = forms.ChoiceField(label="Who gives it?", widget=forms.RadioSelect)
    person = forms.ChoiceField(label="For whom?", required=False, widget=forms.RadioSelect)
    on = DatePartsField(
        label="From which day?",
        latest=timezone.localdate,
        help_text="The entitlement of that day holds for this family, also when it changes later.",
    )

    def __init__(
        self,
        *args: Any,
        services: list[tuple[Service, str]],
        people: list[Person],
        loads: list[Load],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.services = {str(service.pk): service for service, _ in services}
        self.people = {str(person.pk): person for person in people}
        which = cast(forms.ChoiceField, self.fields["service"])
        which.choices = [(key, service.name) for key, service in self.services.items()]
        which.widget.attrs["item_hints"] = {str(service.pk): rule for service, rule in services}
        self.workers = _workers(self.fields["worker"], loads)
        whom = cast(forms.ChoiceField, self.fields["person"])
        whom.choices = [("", "The whole family")] + [(key, person.short_name) for key, person in self.people.items()]
        whom.initial = ""
        self.fields["on"].initial = timezone.localdate()

    @property
    def service_values(self) -> dict[str, Any]:
        """What `add_service` takes."""
        given = self.values
        return {
            "service": self.services[given["service"]],
            "worker": self.workers[given["worker"]],
            "person": self.people.get(given["person"]),
            "on": given["on"],
        }


class ChangeWorkerForm(EhsForm):
    submit_label = "Hand the service over"

    to = forms.ChoiceField(label="To whom?", widget=forms.RadioSelect)
    on = DatePartsField(label="From which day?", latest=timezone.localdate)
    text = forms.CharField(label="What must the next worker know?", widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, loads: list[Load], private: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = _workers(self.fields["to"], loads)
        self.fields["on"].initial = timezone.localdate()
        self.fields["text"].help_text = (
            "Read by you, both workers and their clinical supervisors. The notes of earlier sessions stay with the "
            "worker who wrote them."
            if private
            else "Everybody who reads the case sees this."
        )


class EndServiceForm(EhsForm):
    submit_label = "End the service"
    submit_class = "govuk-button--warning"

    reason = forms.ChoiceField(label="How did it end?", choices=CaseService.EndReason.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label="Anything to add",
        max_length=300,
        required=False,
        help_text="Everybody who reads the case sees this.",
    )
    on = DatePartsField(label="Last day", latest=timezone.localdate, initial=timezone.localdate)
