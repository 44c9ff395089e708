from typing import Any

from django import forms

from cluster_ehs.core.forms import EhsForm, EhsModelForm, YesNoField
from monitoring.curiosity.models import CuriosityFinding, CuriosityRule

NUMBER = forms.NumberInput(attrs={"class": "govuk-input--width-5"})
TIME = forms.TimeInput(attrs={"class": "govuk-input--width-5", "placeholder": ""}, format="%H:%M")


class DecideForm(EhsForm):
    """What somebody made of the looks."""

    submit_label = "Save"
    status = forms.ChoiceField(
        label="What did you find out?",
        choices=[
            (CuriosityFinding.Status.EXPLAINED, "It is explained"),
            (CuriosityFinding.Status.FOLLOW_UP, "It is to be followed up"),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="How, or what happens next",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Managers read this too: no child’s name.",
    )


class CuriosityRuleForm(EhsModelForm):
    active = YesNoField(label="Ask about such looks?")

    class Meta:
        model = CuriosityRule
        fields = ["active", "at_least", "at_most", "from_time", "to_time"]
        widgets = {"at_least": NUMBER, "at_most": NUMBER, "from_time": TIME, "to_time": TIME}
        help_texts = {
            "at_least": "Looks at one family in a week; of “many families”, different families in an hour.",
            "at_most": "A name that more families of the Cluster bear says nothing.",
            "from_time": "For example 07:00.",
            "to_time": "For example 20:00.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.instance.code
        if code != CuriosityRule.Code.SAME_NAME:
            del self.fields["at_most"]
        if code != CuriosityRule.Code.OUT_OF_HOURS:
            del self.fields["from_time"], self.fields["to_time"]
