"""Ask who referred, note what they said, and the answer without a sign-in."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm


class AskForm(EhsForm):
    submit_label = "Ask the referrer"

    text = forms.CharField(
        label="What do you want to know?",
        help_text="The referrer reads this as you write it. The e-mail itself names nobody: it brings a link.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )
    due_on = DatePartsField(
        label="By when",
        help_text="Until then it stands on no agenda; the day after it comes back, answered or not.",
        initial=lambda: timezone.localdate() + timedelta(days=14),
    )


class NoteAnswerForm(EhsForm):
    submit_label = "Save the answer"

    answer = forms.CharField(label="The answer", widget=forms.Textarea(attrs={"rows": 6}), max_length=5000)
    told_by = forms.CharField(
        label="Who told you?", max_length=120, required=False, help_text="Leave empty if it is your own answer."
    )


class LinkAnswerForm(EhsForm):
    submit_label = "Send the answer"
    with_token = False  # the link takes one answer

    name = forms.CharField(label="Your name", max_length=120)
    answer = forms.CharField(label="Your answer", widget=forms.Textarea(attrs={"rows": 8}), max_length=5000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"


class SchoolAnswerForm(EhsForm):
    submit_label = "Send the answer"
    mark_optional = False

    answer = forms.CharField(label="Your answer", widget=forms.Textarea(attrs={"rows": 8}), max_length=5000)
