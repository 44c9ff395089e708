"""Bad input: each gets a message that names the field and says what to do."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from referrals.rules import (
    age_warning,
    check_age_given,
    check_agreement,
    check_attendance,
    check_birth_date,
    check_received_on,
)

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-20 12:00 +0000", tick=False):
        yield


def test_birth_date_in_the_future() -> None:
    with pytest.raises(ValidationError, match="Date of birth is in the future"):
        check_birth_date(DAY + timedelta(days=1), DAY)


def test_born_after_the_referral() -> None:
    with pytest.raises(ValidationError, match="later than the day the referral was received"):
        check_birth_date(date(2026, 11, 10), date(2026, 11, 9))


def test_a_child_over_25() -> None:
    with pytest.raises(ValidationError, match="Date of birth makes the child 26 years old"):
        check_birth_date(date(2000, 11, 20), DAY)
    check_birth_date(date(2000, 11, 21), DAY)


def test_the_age_counts_on_the_day_of_referral() -> None:
    check_birth_date(date(2000, 11, 20), date(2026, 11, 19))


def test_an_unknown_birth_date_is_allowed() -> None:
    check_birth_date(None, DAY)
    assert age_warning(None, DAY, has_send=False) == ""


@pytest.mark.parametrize(
    ("born", "send", "warned"),
    [
        (date(2008, 11, 20), False, True),
        (date(2008, 11, 20), True, False),
        (date(2009, 11, 21), False, False),
        (date(2001, 1, 1), False, True),
    ],
)
def test_18_to_25_needs_send(born: date, send: bool, warned: bool) -> None:
    check_birth_date(born, DAY)
    assert bool(age_warning(born, DAY, has_send=send)) is warned


@pytest.mark.parametrize(
    ("born", "warned"),
    [
        (date(2022, 11, 21), True),
        (date(2022, 11, 20), False),
        (date(2009, 11, 21), False),
        (date(2009, 11, 20), True),
    ],
)
def test_4_to_16_is_the_rule_and_others_may_be_sent(born: date, warned: bool) -> None:
    check_birth_date(born, DAY)
    assert ("4 to 16" in age_warning(born, DAY, has_send=False)) is warned


def test_received_more_than_two_years_ago() -> None:
    check_received_on(timezone.localdate() - timedelta(days=731))
    with pytest.raises(ValidationError, match="Date received is more than two years ago"):
        check_received_on(timezone.localdate() - timedelta(days=732))


def test_received_before_the_birth() -> None:
    with pytest.raises(ValidationError, match="Date of birth is later than the day the referral was received"):
        check_birth_date(DAY, DAY - timedelta(days=1))


def test_received_in_the_future() -> None:
    with pytest.raises(ValidationError, match="Date received must be today or in the past"):
        check_received_on(timezone.localdate() + timedelta(days=1))
    check_received_on(timezone.localdate())


@pytest.mark.parametrize("percent", [Decimal("100.1"), 101, -1])
def test_attendance_over_100(percent: Decimal) -> None:
    with pytest.raises(ValidationError, match="Attendance must be between 0 and 100"):
        check_attendance(percent)


def test_attendance_at_its_ends() -> None:
    for percent in (0, 100, None, Decimal("81.5")):
        check_attendance(percent)


def test_age_given() -> None:
    check_age_given(None)
    check_age_given(25)
    with pytest.raises(ValidationError, match="Age must be"):
        check_age_given(26)


def test_agreement_in_the_future() -> None:
    with pytest.raises(ValidationError, match="today or in the past"):
        check_agreement(DAY + timedelta(days=1))
