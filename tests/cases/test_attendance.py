"""School attendance over time: typed, from a school's file with what is wrong in each line, and legal action on it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from cases.attendance_csv import read
from cases.models import LegalStep, SchoolAttendance
from cases.services.attendance import Period, record_attendance, record_legal_step
from cluster_ehs.core.denied import Denied
from clusters.models import Term
from tests.fixtures_cast import Cast, a_term, as_, sign_in

HEAD = "child,from,to,possible,authorised,unauthorised,percentage\n"


def a_period(cast: Cast, *, weeks_ago: int = 2, **values) -> Period:
    first = timezone.localdate() - timedelta(weeks=weeks_ago)
    return Period(cast.child, first, first + timedelta(days=4), **values)


def test_sessions_make_the_percentage_and_two_periods_a_line(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        rows = record_attendance(
            by=cast.practitioner,
            case=cast.case,
            periods=[
                a_period(cast, weeks_ago=3, possible=60, authorised=2, unauthorised=5),
                a_period(cast, percentage=Decimal("91.25")),
            ],
        )
        assert [row.percentage for row in rows] == [Decimal("88.3"), Decimal("91.3")]
        record_attendance(
            by=cast.practitioner, case=cast.case, periods=[a_period(cast, percentage=Decimal(95))], correct=rows[1]
        )
        assert sorted(SchoolAttendance.objects.values_list("percentage", flat=True)) == [Decimal("88.3"), Decimal(95)]
    page = sign_in(client, cast.practitioner).get(f"/cases/{cast.case.pk}/attendance/").content.decode()
    assert "<svg" in page
    assert "88.3 %" in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "possible"),
        ({"possible": 10, "authorised": 6, "unauthorised": 5}, "possible"),
        ({"possible": 10, "unauthorised": 1, "percentage": Decimal(50)}, "percentage"),
        ({"percentage": Decimal(101)}, "percentage"),
        ({"weeks_ago": -3, "percentage": Decimal(90)}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused_by_field(cast: Cast, values, field: str) -> None:
    with as_(cast.practitioner):
        with pytest.raises(ValidationError) as wrong:
            record_attendance(by=cast.practitioner, case=cast.case, periods=[a_period(cast, **values)])
        assert list(wrong.value.message_dict) == [field]
        assert not SchoolAttendance.objects.exists()


def test_who_only_reads_records_nothing(cast: Cast) -> None:
    with as_(cast.colleague), pytest.raises(Denied):
        record_attendance(by=cast.colleague, case=cast.case, periods=[a_period(cast, percentage=Decimal(90))])


def test_a_file_is_looked_at_line_by_line_and_saved_whole_or_not(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = f"/cases/{cast.case.pk}/attendance/file/"
    bad = HEAD + (
        "Zdeňka,2025-09-01,2025-10-24,70,3,4,\n"
        "Nobody,2025-09-01,2025-10-24,70,3,4,\n"
        "Petr,yesterday,2025-10-24,70,three,4,\n"
        "Petr Novák,01/09/2025,24/10/2025,70,60,20,\n"
        "zdeňka novák,2025-09-01,2025-10-24,70,3,4,\n"
    )
    page = client.post(url, {"text": bad, "save": "yes"}).content.decode()
    for words in (
        "“Nobody” is no child of this family",
        "“yesterday” in the column “from” is no date",
        "“three” in the column “authorised” is no number",
        "80 absences are more than the 70 possible",
        "stand in line 2",
        "4 of 5 lines cannot be taken",
    ):
        assert words in page
    good = HEAD + "Zdeňka;2025-09-01".replace(";", ",") + ",2025-10-24,70,3,4,\nPetr,03/11/2025,19/12/2025,,,,96.5 %\n"
    assert "Nothing has been saved yet" in client.post(url, {"text": good}).content.decode()
    with as_(cast.practitioner):
        assert not SchoolAttendance.objects.exists()
    assert client.post(url, {"text": good, "save": "yes"}).status_code == 302
    with as_(cast.practitioner):
        assert set(SchoolAttendance.objects.values_list("person__first_name", "percentage")) == {
            ("Zdeňka", Decimal("90.0")),
            ("Petr", Decimal("96.5")),
        }
    assert client.post(url, {"text": good, "save": "yes"}).status_code == 422


@pytest.mark.parametrize("text", ["", "name;first\nx;y", HEAD])
def test_what_is_no_such_file_is_said_in_words(cast: Cast, text: str) -> None:
    with pytest.raises(ValueError, match=r"empty|columns|no line"):
        read(text, [cast.child], date(2026, 1, 1))


def test_stages_of_legal_action_are_a_code_list_with_an_outcome(cast: Cast) -> None:
    assert Term.objects.of("attendance_legal").filter(code="penalty_notice").exists()
    stage, day = a_term("attendance_legal", "penalty_notice"), timezone.localdate() - timedelta(days=30)
    with as_(cast.practitioner):
        with pytest.raises(ValidationError, match="Choose a stage"):
            record_legal_step(
                by=cast.practitioner, case=cast.case, person=cast.child, stage=a_term("gender"), taken_on=day
            )
        made = record_legal_step(
            by=cast.practitioner, case=cast.case, person=cast.child, stage=stage, taken_on=day, words="Jana"
        )
        record_legal_step(
            by=cast.practitioner,
            case=cast.case,
            person=cast.child,
            stage=stage,
            taken_on=day,
            outcome="Paid",
            correct=made,
        )
        assert (LegalStep.objects.get().outcome, LegalStep.objects.get().outcome_on) == ("Paid", timezone.localdate())
