"""Offering a family to another Cluster, and declining one."""

from typing import Any, cast

from django import forms

from cluster_ehs.core.forms import EhsForm
from clusters.models import Cluster, User
from families.models import Agreement


class TransferForm(EhsForm):
    submit_label = "Offer to that Cluster"

    to_cluster = forms.ChoiceField(label="To which Cluster?")
    for_user = forms.ChoiceField(
        label="To whom there?",
        required=False,
        help_text="A restricted record opens to this leader alone. Left empty: to any leader of that Cluster.",
    )
    why = forms.CharField(label="Why does the family move?", widget=forms.Textarea(attrs={"rows": 3}))
    agreement = forms.ChoiceField(
        label="What does the move rest on?", help_text="The family's agreement as it stands on its page."
    )
    parts = forms.MultipleChoiceField(
        label="What did the family agree to share?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Names and birth dates of the household always go with it. Nothing else that is not ticked leaves.",
    )

    def __init__(
        self,
        *args: Any,
        clusters: list[Cluster],
        leaders: list[tuple[User, Cluster]],
        agreements: list[Agreement],
        possible: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.clusters = {str(cluster.pk): cluster for cluster in clusters}
        self.leaders = {str(user.pk): user for user, _ in leaders}
        self.agreements = {str(agreement.pk): agreement for agreement in agreements}
        self.choose("to_cluster", "Choose a Cluster", [(key, c.name) for key, c in self.clusters.items()])
        self.choose("for_user", "Any leader there", [(str(u.pk), f"{u.name}, {c.name}") for u, c in leaders])
        agreed = [(key, f"{a.given_by}, {a.given_on:%-d %B %Y}") for key, a in self.agreements.items()]
        self.choose("agreement", "Choose the agreement", agreed)
        cast(forms.MultipleChoiceField, self.fields["parts"]).choices = possible

    def choose(self, name: str, empty: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [("", empty), *choices]

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "to_cluster": self.clusters[data["to_cluster"]],
            "for_user": self.leaders.get(data["for_user"]),
            "why": data["why"],
            "agreement": self.agreements[data["agreement"]],
            "parts": data["parts"],
        }


class AnswerTransferForm(EhsForm):
    submit_label = "Send the answer"

    answer = forms.ChoiceField(
        label="Your answer",
        choices=[("accept", "Accept: a family and a referral to screen are made here"), ("decline", "Decline")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why, if you decline",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The other Cluster reads it.",
    )
