"""Dates in three boxes: what is accepted, and what a wrong part is told."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms

from cases.models import CaseMeeting
from cluster_ehs.core.date_fields import month_number, parse_time
from cluster_ehs.core.form_markup import error_entries, render_field
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm, EhsModelForm
from families.models import Person

LONDON = ZoneInfo("Europe/London")


class Born(EhsForm):
    born = DatePartsField(label="Date of birth", latest=date(2020, 6, 1))


class Seen(EhsForm):
    seen = DateTimePartsField(label="When was it?")


def posted(name: str, day: str = "", month: str = "", year: str = "", **more: str) -> dict[str, str]:
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year} | {
        f"{name}-{part}": value for part, value in more.items()
    }


@pytest.mark.parametrize(
    "parts",
    [
        ("27", "3", "2019"),
        ("27", "03", "2019"),
        (" 27 ", "mar", "2019"),
        ("27th", "March", "2019"),
        ("27 3 2019",),
        ("27/03/2019",),
        ("27 march 2019",),
        ("2019-03-27",),
    ],
)
def test_a_date_is_read_as_people_write_it(parts: tuple[str, ...]) -> None:
    form = Born(posted("born", *parts))
    assert form.is_valid(), form.errors
    assert form.values == {"born": date(2019, 3, 27)}


@pytest.mark.parametrize(
    ("parts", "message", "target"),
    [
        (("", "", ""), "Enter date of birth", "id_born-day"),
        (("27", "", "2019"), "Date of birth must include a month", "id_born-month"),
        (("27", "", ""), "Date of birth must include a month and a year", "id_born-month"),
        (("27", "13", "2019"), "Date of birth must be a real date: check the month", "id_born-month"),
        (("32", "3", "2019"), "Date of birth must be a real date: check the day", "id_born-day"),
        (("31", "2", "2019"), "Date of birth must be a real date: that month has no day 31", "id_born-day"),
        (("29", "2", "2019"), "Date of birth must be a real date: that month has no day 29", "id_born-day"),
        (("27", "3", "soon"), "Date of birth must be a real date: check the year", "id_born-year"),
        (("27", "3", "19"), "the year must have 4 numbers", "id_born-year"),
        (("23", "11", "2026"), "Date of birth must be on or before 1 June 2020", "id_born-day"),
        (("٢٧", "3", "0000"), "Date of birth must be a real date", "id_born-day"),
    ],
)
def test_a_wrong_date_is_told_with_its_part(parts: tuple[str, ...], message: str, target: str) -> None:
    form = Born(posted("born", *parts))
    assert not form.is_valid()
    (entry,) = error_entries(form)
    assert message in entry.text
    assert entry.target == target
    assert f'id="{target}"' in render_field(form["born"])


def test_what_was_typed_comes_back() -> None:
    html = render_field(Born(posted("born", "31", "Feb", "2019"))["born"])
    assert 'value="31"' in html
    assert 'value="Feb"' in html


@time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=LONDON))
def test_a_future_date_is_told_plainly_when_today_is_the_limit() -> None:
    field = DatePartsField(label="Date of birth", latest=lambda: date(2026, 11, 22))
    with pytest.raises(forms.ValidationError, match="today or in the past"):
        field.clean({"day": "1", "month": "1", "year": "2027"})


def test_a_time_is_local_and_aware() -> None:
    form = Seen(posted("seen", "1", "7", "2026", time="2.30pm"))
    assert form.is_valid(), form.errors
    assert form.values["seen"] == datetime(2026, 7, 1, 14, 30, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("clock", "message"),
    [
        ("", "must include a time"),
        ("25:00", "must have a real time"),
        ("noonish", "must have a real time"),
    ],
)
def test_a_wrong_time_is_told(clock: str, message: str) -> None:
    form = Seen(posted("seen", "1", "7", "2026", time=clock))
    (entry,) = error_entries(form)
    assert message in entry.text
    assert "“When was it?”" in entry.text
    assert entry.target == "id_seen-time"


def test_the_hour_that_the_clocks_skip_is_told() -> None:
    (entry,) = error_entries(Seen(posted("seen", "29", "3", "2026", time="01:30")))
    assert "did not exist" in entry.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:52", time(10, 52)),
        ("1052", time(10, 52)),
        ("9am", time(9)),
        ("12am", time(0)),
        ("12.15 pm", time(12, 15)),
        ("13pm", None),
        ("10", None),
        ("", None),
    ],
)
def test_times(text: str, expected: time | None) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("Sept", 9), ("ma", None), ("mar", 3), ("0", None), ("12", 12), ("x", None)]
)
def test_month_names(text: str, expected: int | None) -> None:
    assert month_number(text) == expected


def test_an_optional_date_may_be_left_out_and_an_iso_text_is_read() -> None:
    field = DatePartsField(required=False)
    assert field.clean({"day": "", "month": "", "year": ""}) is None
    assert field.clean("2019-03-27") == date(2019, 3, 27)


def test_unchanged_parts_are_no_change() -> None:
    field = DatePartsField()
    assert not field.has_changed(date(2019, 3, 27), {"day": "27", "month": "march", "year": "2019"})
    assert field.has_changed(date(2019, 3, 27), {"day": "28", "month": "3", "year": "2019"})


def test_a_model_form_asks_for_dates_in_parts() -> None:
    class PersonForm(EhsModelForm):
        class Meta:
            model = Person
            fields = ("birth_date",)

    class MeetingForm(EhsModelForm):
        class Meta:
            model = CaseMeeting
            fields = ("held_at",)

    assert isinstance(PersonForm.base_fields["birth_date"], DatePartsField)
    assert isinstance(MeetingForm.base_fields["held_at"], DateTimePartsField)
