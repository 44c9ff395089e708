"""The words for records and fields, where people read them row by row: those of the pages, not the program's."""

import re

import pytest
from django.apps import apps

from cluster_ehs.core.plain_words import FIELDS, THINGS, begun_small, label, thing
from keeping.subject_access.plain import SILENT
from keeping.subject_access.sections import PARTS

# Names of models that are the words of the pages themselves.
SAME = {
    "Person", "Relationship", "Family", "Flag", "Agreement", "Referral", "Decision", "Letter", "Case", "Lead worker",
    "School attendance", "Social care involvement", "Circumstances", "Formulation", "Factor", "Plan", "Goal", "Contact",
    "Task", "Need found", "Closure",
}  # fmt: skip
# Names of columns that say something only to those who made them.
OURS = {"P", "Type", "User", "Payload", "Content type", "Is child", "In household", "One", "Two", "As imported", "At"}


def test_each_word_is_of_something_that_there_is() -> None:
    assert set(THINGS) <= {model._meta.label_lower for model in apps.get_models()}
    names = {f"{m._meta.label_lower}.{f.name}" for m in apps.get_models() for f in m._meta.concrete_fields}
    anywhere = {f".{name.rpartition('.')[2]}" for name in names}
    assert set(FIELDS) <= names | anywhere


@pytest.mark.parametrize("name", PARTS)
def test_what_a_person_is_given_has_no_name_of_a_table(name: str) -> None:
    model = apps.get_model(name)
    own = str(model._meta.verbose_name)
    automatic = own == re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower()
    assert name in THINGS or not automatic or own.capitalize() in SAME, thing(model)
    for field in model._meta.concrete_fields:
        if field.name not in SILENT and not field.primary_key:
            assert label(field) not in OURS, field


def test_letters_that_stand_for_words_stay_large_within_a_sentence() -> None:
    assert [begun_small(text) for text in ("CSWS reference", "UPN", "Home visit", "Family Group Conference")] == [
        "CSWS reference",
        "UPN",
        "home visit",
        "Family Group Conference",
    ]
