"""From a bound field to its HTML. Python decides the attributes, the templates in `ehs/fields/` the structure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cluster_ehs.core.form_view import (
    LOOK,
    PART_LABELS,
    FieldView,
    Item,
    base_id,
    classes,
    error_target,
    kind_of,
    wrong_parts,
)


def field_view(bound: BoundField) -> FieldView:
    """Everything that the field's template shows, in GOV.UK's order and naming."""
    widget = bound.field.widget
    kind = kind_of(widget)
    look = {name: widget.attrs.get(name) for name in LOOK}
    attrs = {name: value for name, value in widget.attrs.items() if name not in LOOK and name != "id"}
    if bound.field.disabled:
        attrs["disabled"] = True
    # Text over a limit is told, not cut off while pasting.
    attrs.pop("maxlength", None)
    attrs.pop("minlength", None)
    id_ = base_id(bound)
    grouped = kind in {"radios", "checkboxes", "ticks", "score", "date"} and look["fieldset"] is not False
    size = getattr(bound.form, "label_size", "")
    if look["label_class"] is not None:
        label_class = look["label_class"]
    elif size and kind != "checkbox":
        label_class = f"govuk-fieldset__legend--{size}" if grouped else f"govuk-label--{size}"
    else:
        label_class = ""
    view = FieldView(
        kind=kind,
        id=id_,
        name=bound.html_name,
        label=str(bound.label),
        label_class=label_class,
        required=bound.field.required,
        optional=not bound.field.required and getattr(bound.form, "mark_optional", True) and kind != "checkbox",
        page_heading=bool(look["page_heading"]),
        hint=bound.help_text,
        error=" ".join(str(error) for error in bound.errors),
        group_class=look["group_class"] or "",
        fieldset=grouped,
        fieldset_class=look["fieldset_class"] or "",
        prefix=look["prefix"] or "",
        suffix=look["suffix"] or "",
        choices_class=look["choices_class"] or "",
        enhanced=bool(look["enhanced"]),
    )
    view.described_by = classes(
        attrs.pop("aria-describedby", ""), f"{id_}-hint" if view.hint else "", f"{id_}-error" if view.error else ""
    )
    FILLERS.get(kind, fill_input)(view, bound, attrs, look)
    return view


def fill_input(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    widget = bound.field.widget
    value = widget.format_value(bound.value())
    input_type = attrs.pop("type", None) or getattr(widget, "input_type", "text") or "text"
    own = {}
    if input_type == "number" and isinstance(bound.field, forms.IntegerField) and "type" not in widget.attrs:
        # The spinner of type=number changes a value by accident when scrolling.
        input_type, own = "text", {"inputmode": attrs.pop("inputmode", "numeric")}
        for name in ("min", "max", "step"):
            attrs.pop(name, None)
    base = "govuk-input"
    if view.kind == "password":
        base = "govuk-input govuk-password-input__input govuk-js-password-input-input"
        own = {
            "spellcheck": "false",
            "autocapitalize": "none",
            "autocomplete": attrs.pop("autocomplete", "current-password"),
        }
        view.group_class = classes("govuk-password-input", view.group_class)
        view.group_attrs = flatatt({"data-module": "govuk-password-input"})
    view.attrs = flatatt(
        {
            "class": classes(base, attrs.pop("class", ""), "govuk-input--error" if view.error else ""),
            "id": view.id,
            "name": view.name,
            "type": input_type,
            "value": value if value not in (None, "") else None,
            "aria-describedby": view.described_by or None,
            **own,
            **attrs,
        }
    )


def fill_hidden(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    view.value = str(bound.as_hidden())


def fill_textarea(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    limit, words = getattr(bound.field, "max_length", None), look["max_words"]
    own_class = ""
    described = view.described_by
    if limit or words:
        unit = look["count_type"] or ("words" if words else None)
        view.count = (
            _("You can enter up to %(count)s words")
            if unit == "words"
            else _("You can enter up to %(count)s characters")
        ) % {"count": words or limit}
        view.group_class = classes("govuk-character-count", view.group_class)
        view.group_attrs = flatatt(
            {
                "data-module": "govuk-character-count",
                "data-maxlength": str(limit) if limit else None,
                "data-maxwords": str(words) if words else None,
                "data-threshold": str(look["threshold"]) if look["threshold"] else None,
                "data-count-type": unit,
            }
        )
        own_class = "govuk-js-character-count"
        described = classes(f"{view.id}-info", described)
    attrs.pop("cols", None)
    rows = attrs.pop("rows", 5)
    # "10" is what Django gives a textarea that nobody sized.
    rows = 5 if rows == "10" else rows
    # A browser drops the first line break of a textarea, so one stands before the text.
    view.value = "\n" + (bound.field.widget.format_value(bound.value()) or "")
    view.attrs = flatatt(
        {
            "class": classes(
                "govuk-textarea", "govuk-textarea--error" if view.error else "", own_class, attrs.pop("class", "")
            ),
            "id": view.id,
            "name": view.name,
            "rows": str(rows),
            "aria-describedby": described or None,
            **attrs,
        }
    )


def fill_file(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    view.attrs = flatatt(
        {
            "class": classes(
                "govuk-file-upload", attrs.pop("class", ""), "govuk-file-upload--error" if view.error else ""
            ),
            "id": view.id,
            "name": view.name,
            "type": "file",
            "aria-describedby": view.described_by or None,
            **attrs,
        }
    )


def chosen(bound: BoundField) -> list[str]:
    widget = bound.field.widget
    value = widget.format_value(bound.value())
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def fill_select(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    widget: Any = bound.field.widget
    item_attrs = look["item_attrs"] or {}
    for group, options, _index in widget.optgroups(bound.html_name, chosen(bound)):
        items = []
        for option in options:
            value = str(option["value"])
            label = _("Choose") if not value and set(str(option["label"])) == {"-"} else option["label"]
            own = {"value": value, "selected": option["selected"], **item_attrs.get(option["value"], {})}
            own["disabled"] = option["attrs"].get("disabled") or own.get("disabled")
            items.append(Item(id="", label=label, value=value, attrs=flatatt(own)))
        if view.groups and not group and not view.groups[-1][0]:
            view.groups[-1][1].extend(items)
        else:
            view.groups.append((group or "", items))
    view.attrs = flatatt(
        {
            "class": classes("govuk-select", attrs.pop("class", ""), "govuk-select--error" if view.error else ""),
            "id": view.id,
            "name": view.name,
            "multiple": bool(getattr(widget, "allow_multiple_selected", False)),
            "aria-describedby": view.described_by or None,
            **attrs,
        }
    )


def fill_choices(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    widget: Any = bound.field.widget
    several = isinstance(widget, forms.CheckboxSelectMultiple)
    base = {"radios": "govuk-radios", "checkboxes": "govuk-checkboxes"}.get(view.kind, "eh-ticks")
    view.choices_class = classes(base, attrs.pop("class", ""), view.choices_class)
    if base == "eh-ticks" and view.error:
        view.choices_class += " eh-ticks--error"
    disabled = attrs.pop("disabled", False)
    view.choices_attrs = flatatt(attrs)
    hints, reveals = look["item_hints"] or {}, look["reveals"] or {}
    dividers, exclusive = look["divider_before"] or {}, look["exclusive"] or ()
    own_attrs = look["item_attrs"] or {}
    number = 0
    for group, options, _index in widget.optgroups(bound.html_name, chosen(bound)):
        items = []
        for option in options:
            raw, value = option["value"], str(option["value"])
            if not value and set(str(option["label"])) == {"-"}:
                continue
            divider = dividers.get(raw, dividers.get(value, ""))
            # The design system counts the divider among the choices.
            number += 2 if divider else 1
            id_ = f"{view.id}-{number}" if number > 1 else view.id
            hint = hints.get(raw, hints.get(value, ""))
            revealed = reveals.get(raw, reveals.get(value, ""))
            described = view.described_by if several and not view.fieldset else ""
            own = {
                "class": f"{base}__input",
                "id": id_,
                "name": view.name,
                "type": "checkbox" if several else "radio",
                "value": value,
                "checked": option["selected"],
                "disabled": option["attrs"].get("disabled") or disabled,
                "data-aria-controls": f"conditional-{id_}" if revealed else None,
                "data-behaviour": "exclusive" if value in exclusive else None,
                "aria-describedby": classes(described, f"{id_}-item-hint" if hint else "") or None,
                **own_attrs.get(raw, own_attrs.get(value, {})),
            }
            items.append(
                Item(
                    id=id_,
                    label=option["label"],
                    value=value,
                    attrs=flatatt(own),
                    hint=hint,
                    checked=bool(option["selected"]),
                    conditional=render_revealed(bound.form, revealed),
                    divider=divider,
                    was=view.kind == "score" and value != "" and value == str(widget.was),
                )
            )
        if view.groups and not group and not view.groups[-1][0]:
            view.groups[-1][1].extend(items)
        else:
            view.groups.append((group or "", items))
    if view.kind == "score":
        view.low, view.high = widget.low, widget.high


def fill_checkbox(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    value = attrs.pop("value", "on")
    reveals = look["reveals"] or {}
    revealed = next(iter(reveals.values()), "")
    checked = bool(bound.field.widget.check_test(bound.value()))
    own = {
        "class": classes("govuk-checkboxes__input", attrs.pop("class", "")),
        "id": view.id,
        "name": view.name,
        "type": "checkbox",
        "value": str(value),
        "checked": checked,
        "data-aria-controls": f"conditional-{view.id}" if revealed else None,
        "aria-describedby": classes(
            f"{view.id}-error" if view.error else "", f"{view.id}-item-hint" if view.hint else ""
        )
        or None,
        **attrs,
    }
    view.fieldset, view.choices_class = False, classes("govuk-checkboxes", view.choices_class)
    conditional = render_revealed(bound.form, revealed)
    item = Item(
        id=view.id, label=view.label, attrs=flatatt(own), hint=view.hint, checked=checked, conditional=conditional
    )
    view.hint = ""
    view.groups = [("", [item])]


def fill_date(view: FieldView, bound: BoundField, attrs: dict[str, Any], look: dict[str, Any]) -> None:
    widget: Any = bound.field.widget
    wrong = wrong_parts(bound)
    texts = widget.format_value(bound.value())
    labels, part_attrs = look["part_labels"] or {}, look["part_attrs"] or {}
    for part in widget.parts:
        width = {"year": "4", "time": "5"}.get(part, "2")
        more = dict(part_attrs.get(part, {}))
        own = {
            "class": classes(
                "govuk-input govuk-date-input__input",
                "govuk-input--error" if part in wrong else "",
                f"govuk-input--width-{width}",
                more.pop("class", ""),
            ),
            "id": f"{view.id}-{part}",
            "name": f"{view.name}-{part}",
            "type": "text",
            # Phones offer the number pad; a month's name comes from a keyboard or the clipboard.
            "inputmode": "numeric" if part != "time" else None,
            "value": texts[part] or None,
            "disabled": attrs.get("disabled", False),
            **more,
        }
        view.items.append(Item(id=f"{view.id}-{part}", label=labels.get(part, PART_LABELS[part]), attrs=flatatt(own)))
    attrs.pop("disabled", None)
    view.choices_class = classes("govuk-date-input", attrs.pop("class", ""), view.choices_class)
    view.choices_attrs = flatatt(attrs)


FILLERS = {
    "hidden": fill_hidden,
    "textarea": fill_textarea,
    "file": fill_file,
    "select": fill_select,
    "radios": fill_choices,
    "checkboxes": fill_choices,
    "ticks": fill_choices,
    "score": fill_choices,
    "checkbox": fill_checkbox,
    "date": fill_date,
}


def render_field(bound: BoundField, *, revealed: bool = False) -> SafeString:
    """The field's whole group: label, hint, error, input. A revealed field is asked for once its choice is made."""
    view = field_view(bound)
    view.optional = view.optional and not revealed
    return render_to_string(f"ehs/fields/{view.kind}.html", {"f": view})


