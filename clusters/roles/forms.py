"""The forms of a manager's role and of acting up."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters import selectors
from clusters.forms import offer, today
from clusters.models import Cluster, Role, User


def in_four_weeks() -> Any:
    return timezone.localdate() + timedelta(weeks=4)


class AskManagerForm(EhsForm):
    submit_label = "Ask for it"
    reason = forms.CharField(
        label="Why does the service need them as a manager?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever confirms it reads this.",
    )
    starts_on = DatePartsField(label="First day", initial=today)
    ends_on = DatePartsField(
        label="First day without the role", required=False, help_text="Empty when no end is known."
    )


class ActingForm(EhsForm):
    """A higher post for a time."""

    submit_label = "Let them act up"
    role = forms.ChoiceField(label="As what?", widget=forms.RadioSelect)
    cluster = forms.ModelChoiceField(
        queryset=Cluster.objects.none(), required=False, label="Cluster", help_text="Of a Cluster leader."
    )
    reason = forms.CharField(
        label="Whom do they stand in for, and why?", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    starts_on = DatePartsField(label="First day", initial=today)
    ends_on = DatePartsField(
        label="First day without it", initial=in_four_weeks, help_text="It ends by itself then. A year at most."
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            (Role.LEADER, "Cluster leader"),
            (Role.MANAGER, "Manager, when another manager confirms it"),
        ]
        self.fields["role"].initial = Role.LEADER
        clusters = selectors.clusters_of(user).filter(retired_on=None)
        offer(self, "cluster", clusters, empty="Choose a Cluster")
