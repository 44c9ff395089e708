"""Dates as people in England write them: day, month and year in three boxes, a time in a fourth.

A month may be a number or a name, a whole date may be typed or pasted into the first box. Every message names the
field, and the error carries the part that is wrong so that the page can point to it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
Bound = date | Callable[[], date] | None


def subject(label: object) -> str:
    """The field's label as the subject of a message; a question is quoted."""
    text = str(label or _("This field")).strip().rstrip(":")
    return f"“{text}”" if text.endswith("?") else text


def long_date(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def month_number(text: str) -> int | None:
    """1 to 12 from "3", "03", "mar" or "March"; None when it is neither."""
    text = text.strip().lower().rstrip(".")
    if text.isdecimal():
        return int(text) if len(text) < 10 and 1 <= int(text) <= 12 else None
    if len(text) < 3:
        return None
    found = [number for number, name in enumerate(MONTHS, 1) if name.startswith(text) or text == name[:3] + "t"]
    return found[0] if len(found) == 1 else None


def parse_time(text: str) -> time | None:
    """The time of day in "10:52", "10.52", "1052", "9am", "3.30 pm"; None when it is none of them."""
    match = re.fullmatch(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?", text.strip().lower())
    if not match:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").replace(".", "")
    if match[2] is None and not half:
        return None
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


class DateParts(forms.Widget):
    """Three text boxes. `value_from_datadict` gives the texts as typed, so nothing typed is lost."""

    parts: tuple[str, ...] = ("day", "month", "year")

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> dict[str, str]:
        if f"{name}-day" not in data and data.get(name):
            return self.format_value(data[name])
        return {part: str(data.get(f"{name}-{part}") or "").strip() for part in self.parts}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return name not in data and all(f"{name}-{part}" not in data for part in self.parts)

    def format_value(self, value: Any) -> dict[str, str]:  # type: ignore[override]
        """The text of each part from a date, a datetime, an ISO text or the parts themselves."""
        if isinstance(value, Mapping):
            return {part: str(value.get(part, "") or "") for part in self.parts}
        if isinstance(value, str):
            try:
                value = parse_datetime(value) or parse_date(value) or value
            except ValueError:
                return dict.fromkeys(self.parts, "") | {"day": value}
            if isinstance(value, str):
                return dict.fromkeys(self.parts, "") | {"day": value}
        if value is None:
            return dict.fromkeys(self.parts, "")
        if isinstance(value, datetime) and timezone.is_aware(value):
            value = timezone.localtime(value)
        texts = {"day": str(value.day), "month": str(value.month), "year": str(value.year)}
        if "time" in self.parts:
            texts["time"] = f"{value:%H:%M}" if isinstance(value, datetime) else ""
        return texts

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}-day" if id_ else id_


class DateTimeParts(DateParts):
    parts = ("day", "month", "year", "time")


class DatePartsField(forms.Field):
    """A date. `earliest` and `latest` are dates, or callables that give one, both inclusive.

    Raises ValidationError with `params["parts"]` naming the boxes to correct.
    """

    widget: Any = DateParts

    def __init__(self, *, earliest: Bound = None, latest: Bound = None, **kwargs: Any) -> None:
        self.earliest, self.latest = earliest, latest
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, date):
            return value
        texts = self.widget.format_value(value)
        return None if not any(texts.values()) else self.read_date(texts)

    def wrong(self, message: str, *parts: str, code: str = "invalid") -> ValidationError:
        return ValidationError(message, code=code, params={"parts": parts})

    def read_date(self, texts: dict[str, str]) -> date:
        name = subject(self.label)
        day, month, year = texts["day"], texts["month"], texts["year"]
        if day and not month and not year:
            pieces = [piece for piece in re.split(r"[\s/.,-]+", day) if piece]
            if len(pieces) == 3:
                if len(pieces[0]) == 4:
                    pieces.reverse()
                day, month, year = pieces
        missing = [part for part, text in (("day", day), ("month", month), ("year", year)) if not text]
        if missing:
            wording = {"day": _("a day"), "month": _("a month"), "year": _("a year")}
            listed = _(" and ").join(wording[part] for part in missing)
            message = _("%(name)s must include %(parts)s") % {"name": name, "parts": listed}
            raise self.wrong(message, *missing, code="incomplete")
        day = re.sub(r"(?<=\d)(st|nd|rd|th)$", "", day.lower())
        number = month_number(month)
        bad = []
        if not day.isdecimal() or len(day) > 9 or not 1 <= int(day) <= 31:
            bad.append("day")
        if number is None:
            bad.append("month")
        if year.isdecimal() and len(year) != 4:
            message = _("%(name)s: the year must have 4 numbers, like %(example)s") % {
                "name": name,
                "example": timezone.localdate().year,
            }
            raise self.wrong(message, "year")
        if not year.isdecimal():
            bad.append("year")
        if bad or number is None:
            wording = {"day": _("the day"), "month": _("the month"), "year": _("the year")}
            listed = _(" and ").join(wording[part] for part in bad)
            message = _("%(name)s must be a real date: check %(parts)s") % {"name": name, "parts": listed}
            raise self.wrong(message, *bad)
        try:
            return date(int(year), number, int(day))
        except ValueError:
            message = _("%(name)s must be a real date: that month has no day %(day)s") % {"name": name, "day": day}
            raise self.wrong(message, "day") from None

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        day = timezone.localtime(value).date() if isinstance(value, datetime) else value
        earliest = self.earliest() if callable(self.earliest) else self.earliest
        latest = self.latest() if callable(self.latest) else self.latest
        name, today = subject(self.label), timezone.localdate()
        if latest and day > latest:
            text = _("today or in the past") if latest == today else _("on or before %s") % long_date(latest)
            raise self.wrong(
                _("%(name)s must be %(when)s") % {"name": name, "when": text}, *DateParts.parts, code="late"
            )
        if earliest and day < earliest:
            text = _("today or in the future") if earliest == today else _("on or after %s") % long_date(earliest)
            raise self.wrong(
                _("%(name)s must be %(when)s") % {"name": name, "when": text}, *DateParts.parts, code="early"
            )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class DateTimePartsField(DatePartsField):
    """A date and time in the current time zone, as an aware datetime. Messages and bounds as for DatePartsField."""

    widget: Any = DateTimeParts

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, datetime):
            return value
        texts = self.widget.format_value(value)
        if not any(texts.values()):
            return None
        name = subject(self.label)
        day = self.read_date(texts)
        if not texts["time"]:
            raise self.wrong(_("%(name)s must include a time") % {"name": name}, "time", code="incomplete")
        clock = parse_time(texts["time"])
        if clock is None:
            raise self.wrong(_("%(name)s must have a real time, like 14:30") % {"name": name}, "time")
        try:
            return from_current_timezone(datetime.combine(day, clock))
        except ValidationError:
            message = _("%(name)s: that time did not exist, the clocks went forward") % {"name": name}
            raise self.wrong(message, "time") from None
