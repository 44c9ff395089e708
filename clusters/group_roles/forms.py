"""What a manager says of a group of the directory."""

from typing import Any

from django import forms

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.forms import today
from clusters.models import Cluster, Post, Role, School
from clusters.signing_in.council_roles import GIVEN


class GroupRoleForm(EhsForm):
    group = forms.CharField(
        label="Group in the directory",
        max_length=200,
        help_text="Exactly as the directory sends it.",
    )
    role = forms.ChoiceField(
        label="What does it mean here?",
        choices=[(role.value, Role(role).label) for role in GIVEN],
        widget=forms.RadioSelect,
        help_text="A group never makes a manager. That needs two people.",
    )
    cluster = forms.ModelChoiceField(
        queryset=Cluster.objects.none(),
        required=False,
        label="Cluster",
        empty_label="Choose a Cluster",
        help_text="Of a practitioner, a Cluster leader or a panel guest.",
    )
    post = forms.ChoiceField(
        choices=[("", "Choose a post"), *Post.choices], required=False, label="Post", help_text="Of a practitioner."
    )
    school = forms.ModelChoiceField(
        queryset=School.objects.none(),
        required=False,
        label="School",
        empty_label="Choose a school",
        help_text="Of a referrer.",
    )
    starts_on = DatePartsField(label="From which day?", initial=today)
    ends_on = DatePartsField(label="First day without it", required=False, help_text="Empty when no end is known.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster"].queryset = Cluster.objects.filter(retired_on=None)  # type: ignore[attr-defined]
        self.fields["school"].queryset = School.objects.open()  # type: ignore[attr-defined]
