"""UPN and NHS number: the table of cases is the published one, with the sources of each."""

import csv
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from families.identifiers import check_nhs_number, check_upn, spaced_nhs_number, upn_warning

CASES = list(csv.DictReader((Path(__file__).parent / "identifiers.csv").open(encoding="utf-8")))
CHECKS = {"UPN": check_upn, "NHS": check_nhs_number}


def test_the_table_has_both_kinds_of_both_answers() -> None:
    assert {(case["type"], case["valid"]) for case in CASES} == {
        ("UPN", "Y"),
        ("UPN", "N"),
        ("NHS", "Y"),
        ("NHS", "N"),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['value']} {case['why']}")
def test_known_cases(case: dict[str, str]) -> None:
    check = CHECKS[case["type"]]
    if case["valid"] == "Y":
        assert check(case["value"]) == case["value"]
    else:
        with pytest.raises(ValidationError) as error:
            check(case["value"])
        name = "UPN" if case["type"] == "UPN" else "NHS number"
        assert error.value.message.startswith(name)


def test_spaces_and_small_letters_are_mended() -> None:
    assert check_upn(" b801 2000 05001 ") == "B801200005001"
    assert check_nhs_number("943 476-5919") == "9434765919"
    assert spaced_nhs_number("9434765919") == "943 476 5919"


def test_nothing_given_is_nothing_wrong() -> None:
    assert check_upn("  ") == check_nhs_number("") == upn_warning("") == ""


@pytest.mark.parametrize("text", ["B80120000500", "B8012000050012", "B80120000500I", "١٢٣"])
def test_wrong_shapes_of_a_upn(text: str) -> None:
    with pytest.raises(ValidationError, match="UPN must"):
        check_upn(text)


def test_digits_of_other_scripts_are_no_nhs_number() -> None:
    with pytest.raises(ValidationError, match="10 digits"):
        check_nhs_number("٩٤٣٤٧٦٥٩١٩")


def test_an_unknown_local_authority_only_warns() -> None:
    assert check_upn("A950000178301") == "A950000178301"
    assert "950" in upn_warning("A950000178301")
    assert upn_warning("V383234521001") == ""
