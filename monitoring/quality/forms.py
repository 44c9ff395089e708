"""Input of setting a finding aside, of a rule, and the filter above the list."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsFilterForm, EhsForm, YesNoField
from monitoring.quality.models import Owner, Rule, Severity


class AsideForm(EhsForm):
    submit_label = "Set aside"

    reason = forms.CharField(
        label="Why is it not put right now?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: the family prefers not to say; we ask again at the review.",
    )
    until = DatePartsField(
        label="Until when?",
        help_text="It comes back after this day, unless it was put right. A year from now at the latest.",
        earliest=lambda: timezone.localdate() + timedelta(days=1),
    )


class RuleForm(EhsForm):
    submit_label = "Save rule"

    active = YesNoField(label="Is this rule on?")
    severity = forms.ChoiceField(
        label="How grave is it?",
        choices=Severity.choices,
        widget=forms.RadioSelect,
        help_text="Severe findings count in the score of the Cluster.",
    )
    owner = forms.ChoiceField(label="Who puts it right?", choices=Owner.choices, widget=forms.RadioSelect)
    weeks = forms.IntegerField(
        label="After how many weeks?",
        min_value=1,
        max_value=52,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rule.weeks is None:
            del self.fields["weeks"]


class FindingsFilter(EhsFilterForm):
    rule = forms.ChoiceField(label="Rule", required=False)
    severity = forms.ChoiceField(label="How grave", required=False, choices=[("", "All"), *Severity.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = Rule.objects.filter(active=True).values_list("code", "title")
        self.fields["rule"].choices = [("", "All"), *titles]  # type: ignore[attr-defined]