def render_revealed(form: Any, names: str | Sequence[str]) -> SafeString:
    """The field, or the fields, that a choice shows."""
    wanted = [names] if isinstance(names, str) else names
    return SafeString("".join(render_field(form[name], revealed=True) for name in wanted if name))


@dataclass
class SummaryEntry:
    text: str
    target: str = ""


def error_entries(form: forms.BaseForm | BaseFormSet) -> list[SummaryEntry]:
    """What the error summary lists: each error once, with the id of the input to correct.

    What several questions say alike stands behind the question's own words: else a reader sees the same line ten times.
    """
    if isinstance(form, BaseFormSet):
        entries = [SummaryEntry(str(error)) for error in form.non_form_errors()]
        for one in form.forms:
            entries += error_entries(one)
        return entries
    entries = [SummaryEntry(str(error)) for error in form.non_field_errors()]
    said = Counter(str(error) for name, errors in form.errors.items() if name in form.fields for error in errors)
    for name, errors in form.errors.items():
        if name in form.fields:
            target = "" if form.fields[name].widget.is_hidden else error_target(form[name])
            entries += [SummaryEntry(_of_which(form[name], error, said), target) for error in map(str, errors)]
    return entries


def _of_which(bound: BoundField, error: str, said: Counter[str]) -> str:
    label = unescape(strip_tags(str(bound.label))).strip() if said[error] > 1 else ""
    return f"{label}{'' if label.endswith('?') else ':'} {error}" if label else error
