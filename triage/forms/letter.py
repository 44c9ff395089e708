"""Write a letter from a template, and keep the templates."""

from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError

from cluster_ehs.core.forms import EhsForm
from triage import letters
from triage.models import Audience, MessageTemplate


class LetterForm(EhsForm):
    """The text as the template gives it; it may be put in other words before it is kept."""

    submit_label = "Keep this letter"
    mark_optional = False

    subject = forms.CharField(label="Heading", max_length=160)
    body = forms.CharField(label="Text", widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}), max_length=8000)


class TemplateForm(EhsForm):
    """Where a text is used is asked only for a new one."""

    submit_label = "Save as a new version"
    more_buttons = ({"name": "then", "value": "preview", "label": "Preview", "classes": "govuk-button--secondary"},)

    audience = forms.ChoiceField(label="To", choices=Audience.choices)
    about = forms.ChoiceField(label="When", choices=MessageTemplate.About.choices)
    language = forms.ChoiceField(label="Language", choices=MessageTemplate.Language.choices)
    subject = forms.CharField(label="Heading", max_length=160)
    body = forms.CharField(label="Text", widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}), max_length=8000)

    def __init__(self, *args: Any, template: MessageTemplate | None = None, **kwargs: Any) -> None:
        self.template = template
        if template:
            kwargs |= {"initial": {"subject": template.subject, "body": template.body}, "version": template.version}
        super().__init__(*args, **kwargs)
        if template:
            for name in ("audience", "about", "language"):
                del self.fields[name]

    def layout(self) -> Layout:
        return Layout(*(name for name in self.fields if name not in {"once", "version"}))

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_body(self) -> str:
        return self._checked("body")

    def _checked(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        letters.check(text)
        return text

    @property
    def preview(self) -> dict[str, str] | None:
        """The text with invented values; None while it is wrong."""
        try:
            return {name: letters.fill(self.cleaned_data[name], letters.EXAMPLE) for name in ("subject", "body")}
        except (KeyError, AttributeError, ValidationError):
            return None

    @property
    def values(self) -> dict[str, Any]:
        data = dict(super().values)
        if self.template:
            where = {name: getattr(self.template, name) for name in ("audience", "about", "language")}
            return {**where, **data, "seen_version": self.seen_version or 0}
        return data
