"""Every field has a class: what becomes of it at a disposal and in a safe copy."""

from django.apps import apps

from keeping.fields import Fate, Holds, clean, drop, gone, unclassed
from keeping.lines import LINES


def test_every_field_of_every_model_is_classed() -> None:
    """A new field fails here until `keeping/fields_of_families.py` or `fields_of_others.py` says what it holds."""
    assert unclassed(LINES) == []


def test_no_class_speaks_of_a_field_that_is_gone() -> None:
    assert gone(LINES) == []


def test_a_missing_a_forgotten_and_a_gone_field_are_found() -> None:
    without = {label: line for label, line in LINES.items() if label != "cases.contactnote"}
    assert unclassed(without) == ["cases.contactnote"]
    assert unclassed({**LINES, "cases.contactnote": drop(date="created_at", text="text")}) == [
        "cases.contactnote.child_said"
    ]
    old = clean(text="text child_said whispered", date="created_at")
    assert gone({**LINES, "cases.contactnote": old, "cases.telegram": drop()}) == [
        "cases.contactnote.whispered",
        "cases.telegram",
    ]


def test_what_has_a_familys_key_or_is_about_a_person_goes_with_it() -> None:
    for model in apps.get_models(include_auto_created=True):
        line = LINES[model._meta.label_lower]
        of_family = any(field.attname == "family_id" for field in model._meta.concrete_fields)
        if of_family or Holds.PERSON in line.holds.values():
            assert line.fate == Fate.DROP, model
