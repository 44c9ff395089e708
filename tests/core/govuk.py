"""GOV.UK fixtures as form fields of ours, or the reason why the pack leaves one out."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, ErrorList

from cluster_ehs.core.forms import DatePartsField

CHOICES = {"radios", "checkboxes"}
GROUPED = {*CHOICES, "date-input"}
FIELDS = ["input", "textarea", "character-count", "select", *sorted(GROUPED), "file-upload", "password-input"]

# Options that the pack leaves out on purpose; a dot goes one level down, `items.` and `errorList.` into each entry.
OPTIONS_LEFT_OUT = {
    "inputWrapper": "the wrapper around prefix and suffix is not styled per field",
    "prefix.attributes": "prefix and suffix are plain text",
    "prefix.classes": "prefix and suffix are plain text",
    "prefix.html": "prefix and suffix are plain text",
    "suffix.attributes": "prefix and suffix are plain text",
    "suffix.classes": "prefix and suffix are plain text",
    "suffix.html": "prefix and suffix are plain text",
    "label.html": "labels are text",
    "fieldset.legend.html": "legends are text",
    "fieldset.attributes": "a fieldset takes classes only",
    "fieldset.describedBy": "a group is described by its own hint and error",
    "countMessage": "the count is not styled per field",
    "textareaDescriptionText": "wording comes from the translations",
    "charactersUnderLimitText": "wording comes from the translations",
    "chooseFilesButtonText": "wording comes from the translations",
    "showPasswordText": "wording comes from the translations",
    "wrapperClasses": "the drop zone is not styled per field",
    "items.html": "choices are text",
    "items.label": "a choice's label takes neither classes nor attributes",
    "items.id": "choices and parts are numbered from the field's id",
    "visuallyHiddenText": "the hidden word is translated, not chosen per message",
    "html": "messages are text",
    "legend.html": "legends are text",
    "attributes": "messages, legends and buttons take no attributes of their own",
    "titleHtml": "the summary has one title",
    "descriptionText": "the summary lists errors only",
    "descriptionHtml": "the summary lists errors only",
    "disableAutoFocus": "the summary always takes the focus",
    "errorList.html": "messages are text",
    "errorList.attributes": "links in the summary take no attributes",
    "isStartButton": "no page starts with one",
    "disabled": "a button that does nothing is not shown",
    "href": "links that look like buttons are written in the page",
}
# Left out for reasons of their own.
FIXTURES_LEFT_OUT = {
    ("select", "with falsy items"): "choices have no gaps",
    ("select", "with falsy values"): "falsy values are written as Python writes them",
    ("select", "item selected overrides value"): "one value decides what is selected",
    ("radios", "with falsy items"): "choices have no gaps",
    ("radios", "item checked overrides value"): "one value decides what is checked",
    ("checkboxes", "with falsy values"): "choices have no gaps",
    ("checkboxes", "item checked overrides values"): "one value decides what is checked",
    ("character-count", "to configure in JavaScript"): "without a limit it is a plain textarea",
    ("character-count", "with neither maxlength nor maxwords set"): "without a limit it is a plain textarea",
    ("character-count", "with neither maxlength, maxwords nor textarea description set"): "the same",
    ("character-count", "with textarea maxlength attribute"): "maxlength is not written: no text is cut off",
    ("date-input", "with translations"): "the parts' labels come from the translations",
    ("error-message", "attributes"): "messages are text",
    ("error-summary", "html as titleText"): "the summary has one title",
    ("error-summary", "classes"): "the summary is not styled per page",
    ("hint", "classes"): "a hint is not styled per field",
    ("error-message", "classes"): "a message is not styled per field",
    ("label", "empty"): "every field has a label",
    ("fieldset", "role"): "only dates have the role, compared there",
    ("fieldset", "html fieldset content"): "content is the field's",
    ("button", "don't prevent double click"): "every button that submits prevents it",
}


def option_names(options: dict[str, Any]) -> set[str]:
    names = set(options)
    for name, value in options.items():
        if isinstance(value, dict):
            names |= {f"{name}.{inner}" for inner in value}
            names |= {f"{name}.{inner}.{last}" for inner, sub in value.items() if isinstance(sub, dict) for last in sub}
        if isinstance(value, list):
            names |= {f"{name}.{key}" for entry in value if isinstance(entry, dict) for key in entry}
    return names


def left_out(component: str, fixture: dict[str, Any]) -> str:
    """Why a fixture is not compared; empty when it is."""
    named = FIXTURES_LEFT_OUT.get((component, fixture["name"]))
    if named:
        return named
    options = fixture["options"]
    names = option_names(options)
    if component in FIELDS:
        names -= {"attributes", "disabled"}
    reason = next((f"{name}: {OPTIONS_LEFT_OUT[name]}" for name in sorted(names) if name in OPTIONS_LEFT_OUT), "")
    if reason:
        return reason
    items = [item for item in options.get("items") or [] if item]
    if component in {*CHOICES, "select"}:
        if component == "select" and any("value" not in item for item in items):
            return "options always carry a value"
        if any("name" in item for item in items):
            return "the boxes of a field share its name"
        if "describedBy" in options and component in CHOICES:
            return "choices are described by their own hint and error"
    if component == "date-input":
        return date_left_out(options, items)
    return ""


def date_left_out(options: dict[str, Any], items: list[dict[str, Any]]) -> str:
    parts = items or [{"name": part, **options[part]} for part in ("day", "month", "year") if options.get(part)]
    if False in (options.get("day"), options.get("month"), options.get("year")):
        return "a date has all three parts"
    if items and {item["name"] for item in items} != {"day", "month", "year"}:
        return "a date has day, month and year"
    if any("govuk-input--error" in part.get("classes", "") for part in parts):
        return "the error names the part, not a class"
    if any("value" in part or part.get("name", "").endswith("-day") for part in parts):
        return "values come from the date"
    if any(part.get("error") is not None for part in parts) and "errorMessage" not in options:
        return "an error has a message"
    if any(part.get("error") is False for part in parts):
        return "the error names the wrong part, not the right ones"
    if any("inputmode" in part for part in parts):
        return "dates are numbers"
    return ""


def text(option: dict[str, Any] | None) -> str:
    return str((option or {}).get("text") or "")


def look(component: str, options: dict[str, Any]) -> dict[str, Any]:
    """The widget's attrs for what a fixture asks."""
    heading = (options.get("fieldset") or {}).get("legend") or {} if component in GROUPED else options["label"]
    attrs: dict[str, Any] = {
        "id": options.get("id") or options.get("idPrefix") or options["name"],
        "label_class": heading.get("classes", ""),
        "page_heading": heading.get("isPageHeading", False),
        "group_class": options.get("formGroup", {}).get("classes", ""),
        **options.get("attributes", {}),
    }
    if component in GROUPED:
        attrs["fieldset"] = bool(options.get("fieldset"))
        attrs["fieldset_class"] = (options.get("fieldset") or {}).get("classes", "")
        attrs["choices_class"] = options.get("classes", "")
    else:
        attrs["class"] = options.get("classes", "")
        attrs |= {name: options[name] for name in ("autocomplete", "pattern", "inputmode", "type") if name in options}
        if "autocapitalize" in options:
            attrs["autocapitalize"] = options["autocapitalize"]
        if "spellcheck" in options:
            attrs["spellcheck"] = str(options["spellcheck"]).lower()
        if options.get("describedBy"):
            attrs["aria-describedby"] = options["describedBy"]
    return attrs


