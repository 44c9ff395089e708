"""Case-file audit: drawing a sample, answering its questions, the second reader, the questions themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils import timezone
from django.utils.html import escape

from cases.forms.rows import MORE, TaskRows
from cases.models import AuditAnswer, AuditQuestion, AuditSample, CaseAudit
from cases.services.case_audit import MOST_SEED, Given
from cluster_ehs.core.forms import DatePartsField, EhsForm, TickRadios, YesNoField

NUMBER = {"class": "govuk-input--width-3"}


class SampleForm(EhsForm):
    submit_label = "Draw the sample"

    cluster = forms.ChoiceField(label="Of which Cluster?")
    which = forms.ChoiceField(label="Which cases?", choices=AuditSample.Which.choices, widget=forms.RadioSelect)
    starts_on = DatePartsField(label="Period from")
    ends_on = DatePartsField(label="Period to", latest=timezone.localdate)
    wanted = forms.IntegerField(
        label="How many?", min_value=1, max_value=60, initial=8, widget=forms.NumberInput(attrs=NUMBER)
    )
    stratum = forms.ChoiceField(label="Spread over", choices=AuditSample.Stratum.choices, widget=TickRadios)
    seed = forms.IntegerField(
        label="Seed",
        required=False,
        min_value=1,
        max_value=MOST_SEED,
        help_text="Leave empty. With the seed of an earlier draw the same cases come again.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
    )

    def __init__(self, *args: Any, clusters: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["cluster"].choices = clusters
        self.fields["cluster"].initial = clusters[0][0]
        if len(clusters) == 1:
            self.fields["cluster"].widget = forms.HiddenInput()
        self.fields["which"].initial = AuditSample.Which.OPEN
        self.fields["stratum"].initial = AuditSample.Stratum.WORKER
        self.fields["starts_on"].initial, self.fields["ends_on"].initial = today - timedelta(days=91), today


class AuditForm(TaskRows):
    """The questions of a sample for one case; saved for now, or finished."""

    submit_label = "Save for now"
    submit_class = "govuk-button--secondary"
    more_buttons = [{"name": "finish", "value": "yes", "label": "Finish the audit", "classes": ""}, MORE]

    judgement = forms.ChoiceField(
        label="Overall judgement", choices=CaseAudit.Judgement.choices, required=False, widget=forms.RadioSelect
    )
    summary = forms.CharField(
        label="What stands out?", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )

    def __init__(self, *args: Any, audit: CaseAudit, questions: list[AuditQuestion], **kwargs: Any) -> None:
        there = {answer.question_id: answer for answer in audit.answers.all()}
        first: dict[str, Any] = {"judgement": audit.judgement, "summary": audit.summary}
        for question in questions:
            if question.pk in there:
                first[f"answer_{question.pk}"] = there[question.pk].answer
                first[f"comment_{question.pk}"] = there[question.pk].comment
        super().__init__(*args, initial=first, version=audit.version, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[f"answer_{question.pk}"] = forms.ChoiceField(
                label=question.text,
                help_text=escape(question.help),
                choices=AuditAnswer.Scale.choices,
                required=False,
                widget=TickRadios,
            )
            self.fields[f"comment_{question.pk}"] = forms.CharField(
                label="Comment", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 1})
            )

    def layout(self) -> Layout:
        asked = [name for one in self.questions for name in (f"answer_{one.pk}", f"comment_{one.pk}")]
        actions = HTML('<h2 class="govuk-heading-m">Actions: who does what by when?</h2>')
        return Layout(*asked, "judgement", "summary", actions, *self.task_layout())

    @property
    def answers(self) -> dict[int, Given]:
        data = self.cleaned_data
        return {
            one.pk: Given(data[f"answer_{one.pk}"], data.get(f"comment_{one.pk}", ""))
            for one in self.questions
            if data.get(f"answer_{one.pk}")
        }


class ModerationForm(EhsForm):
    submit_label = "Save"

    agrees = YesNoField(label="Do you agree with this audit?")
    moderation = forms.CharField(
        label="Where do you see it otherwise?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5000,
    )


class QuestionForm(EhsForm):
    submit_label = "Save the question"

    text = forms.CharField(label="Question", max_length=200)
    help = forms.CharField(
        label="What to look for", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    order = forms.IntegerField(
        label="Place in the list", min_value=0, widget=forms.NumberInput(attrs=NUMBER), initial=0
    )
    retired_on = DatePartsField(label="No longer asked from", required=False)
