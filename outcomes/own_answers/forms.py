"""The questions of a measure as the family answers them alone, and what a worker adds to an answer about safety."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as spoken
from django.utils.translation import gettext_lazy as _

from cluster_ehs.core.forms import EhsForm
from outcomes.family_page.forms import FamilyForm
from outcomes.measures.forms import MOST, AnswerField, literal, question_name
from outcomes.measures.models import Instrument, Item


def in_its_language(instrument: Instrument) -> bool:
    """Whether all questions are there in the language of the thread. Some may be asked in their own words alone."""
    if (get_language() or "en").startswith("en"):
        return True
    return all(spoken(item.text) != item.text for item in instrument.items.all())


class OwnMeasureForm(FamilyForm):
    """`contact`: whom to ring, for the box that opens with an answer about safety."""

    mark_optional = False

    def __init__(self, *args: Any, instrument: Instrument, contact: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(instrument.items.all())
        self.instrument, self.contact = instrument, contact
        self.translated = in_its_language(instrument)
        for item in self.items:
            self.fields[question_name(item.key)] = AnswerField(
                self._said(item),
                label=self._text(item.text),
                not_said=_("I would rather not say"),
                unanswered=_("Choose an answer, or that you would rather not say"),
            )

    def _text(self, text: str) -> str:
        """Translated; or in English, and marked so that it is read out as English."""
        if not text or self.translated:
            return spoken(text) if text else ""
        return format_html('<span lang="en" dir="ltr">{}</span>', text)

    def _said(self, item: Item) -> Item:
        return Item(
            key=item.key,
            text=item.text,
            low_anchor=self._text(item.low_anchor),
            high_anchor=self._text(item.high_anchor),
            lowest=item.lowest,
            highest=item.highest,
            above=item.above,
            choices=[[value, self._text(words)] for value, words in item.choices],
        )

    def layout(self) -> Layout:
        parts: list[Any] = []
        if self.instrument.lead:
            lead = {"lead": self._text(self.instrument.lead)}
            parts.append(HTML(literal("outcomes/own_answers/_lead.html", lead)))
        for item in self.items:
            parts.append(question_name(item.key))
            if item.above is not None:
                help_now = literal("outcomes/own_answers/_help.html", {**self.contact, "before": True})
                parts.append(Div(HTML(help_now), css_class="eh-safety"))
        return Layout(*parts)

    def clean(self) -> dict[str, Any]:
        """An answer about safety goes in whatever else is missing: nobody is there to ask for the rest."""
        cleaned = super().clean() or {}
        names = {question_name(item.key): item for item in self.items}
        risky = any(item.above is not None and (cleaned.get(name) or 0) > item.above for name, item in names.items())
        if risky:
            for name in [name for name in names if name in self.errors]:
                del self.errors[name]
                cleaned[name] = None
        return cleaned

    @property
    def answers(self) -> dict[str, Decimal | None]:
        return {item.key: self.cleaned_data[question_name(item.key)] for item in self.items}


class SeenToForm(EhsForm):
    """What was done about an answer that somebody of the family gave alone."""

    submit_label = "Save what was done"
    done = forms.CharField(
        label="What did you do about it?",
        max_length=MOST,
        help_text="The leader, who is on duty and the workers of the case read this.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter what you did about the answer on safety"},
    )