def choices_of(options: dict[str, Any], attrs: dict[str, Any]) -> tuple[list[tuple[str, str]], list[str]]:
    """The choices and those chosen; hints, dividers, attributes and what a choice reveals go into attrs."""
    choices, chosen, divider = [], [], ""
    values = [str(value) for value in [options.get("value"), *options.get("values", [])] if value is not None]
    for item in options.get("items", []):
        if item.get("divider"):
            divider = item["divider"]
            continue
        value = str(item["value"])
        choices.append((value, item["text"]))
        if item.get("checked") or item.get("selected") or value in values:
            chosen.append(value)
        if divider:
            attrs.setdefault("divider_before", {})[value] = divider
            divider = ""
        if text(item.get("hint")):
            attrs.setdefault("item_hints", {})[value] = text(item["hint"])
        if (item.get("conditional") or {}).get("html"):
            attrs.setdefault("reveals", {})[value] = f"revealed_by_{value}"
        if item.get("behaviour") == "exclusive":
            attrs.setdefault("exclusive", []).append(value)
        own = {**item.get("attributes", {}), **({"disabled": True} if item.get("disabled") else {})}
        if own:
            attrs.setdefault("item_attrs", {})[value] = own
    return choices, chosen


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


def field_of(component: str, options: dict[str, Any]) -> tuple[forms.Field, Any]:
    """The form field that should look like the fixture, and its value."""
    attrs = look(component, options)
    label = (options.get("fieldset") or {}).get("legend") if component in GROUPED else options["label"]
    common: dict[str, Any] = {
        "label": text(label),
        "help_text": text(options.get("hint")),
        "disabled": bool(options.get("disabled")),
    }
    value = options.get("value")
    if component in {*CHOICES, "select"}:
        choices, chosen = choices_of(options, attrs)
        if component == "checkboxes":
            widget: forms.Widget = forms.CheckboxSelectMultiple(attrs=attrs)
            return forms.MultipleChoiceField(choices=choices, widget=widget, **common), chosen
        widget = forms.RadioSelect(attrs=attrs) if component == "radios" else forms.Select(attrs=attrs)
        return forms.ChoiceField(choices=choices, widget=widget, **common), chosen[-1] if chosen else None
    if component == "date-input":
        return date_field(options, attrs, common)
    if component in {"textarea", "character-count"}:
        attrs |= {"threshold": options.get("threshold"), "count_type": options.get("countType")}
        attrs |= {"max_words": options.get("maxwords"), "rows": options.get("rows", 5)}
        widget = forms.Textarea(attrs=attrs)
        return forms.CharField(widget=widget, max_length=options.get("maxlength"), **common), value
    if component == "file-upload":
        attrs |= {"enhanced": options.get("javascript", False)}
        several = {"multiple": True} if options.get("multiple") else {}
        widget = (SeveralFiles if several else forms.FileInput)(attrs=attrs | several)
        return forms.FileField(widget=widget, **common), None
    if component == "password-input":
        return forms.CharField(widget=forms.PasswordInput(attrs=attrs, render_value=True), **common), value
    attrs |= {"prefix": text(options.get("prefix")), "suffix": text(options.get("suffix"))}
    return forms.CharField(widget=forms.TextInput(attrs=attrs), **common), value


