"""A panel guest reads what is on the agenda, and no more when it has been taken off."""

from django.test import Client
from django.urls import reverse

from families.models import Family, Person
from referrals.models import Referral, Story
from tests.fixtures_cast import Cast, as_, sign_in
from triage import services
from triage.models import AgendaItem

WHY = "Gus lives next door to them."


def deferred(cast: Cast) -> None:
    with as_(cast.leader):
        item = AgendaItem.objects.select_related("referral", "meeting").get(referral=cast.referral)
        services.defer(by=cast.leader, item=item, reason=WHY)


def test_a_guest_reads_no_row_of_what_was_put_off(cast: Cast) -> None:
    family = cast.referral.family_id
    of_it = (
        Referral.objects.filter(family_id=family),
        Story.objects.filter(family_id=family),
        Person.objects.filter(family_id=family),
        Family.objects.filter(pk=family),
        AgendaItem.objects.filter(family_id=family),
    )
    with as_(cast.guest):
        assert all(rows.all().exists() for rows in of_it)
    deferred(cast)
    with as_(cast.guest):
        assert [rows.model for rows in of_it if rows.all().exists()] == []
    with as_(cast.leader):
        assert AgendaItem.objects.get(family_id=family).deferred_reason == WHY
        AgendaItem.objects.update(deferred_at=None, deferred_by=None, deferred_reason="", deferred_to="")
    with as_(cast.guest):
        assert all(rows.all().exists() for rows in of_it), "back on the agenda"


def test_no_page_shows_it_to_them_and_nobody_is_told_that_they_read_it(cast: Cast, client: Client) -> None:
    board = reverse("board", args=[cast.meeting.pk, cast.referral.pk])
    meeting = reverse("meeting", args=[cast.meeting.pk])
    readers = f"/who/family/{cast.referral.family_id}/"
    assert sign_in(client, cast.guest).get(board).status_code == 200
    assert cast.guest.name in sign_in(client, cast.leader).get(readers).text
    deferred(cast)
    sign_in(client, cast.guest)
    assert client.get(board).status_code == 404
    shown = client.get(meeting)
    assert shown.status_code == 200
    assert [word for word in ("Jakub", WHY) if word in shown.text] == []
    sign_in(client, cast.leader)
    assert cast.guest.name not in client.get(readers).text
    assert "Jakub" in client.get(meeting).text, "the staff still see where it went"
