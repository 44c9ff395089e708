"""Numbers that stand for a child: the unique pupil number and the NHS number.

Pure functions, used by the forms, the API and the importer alike. Each returns the number as it is
stored (no spaces, capital letters) or raises ValidationError with a message that names the number.
"""

from django.core.exceptions import ValidationError
from stdnum.gb import nhs, upn

UPN_LENGTH = 13
NHS_LENGTH = 10
# DfE: the first is the check letter; a temporary number ends in a letter. No I, O or S is ever used.
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def check_upn(text: str) -> str:
    """A UPN as it is stored; empty stays empty. Raises ValidationError for its shape or its check letter.

    An unknown local-authority number is no error, see `upn_warning` (domain section 5, "identifiers").
    """
    number = "".join(text.split()).upper()
    if not number:
        return ""
    if len(number) != UPN_LENGTH:
        raise ValidationError(f"UPN must have 13 characters; this one has {len(number)}", code="upn")
    shape = (
        number[0] in LETTERS
        and number[1:12].isascii()
        and number[1:12].isdigit()
        and (number[12] in LETTERS or (number[12].isascii() and number[12].isdigit()))
    )
    if not shape:
        raise ValidationError(
            "UPN must be a letter, then eleven digits, then a digit or a letter, like B801200005001", code="upn"
        )
    if upn.calc_check_digit(number[1:]) != number[0]:
        raise ValidationError(
            "UPN is not right: its first letter does not fit its digits. Check it with the school", code="upn"
        )
    return number


def upn_warning(number: str) -> str:
    """What to say about a well-formed UPN whose local-authority number nobody knows; empty when all is well."""
    if number and int(number[1:4]) not in upn._la_numbers:
        return f"No local authority has the number {number[1:4]}. Check the UPN with the school."
    return ""


def check_nhs_number(text: str) -> str:
    """An NHS number as it is stored; empty stays empty. Raises ValidationError for its shape or check digit."""
    number = "".join(c for c in text if not c.isspace() and c != "-")
    if not number:
        return ""
    if len(number) != NHS_LENGTH or not (number.isascii() and number.isdigit()):
        raise ValidationError("NHS number must have 10 digits", code="nhs_number")
    if nhs.checksum(number) != 0:
        raise ValidationError(
            "NHS number is not right: its last digit does not fit the others. Check it again", code="nhs_number"
        )
    return number


def are_right(upn_text: str, nhs_text: str) -> bool:
    """Whether both numbers, where they are there, pass their checks."""
    try:
        check_upn(upn_text)
        check_nhs_number(nhs_text)
    except ValidationError:
        return False
    return True


def spaced_nhs_number(number: str) -> str:
    """943 476 5919, as people write it."""
    return nhs.format(number) if number else ""