def date_field(options: dict[str, Any], attrs: dict[str, Any], common: dict[str, Any]) -> tuple[forms.Field, Any]:
    parts = {item["name"]: item for item in options.get("items") or []}
    parts |= {part: options[part] for part in ("day", "month", "year") if options.get(part)}
    attrs["part_attrs"] = {
        part: {
            **{name: item[name] for name in ("autocomplete", "pattern") if name in item},
            **item.get("attributes", {}),
            "class": " ".join(name for name in item.get("classes", "").split() if "--width-" not in name),
        }
        for part, item in parts.items()
    }
    values = {name.rpartition("-")[2]: value for name, value in options.get("values", {}).items()}
    field = DatePartsField(**common)
    field.widget.attrs.update(attrs)
    return field, values or None


def form_of(component: str, options: dict[str, Any]) -> tuple[forms.Form, str]:
    """A form with that one field, unbound, with the fixture's error in it; and the field's name."""
    name = options.get("name") or options.get("namePrefix") or options["id"]
    field, value = field_of(component, options)
    form = forms.Form(initial={name: value})
    form.fields[name] = field
    for revealed in (field.widget.attrs.get("reveals") or {}).values():
        form.fields[revealed] = forms.CharField()
    errors = ErrorDict()
    if text(options.get("errorMessage")):
        parts = [part for part in ("day", "month", "year") if (options.get(part) or {}).get("error")]
        parts += [item["name"] for item in options.get("items") or [] if item and item.get("error")]
        errors[name] = ErrorList([ValidationError(text(options["errorMessage"]), params={"parts": parts})])
    form._errors = errors
    return form, name
