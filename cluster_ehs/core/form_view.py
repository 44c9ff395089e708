"""What a field's small template reads. Beside HTML attributes a widget's `attrs` may hold words of ours, see `LOOK`."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from cluster_ehs.core.date_fields import DateParts
from cluster_ehs.core.forms import Score, TickRadios, Ticks

NOTHING = SafeString("")
LOOK = {
    "label_class": "classes of the label or legend; without it the form's `label_size`",
    "page_heading": "the label or legend is the page's h1",
    "group_class": "classes of the form group",
    "fieldset": "False leaves out the fieldset around choices and dates",
    "fieldset_class": "classes of the fieldset",
    "choices_class": "classes around the choices, such as govuk-radios--inline",
    "item_hints": "{value: hint} under single choices",
    "item_attrs": "{value: {attribute: value}} on single choices",
    "reveals": "{value: name of the field, or names of the fields, shown when it is chosen}",
    "divider_before": "{value: word}, such as “or” before the last choice",
    "exclusive": "values that untick all others",
    "prefix": "text before the input",
    "suffix": "text after the input",
    "part_labels": "{part: label} of a date",
    "part_attrs": "{part: {attribute: value}} of a date",
    "count_type": "words, length or characters of a character count",
    "max_words": "limit in words",
    "threshold": "percentage of the limit from which the count shows",
    "enhanced": "a file input with a drop zone",
}
PART_LABELS = {
    "day": gettext_lazy("Day"),
    "month": gettext_lazy("Month"),
    "year": gettext_lazy("Year"),
    "time": gettext_lazy("Time"),
}
KINDS: list[tuple[type[forms.Widget], str]] = [
    (DateParts, "date"),
    (Score, "score"),
    (Ticks, "ticks"),
    (TickRadios, "ticks"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
    (forms.HiddenInput, "hidden"),
    (forms.MultipleHiddenInput, "hidden"),
]


@dataclass
class Item:
    """One choice, or one box of a date."""

    id: str
    label: str
    attrs: SafeString = NOTHING
    hint: str = ""
    value: str = ""
    label_class: str = ""
    conditional: str = ""
    checked: bool = False
    divider: str = ""
    was: bool = False


@dataclass
class FieldView:
    """What a field's template reads."""

    kind: str
    id: str
    name: str
    label: str
    label_class: str = ""
    optional: bool = False
    required: bool = True
    page_heading: bool = False
    hint: Any = ""
    error: str = ""
    described_by: str = ""
    group_class: str = ""
    group_attrs: SafeString = NOTHING
    fieldset: bool = True
    fieldset_class: str = ""
    attrs: SafeString = NOTHING
    value: str = ""
    prefix: str = ""
    suffix: str = ""
    choices_class: str = ""
    choices_attrs: SafeString = NOTHING
    groups: list[tuple[str, list[Item]]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    count: str = ""
    enhanced: bool = False
    low: str = ""
    high: str = ""


def kind_of(widget: forms.Widget) -> str:
    return next((kind for cls, kind in KINDS if isinstance(widget, cls)), "input")


def base_id(bound: BoundField) -> str:
    return str(bound.field.widget.attrs.get("id") or bound.auto_id or bound.html_name)


def wrong_parts(bound: BoundField) -> list[str]:
    """The boxes of a date that an error points to; all of them when it names none."""
    parts = getattr(bound.field.widget, "parts", ())
    for error in bound.form.errors.as_data().get(bound.name, []):
        named = (getattr(error, "params", None) or {}).get("parts")
        if named:
            return [part for part in parts if part in named]
    return list(parts) if bound.errors else []


def error_target(bound: BoundField) -> str:
    """The id of the input that an error's link leads to."""
    if kind_of(bound.field.widget) == "date":
        return f"{base_id(bound)}-{(wrong_parts(bound) or ['day'])[0]}"
    return base_id(bound)


def classes(*names: str) -> str:
    return " ".join(name for name in names if name)
