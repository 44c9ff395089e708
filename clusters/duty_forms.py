"""The forms of who is told of a risk of significant harm."""

from typing import Any

from django import forms

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters import selectors
from clusters.duty_models import WEEKDAYS
from clusters.forms import offer, today
from clusters.models import Cluster, DutyContact, Role, User


class DutyContactForm(EhsForm):
    """A deputy, an out-of-hours contact, or, for a manager, the emergency duty team of the city."""

    kind = forms.ChoiceField(label="Who is it?", choices=DutyContact.Kind.choices, widget=forms.RadioSelect)
    cluster = forms.ModelChoiceField(
        label="For which Cluster?", queryset=Cluster.objects.none(), required=False, empty_label="The whole city"
    )
    user = forms.ModelChoiceField(
        label="Somebody with a sign-in", queryset=User.objects.none(), required=False, empty_label="Nobody of these"
    )
    name = forms.CharField(label="Or the name", max_length=120, required=False)
    email = forms.EmailField(label="and e-mail address", required=False)
    telephone = forms.CharField(label="Telephone", max_length=40, required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label="On which days? None ticked means every day",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"choices_class": "govuk-checkboxes--small"}),
        help_text="The day on which the hours begin.",
    )
    from_time = forms.TimeField(label="From", required=False, help_text="For example 17:00. Empty means all day.")
    to_time = forms.TimeField(label="Until", required=False, help_text="For example 08:30, on the next morning.")
    starts_on = DatePartsField(label="First day", initial=today)
    ends_on = DatePartsField(label="First day without it", required=False, help_text="Empty when no end is known.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clusters = selectors.clusters_of(user)
        offer(self, "cluster", clusters)
        now = selectors.today_of("roles__")
        staff = User.objects.filter(now, is_active=True, email__isnull=False, roles__cluster__in=clusters)
        offer(self, "user", staff.filter(roles__role__in=[Role.LEADER, Role.PRACTITIONER]).distinct())


class AbsenceForm(EhsForm):
    """Somebody who is told is away: the deputies are told instead."""

    user = forms.ModelChoiceField(label="Who is away?", queryset=User.objects.none(), empty_label="Choose")
    starts_on = DatePartsField(label="First day away", initial=today)
    ends_on = DatePartsField(label="First day back")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "user", selectors.people_on_duty(user))
