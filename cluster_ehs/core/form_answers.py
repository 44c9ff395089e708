"""A form's answers in words: for checking before submitting, and to show two editors both texts."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format

_TECHNICAL = {"once", "version", "draft_version", "draft_page"}


def in_words(field: forms.Field, value: Any) -> str:
    """One answer as people read it; empty for none."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(value, list):
        return "\n".join(str(entry) for entry in value)
    if isinstance(value, str) and hasattr(field, "choices"):
        return str(dict(field.choices).get(value, value))
    return str(value)


def answers(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    """Question and answer of a valid form; empty answers are left out."""
    for name, field in form.fields.items():
        text = in_words(field, form.cleaned_data.get(name))  # type: ignore[attr-defined]
        if text and name not in _TECHNICAL:
            yield str(field.label), text


def differences(form: forms.BaseForm, saved: dict[str, Any]) -> list[tuple[str, str]]:
    """What is saved where it is not what was typed: question, and the saved answer in words."""
    found = []
    for name, value in saved.items():
        field = form.fields.get(name)
        if field is None or name in _TECHNICAL:
            continue
        theirs, mine = in_words(field, value), in_words(field, form.cleaned_data.get(name))  # type: ignore[attr-defined]
        if theirs != mine:
            found.append((str(field.label), theirs or "(empty)"))
    return found
