"""The forms around a meeting: plan it, who is here, actions."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm
from clusters.models import Cluster, User
from triage.models import Meeting


class PlanForm(EhsForm):
    """When, where and what kind; the Cluster is asked for only from who leads several."""

    submit_label = "Plan the meeting"

    cluster = forms.ModelChoiceField(label="Cluster", queryset=Cluster.objects.none())
    kind = forms.ChoiceField(label="What kind of meeting?", choices=Meeting.Kind.choices, widget=forms.RadioSelect)
    starts_at = DateTimePartsField(label="When", earliest=timezone.localdate)
    place = forms.CharField(label="Where", max_length=120, required=False)

    def __init__(self, *args: Any, clusters: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].initial = Meeting.Kind.SCREENING
        if len(clusters) == 1:
            self.cluster_id = next(iter(clusters))
            del self.fields["cluster"]
        else:
            cast(forms.ModelChoiceField, self.fields["cluster"]).queryset = Cluster.objects.filter(pk__in=clusters)

    @property
    def values(self) -> dict[str, Any]:
        data = {name: self.cleaned_data[name] for name in ("kind", "starts_at", "place")}
        chosen = self.cleaned_data.get("cluster")
        return {**data, "cluster_id": chosen.pk if chosen else self.cluster_id}


class AttendeeForm(EhsForm):
    """Somebody with a sign-in, or a name and an agency."""

    submit_label = "Add"
    submit_class = "govuk-button--secondary"
    mark_optional = False

    user = forms.ModelChoiceField(
        label="Somebody of the Cluster, or a guest with a sign-in",
        queryset=User.objects.none(),
        required=False,
        empty_label="Choose",
    )
    name = forms.CharField(label="Or a name", max_length=120, required=False)
    agency = forms.CharField(label="From which agency", max_length=160, required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["user"]).queryset = people


class ActionForm(EhsForm):
    """What is to be done, by whom, by when."""

    submit_label = "Add action"
    submit_class = "govuk-button--secondary"

    text = forms.CharField(label="What is to be done?", max_length=300)
    owner = forms.ModelChoiceField(
        label="By whom", queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )
    due_on = DatePartsField(label="By when", earliest=timezone.localdate, required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["owner"]).queryset = people
