"""What a referral must keep to, once for forms, API and importer. Pure functions, no database.

`check_*` raises ValidationError with a message that names the field and says what to do;
`*_warning` returns words to show, or an empty text.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from cluster_ehs.core.figures import age_in_years

ADULT = 18
USUAL = range(4, 17)
# An older referral is history: it comes in with an import, where the dates of the sheet stand.
OLDEST_RECEIPT_DAYS = 2 * 365 + 1
OLDEST = 25


def check_birth_date(born: date | None, received_on: date | None = None) -> None:
    """0 to 17 years on the day of referral, up to 25 with SEND (domain 2.1). Unknown is allowed."""
    if born is None:
        return
    received_on = received_on or timezone.localdate()
    if born > timezone.localdate():
        raise ValidationError("Date of birth is in the future. Check the year", code="birth_date")
    if born > received_on:
        raise ValidationError("Date of birth is later than the day the referral was received", code="birth_date")
    age = age_in_years(born, received_on)
    if age is not None and age > OLDEST:
        raise ValidationError(
            f"Date of birth makes the child {age} years old on the day of referral. "
            "Early help is for children to 17, and to 25 with SEND",
            code="birth_date",
        )


def age_warning(born: date | None, received_on: date, *, has_send: bool) -> str:
    """4 to 16 years as a rule (domain section 1); 18 to 25 with special educational needs or a disability (2.1).

    Words to show beside the referral; it can be sent all the same.
    """
    age = age_in_years(born, received_on)
    if age is None or age in USUAL:
        return ""
    if age < ADULT:
        return (
            f"This child is {age} on the day of referral. Help is for children of 4 to 16 as a rule: say why, or ask "
            "who helps families with younger children and school leavers."
        )
    if has_send:
        return ""
    return (
        f"This person is {age} on the day of referral. From 18 to 25 a referral needs special educational needs or a "
        "disability: add them, or check the date of birth."
    )


def age_out_of_range(born: date | None, received_on: date, *, has_send: bool) -> str:
    """Why somebody of this age cannot be the child of a referral; empty when all is well or the day is not known."""
    try:
        check_birth_date(born, received_on)
    except ValidationError as error:
        return str(error.messages[0])
    age = age_in_years(born, received_on)
    return age_warning(born, received_on, has_send=has_send) if age is not None and age >= ADULT else ""


def check_age_given(age: int | None) -> None:
    """The age that stands in for an unknown birth date, in years."""
    if age is not None and not 0 <= age <= OLDEST:
        raise ValidationError("Age must be between 0 and 25 years", code="age_given")


def check_received_on(day: date | None) -> None:
    """Today or earlier, at most two years ago. That it is not before the birth is `check_birth_date`'s to say."""
    if day is None:
        raise ValidationError("Enter the day the referral was received", code="received_on")
    if day > timezone.localdate():
        raise ValidationError("Date received must be today or in the past", code="received_on")
    if (timezone.localdate() - day).days > OLDEST_RECEIPT_DAYS:
        raise ValidationError(
            "Date received is more than two years ago. Check the year; older referrals come in with an import",
            code="received_on",
        )


def check_attendance(percent: Decimal | float | int | None) -> None:
    """Attendance in per cent of possible sessions."""
    if percent is not None and not 0 <= percent <= 100:
        raise ValidationError("Attendance must be between 0 and 100 per cent", code="attendance_percent")


def check_agreement(agreed_on: date | None, received_on: date | None = None) -> None:
    if agreed_on is not None and agreed_on > timezone.localdate():
        raise ValidationError("The day the family agreed must be today or in the past", code="agreed_on")


YES = {"yes", "y", "true", "1"}


def plainly_restricted(payload: Mapping[str, Any]) -> dict[str, Any]:
    """`restricted` as true, or not there: a sheet says it in words, a program in JSON."""
    rest = {name: value for name, value in payload.items() if name != "restricted"}
    return rest | ({"restricted": True} if str(payload.get("restricted", "")).strip().lower() in YES else {})
