"""Interpreters: who needs one, what is booked and used, and what My work says of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseMeeting, Contact, InterpreterBooking
from cases.services import book_interpreter, log_contact, plan_sessions, settle_interpreter
from cluster_ehs.core.denied import Conflict, Denied
from families.models import Person
from tests.cases.test_pages import posted
from tests.fixtures_cast import a_term, as_, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(cast):
    """Jana speaks Slovak and needs an interpreter; a visit is planned."""
    slovak = a_term("language", "slk")
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.mother.pk).update(first_language=slovak, interpreter_needed=True)
        (visit,) = plan_sessions(
            by=cast.practitioner, case=cast.case, at=timezone.now() + timedelta(days=3), kind="home_visit"
        )
    cast.visit, cast.slovak = visit, slovak
    return cast


def book(cast, **more):
    with as_(cast.practitioner):
        given = {"language": cast.slovak, "at": timezone.now(), "minutes_booked": 60, "status": "booked"} | more
        return book_interpreter(by=cast.practitioner, case=cast.case, **given)


def test_my_work_says_what_to_book_until_it_is_booked(need, client):
    with as_(need.practitioner):
        meeting = CaseMeeting.objects.create(
            cluster_id=need.case.cluster_id,
            family_id=need.case.family_id,
            case=need.case,
            held_at=timezone.now() + timedelta(days=9),
            author=need.practitioner,
        )
    sign_in(client, need.practitioner)
    home = client.get(reverse("home")).content.decode()
    assert home.count("no interpreter is booked") // home.count("Book one") >= 1
    for about in (f"planned={need.visit.pk}", f"meeting={meeting.pk}"):
        url = f"{reverse('interpreter-new', args=[need.case.pk])}?{about}"
        assert url.replace("&", "&amp;") in home
        form = client.get(url).context["form"]
        assert form["person"].value() == str(need.mother.pk)
        assert form["language"].value() == str(need.slovak.pk)
        at = timezone.localtime(form["at"].value())
        data = {
            "person": str(need.mother.pk),
            "language": str(need.slovak.pk),
            "at-day": at.day,
            "at-month": at.month,
            "at-year": at.year,
            "at-time": f"{at:%H:%M}",
            "minutes_booked": "60",
            "mode": "in_person",
            "status": "asked",
            "pounds": "48.50",
        }
        assert client.post(url, data).status_code == 302
    assert "no interpreter is booked" not in client.get(reverse("home")).content.decode()
    with as_(need.practitioner):
        assert set(InterpreterBooking.objects.values_list("pence", flat=True)) == {4850}
        booking = InterpreterBooking.objects.get(planned=need.visit)
        settle_interpreter(by=need.practitioner, booking=booking, status="cancelled")
    # Cancelled, the visit is to be booked for again.
    assert "no interpreter is booked" in client.get(reverse("home")).content.decode()


def test_a_contact_settles_the_booking(need, client):
    booking = book(need, person=need.mother)
    sign_in(client, need.practitioner)
    url = reverse("contact-new", args=[need.case.pk])
    assert f"Yes: {need.slovak.label}" in client.get(url).content.decode()
    data = posted(need, booking=str(booking.pk), interpreter_minutes="45")
    assert client.post(url, data).status_code == 302
    with as_(need.practitioner):
        booking.refresh_from_db()
        contact = Contact.objects.get(pk=booking.contact_id)
        assert (booking.status, booking.minutes_used, contact.interpreter_language) == ("used", 45, need.slovak.label)
        with pytest.raises(ValidationError) as twice:
            log_contact(
                by=need.practitioner,
                case=need.case,
                kind="phone",
                at=timezone.now(),
                people=[need.mother],
                note="Again.",
                booking=booking,
            )
        assert "settled already" in twice.value.message_dict["booking"][0]


def test_cancelled_late_is_charged_and_in_time_is_not(need):
    booking = book(need)
    with as_(need.practitioner):
        with pytest.raises(ValidationError) as refused:
            settle_interpreter(by=need.practitioner, booking=booking, status="cancelled", pence=3000)
        assert "pence" in refused.value.message_dict
        with pytest.raises(ValidationError) as refused:
            settle_interpreter(by=need.practitioner, booking=booking, status="used")
        assert "minutes_used" in refused.value.message_dict
        late = settle_interpreter(
            by=need.practitioner, booking=booking, status="cancelled", pence=3000, cancelled_late=True
        )
        assert (late.pence, late.cancelled_late) == (3000, True)
        with pytest.raises(Conflict):
            settle_interpreter(by=need.practitioner, booking=booking, status="used", minutes_used=60)
    with as_(need.colleague), pytest.raises(Denied):
        settle_interpreter(by=need.colleague, booking=booking, status="cancelled", pence=3000)


def test_of_this_family_and_in_a_language(need):
    with as_(need.other_practitioner):
        elsewhere = Person.objects.filter(family=need.other_case.family).first()
    for wrong, field in (
        ({"person": elsewhere}, "person"),
        ({"language": a_term("gender")}, "language"),
        ({"minutes_booked": 0}, "minutes_booked"),
        ({"pence": -1}, "pence"),
        ({"status": "cancelled"}, "status"),
    ):
        with pytest.raises(ValidationError) as refused:
            book(need, **wrong)
        assert field in refused.value.message_dict
