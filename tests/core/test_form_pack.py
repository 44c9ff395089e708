"""The form pack's HTML against the fixtures that the govuk-frontend package ships.

Both sides are parsed, so order of attributes and white space do not matter. What a choice reveals is compared apart
(there it is any field of ours), and a date's parts always carry the field's name.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.test.html import Element, parse_html

from cluster_ehs.core.form_markup import SummaryEntry, render_field
from cluster_ehs.core.form_view import FieldView
from cluster_ehs.core.forms import EhsForm
from tests.core import govuk

COMPONENTS = Path(settings.BASE_DIR) / "node_modules/govuk-frontend/dist/govuk/components"
BITS = ["error-message", "error-summary", "hint", "label", "fieldset", "button"]


def fixtures(component: str) -> list[dict[str, Any]]:
    return json.loads((COMPONENTS / component / "fixtures.json").read_text(encoding="utf-8"))["fixtures"]


def compared(components: list[str]) -> list[Any]:
    return [
        pytest.param(component, fixture, id=f"{component}: {fixture['name']}")
        for component in components
        for fixture in fixtures(component)
        if not govuk.left_out(component, fixture)
    ]


def parsed(html: str) -> Element:
    return without_revealed(parse_html(html))


def without_revealed(element: Element) -> Element:
    attributes = dict(element.attributes) if isinstance(element, Element) else {}
    if "__conditional" in str(attributes.get("class", "")):
        element.children = []
    for child in element.children:
        if isinstance(child, Element):
            without_revealed(child)
    return element


def without(element: Element, *names: str) -> Element:
    element.attributes = [(name, value) for name, value in element.attributes if name not in names]
    return element


@pytest.mark.parametrize(("component", "fixture"), compared(govuk.FIELDS))
def test_a_field_is_written_as_the_design_system_writes_it(component: str, fixture: dict[str, Any]) -> None:
    options, expected = fixture["options"], fixture["html"]
    form, name = govuk.form_of(component, options)
    if component == "date-input" and "namePrefix" not in options:
        for part in ("day", "month", "year"):
            expected = expected.replace(f'name="{part}"', f'name="{name}-{part}"')
    assert parsed(render_field(form[name])) == parsed(expected)


@pytest.mark.parametrize(("component", "fixture"), compared(BITS))
def test_a_part_is_written_as_the_design_system_writes_it(component: str, fixture: dict[str, Any]) -> None:
    options = fixture["options"]
    html = {
        "error-message": error_message,
        "error-summary": error_summary,
        "hint": hint,
        "label": label,
        "fieldset": fieldset,
        "button": button,
    }[component](options)
    ours = parsed(html)
    # Ours always name what they belong to.
    unnamed = [name for name in ("id", "for") if name not in options]
    if component in {"error-message", "hint", "label"}:
        heading = ours.name == "h1"
        without(ours.children[0] if heading else ours, *unnamed)
    if component == "fieldset" and "describedBy" not in options:
        without(ours, "aria-describedby")
    if component == "button" and "preventDoubleClick" not in options:
        without(ours, "data-prevent-double-click")
    assert ours == parsed(fixture["html"])


def view(options: dict[str, Any], **more: Any) -> FieldView:
    settings_of = {"label_class": options.get("classes", ""), "page_heading": options.get("isPageHeading", False)}
    return FieldView(**{"kind": "input", "id": "x", "name": "x", "label": "", **settings_of, **more})


def error_message(options: dict[str, Any]) -> str:
    id_ = options.get("id", "x-error").removesuffix("-error")
    html = render_to_string("ehs/parts/messages.html", {"f": view({}, id=id_, error=options["text"])})
    return html.replace(f'id="{id_}-error"', f'id="{options.get("id", "x")}"')


def hint(options: dict[str, Any]) -> str:
    id_ = options.get("id", "x-hint").removesuffix("-hint")
    return render_to_string("ehs/parts/messages.html", {"f": view({}, id=id_, hint=options["text"])})


def label(options: dict[str, Any]) -> str:
    return render_to_string(
        "ehs/parts/label.html", {"f": view(options, id=options.get("for", "x"), label=options["text"])}
    )


def fieldset(options: dict[str, Any]) -> str:
    legend = options["legend"]
    field = view(legend, kind="radios", label=legend["text"], fieldset_class=options.get("classes", ""))
    field.described_by = options.get("describedBy", "")
    return render_to_string("ehs/parts/fieldset_open.html", {"f": field}) + "</fieldset>"


def error_summary(options: dict[str, Any]) -> str:
    entries = [
        SummaryEntry(entry["text"], entry.get("href", "").removeprefix("#")) for entry in options.get("errorList", [])
    ]
    return render_to_string("ehs/error_summary.html", {"entries": entries})


def button(options: dict[str, Any]) -> str:
    if "name" in options or "value" in options or "id" in options or options.get("type") == "button":
        return render_to_string("ehs/parts/button.html", {"button": options | {"label": options["text"]}})
    html = render_crispy_form(EhsForm(submit_label=options["text"], submit_class=options.get("classes", "")))
    return html[html.index("<button") : html.index("</button>") + len("</button>")]


def test_another_label_would_be_noticed() -> None:
    fixture = next(fixture for fixture in fixtures("input") if fixture["name"] == "default")
    form, name = govuk.form_of("input", fixture["options"])
    form.fields[name].label = "Something else"
    assert parsed(render_field(form[name])) != parsed(fixture["html"])


def test_a_missing_class_would_be_noticed() -> None:
    fixture = next(fixture for fixture in fixtures("radios") if fixture["name"] == "default")
    form, name = govuk.form_of("radios", fixture["options"])
    ours = render_field(form[name])
    assert parsed(ours) == parsed(fixture["html"])
    assert parsed(ours.replace("govuk-radios__label", "")) != parsed(fixture["html"])


def test_most_fixtures_are_compared() -> None:
    total = sum(len(fixtures(component)) for component in [*govuk.FIELDS, *BITS])
    taken = len(compared(govuk.FIELDS)) + len(compared(BITS))
    assert taken / total > 0.6, f"{taken} of {total}"


def test_every_reason_for_leaving_out_still_has_its_fixture() -> None:
    present = {(component, fixture["name"]) for component in [*govuk.FIELDS, *BITS] for fixture in fixtures(component)}
    assert set(govuk.FIXTURES_LEFT_OUT) <= present
    names = {
        name
        for component in [*govuk.FIELDS, *BITS]
        for fixture in fixtures(component)
        for name in govuk.option_names(fixture["options"])
    }
    assert set(govuk.OPTIONS_LEFT_OUT) <= names


def test_what_a_choice_reveals_is_under_it() -> None:
    form = forms.Form()
    form.fields["kind"] = forms.ChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect(attrs={"reveals": {"b": "which"}})
    )
    form.fields["which"] = forms.CharField(label="Which?", required=False)
    html = render_field(form["kind"])
    assert 'data-aria-controls="conditional-id_kind-2"' in html
    assert html.index('id="conditional-id_kind-2"') < html.index('name="which"')
