"""What a change of the settings was, in words: the settings have no history trigger, this is their log."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.text import capfirst

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor

KIND = "settings"


def said(value: Any) -> str:
    """A value as the log shows it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return f"“{value}”"


def record(*, by: Actor, kind: str, text: str, about: Model) -> None:
    audit.event(by=by, kind=f"{KIND}.{kind}", text=text, about=about)


def apply(about: Model, values: dict[str, Any]) -> list[str]:
    """Set values on a locked row and check the whole of it. Returns what changed, in words; saves nothing.

    Raises ValidationError that names the fields.
    """
    texts = []
    for name, value in values.items():
        field = about._meta.get_field(name)
        before = getattr(about, name)
        if before == value:
            continue
        shown = dict(getattr(field, "choices", None) or ())
        setattr(about, name, value)
        label = capfirst(str(getattr(field, "verbose_name", name)))
        texts.append(f"{label}: {said(shown.get(before, before))} is now {said(shown.get(value, value))}.")
    about.full_clean()
    return texts


def change(about: Model, values: dict[str, Any], *, by: Actor, kind: str, called: str = "") -> list[str]:
    """Change a locked row, save it and log it under its former name when anything is different."""
    called = called or str(about)
    texts = apply(about, values)
    if texts:
        about.save(update_fields=list(values))
        record(by=by, kind=kind, text=f"{called}: {' '.join(texts)}", about=about)
    return texts


def wrong(field: str, message: str) -> ValidationError:
    return ValidationError({field: message})
