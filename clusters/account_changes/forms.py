from typing import Any

from django import forms

from cluster_ehs.core.forms import EhsForm, EhsModelForm
from clusters.account_changes.policies import is_managers
from clusters.models import AccountRequest, User

What = AccountRequest.What


class PersonForm(EhsModelForm):
    """What a manager changes of somebody at once. The address of a manager's account is asked for instead."""

    class Meta:
        model = User
        fields = ["name", "email", "telephone"]
        labels = {"email": "Work e-mail", "telephone": "Work telephone"}
        help_texts = {"email": "They sign in with it. The old address is told of the change."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        if is_managers(self.instance):
            self.fields["email"].disabled = True
            self.fields["email"].help_text = "A manager’s address is changed by two people: ask for it on their page."

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class AskForm(EhsForm):
    submit_label = "Ask for it"
    what = forms.ChoiceField(
        label="What is to change?",
        choices=What.choices,
        widget=forms.RadioSelect(
            attrs={
                "reveals": {What.ADDRESS: "email"},
                "item_hints": {
                    What.ADDRESS: "They sign in with it, and a new password is sent there. The old address is told.",
                    What.SECOND_FACTOR: "For a lost telephone. The password stays; every sign-in, API token and the "
                    "calendar’s address end.",
                },
            }
        ),
    )
    email = forms.EmailField(label="New work e-mail", required=False)
    reason = forms.CharField(
        label="Why?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever confirms it reads this. Say how you know that they want it: by voice, face to face.",
    )
