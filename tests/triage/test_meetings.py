"""Meetings: their agenda, opening and closing, who is here, deferring, actions, the recap."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, as_, sign_in
from tests.triage.pages import at_most, once
from triage import services
from triage.models import Action, AgendaItem, Attendee, Meeting, Response


def a_referral_of(cast: Cast, name: str, number: int, *, days_ago: int = 1, harm: bool = False) -> Referral:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        child = a_person(a_family(cast.cluster, name, number=number), "Kim", school=cast.school)
        referral = a_referral(child, number=number, school=cast.school, days_ago=days_ago)
        if harm:
            Referral.objects.filter(pk=referral.pk).update(
                harm_flagged_at=timezone.now(), harm_flagged_by=cast.practitioner
            )
    return referral


def in_days(days: int) -> object:
    return timezone.now() + timedelta(days=days)


def plan(cast: Cast, days: int = 7, **more: object) -> Meeting:
    return services.plan_meeting(by=cast.leader, cluster_id=cast.cluster.pk, starts_at=in_days(days), **more)


def references(meeting: Meeting) -> list[str]:
    return list(meeting.items.order_by("position").values_list("referral__reference", flat=True))


def test_an_agenda_fills_with_harm_first_and_then_by_date(cast: Cast) -> None:
    a_referral_of(cast, "Later", 11, days_ago=1)
    a_referral_of(cast, "Earlier", 12, days_ago=9)
    a_referral_of(cast, "Harm", 13, days_ago=0, harm=True)
    with as_(cast.leader):
        # The one of the cast stands on the agenda of a meeting already.
        assert references(plan(cast)) == ["RI-2026-0013", "RI-2026-0012", "RI-2026-0011"]


def test_a_referral_stands_on_one_agenda_and_opening_adds_what_came_since(cast: Cast) -> None:
    with as_(cast.leader):
        meeting = plan(cast, 0)
        assert references(meeting) == []
    a_referral_of(cast, "New", 11)
    with as_(cast.leader):
        services.open_meeting(by=cast.leader, meeting=meeting)
        assert references(meeting) == ["RI-2026-0011"]
        assert references(plan(cast)) == []


def test_what_was_not_reached_stands_on_the_next_meeting(cast: Cast) -> None:
    with as_(cast.leader):
        following = plan(cast)
        services.open_meeting(by=cast.leader, meeting=cast.meeting)
        services.close_meeting(by=cast.leader, meeting=Meeting.objects.get(pk=cast.meeting.pk))
        assert references(following) == ["RI-2026-0002"]


def test_without_a_planned_meeting_it_joins_the_one_planned_next(cast: Cast) -> None:
    with as_(cast.leader):
        services.open_meeting(by=cast.leader, meeting=cast.meeting)
        services.close_meeting(by=cast.leader, meeting=cast.meeting)
        assert references(plan(cast)) == ["RI-2026-0002"]


def test_deferring_needs_a_reason_and_goes_to_the_next_meeting(cast: Cast) -> None:
    with as_(cast.leader):
        later, following = plan(cast, 14, kind="panel"), plan(cast, 7)
        item = cast.meeting.items.get()
        with pytest.raises(ValidationError, match="Say why"):
            services.defer(by=cast.leader, item=item, reason="  ")
        services.defer(by=cast.leader, item=item, reason="School to say more.")
        assert (references(following), references(later)) == (["RI-2026-0002"], [])
        item.refresh_from_db()
        assert (item.deferred_reason, item.deferred_by) == ("School to say more.", cast.leader)
        with pytest.raises(Conflict, match="already deferred"):
            services.defer(by=cast.leader, item=item, reason="Again.")


def test_deferring_to_a_chosen_meeting(cast: Cast) -> None:
    with as_(cast.leader):
        panel, following = plan(cast, 14, kind="panel"), plan(cast, 7)
        services.defer(by=cast.leader, item=cast.meeting.items.get(), reason="For the panel.", to=panel)
        assert (references(panel), references(following)) == (["RI-2026-0002"], [])


def test_what_has_been_decided_is_not_deferred(cast: Cast) -> None:
    with as_(cast.leader):
        item = cast.meeting.items.get()
        services.decide(by=cast.leader, referral=cast.referral, response=Response.OTHER, rationale="Unclear.")
        with pytest.raises(Conflict, match="decided meanwhile"):
            services.defer(by=cast.leader, item=item, reason="Later.")


def test_items_move_among_their_like(cast: Cast) -> None:
    a_referral_of(cast, "Two", 12)
    a_referral_of(cast, "Harm", 13, harm=True)
    with as_(cast.leader):
        services.fill_agenda(by=cast.leader, meeting=cast.meeting)

        def order() -> list[str]:
            rows = cast.meeting.items.order_by("referral__harm_flagged_at", "position")
            return list(rows.values_list("referral__reference", flat=True))

        assert order() == ["RI-2026-0013", "RI-2026-0002", "RI-2026-0012"]
        last = cast.meeting.items.get(referral__reference="RI-2026-0012")
        services.move_item(by=cast.leader, item=last, up=True)
        assert order() == ["RI-2026-0013", "RI-2026-0012", "RI-2026-0002"]
        services.move_item(by=cast.leader, item=AgendaItem.objects.get(pk=last.pk), up=True)
        assert order() == ["RI-2026-0013", "RI-2026-0012", "RI-2026-0002"]


def test_a_closed_meeting_takes_no_decision_until_it_is_open_again(cast: Cast) -> None:
    decision = {"by": cast.leader, "referral": cast.referral, "response": Response.OTHER, "rationale": "Unclear."}
    with as_(cast.leader):
        services.open_meeting(by=cast.leader, meeting=cast.meeting)
        closed = services.close_meeting(by=cast.leader, meeting=cast.meeting)
        with pytest.raises(Conflict, match="This meeting is closed"):
            services.decide(**decision, meeting=closed)
        opened = services.open_meeting(by=cast.leader, meeting=closed)
        assert services.decide(**decision, meeting=opened).meeting == opened


def test_a_decision_stands_in_a_meeting_only_from_its_agenda(cast: Cast) -> None:
    stray = a_referral_of(cast, "Stray", 11)
    with as_(cast.leader), pytest.raises(ValidationError, match="not on the agenda"):
        services.decide(
            by=cast.leader, referral=stray, response=Response.OTHER, rationale="Unclear.", meeting=cast.meeting
        )


def test_a_meeting_is_not_planned_for_yesterday(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(ValidationError, match="today or later"):
        plan(cast, -1)


@pytest.mark.parametrize("who", ["practitioner", "guest", "manager", "other_leader"])
def test_only_a_leader_of_the_cluster_runs_meetings(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    with as_(user):
        for act in (
            lambda: services.plan_meeting(by=user, cluster_id=cast.cluster.pk, starts_at=in_days(1)),
            lambda: services.open_meeting(by=user, meeting=cast.meeting),
            lambda: services.close_meeting(by=user, meeting=cast.meeting),
            lambda: services.fill_agenda(by=user, meeting=cast.meeting),
            lambda: services.add_attendee(by=user, meeting=cast.meeting, name="Somebody"),
            lambda: services.add_action(by=user, meeting=cast.meeting, text="Ring the school"),
        ):
            with pytest.raises(Denied, match="Only a leader of this Cluster"):
                act()


@pytest.mark.parametrize(("source", "target"), [("planned", "closed"), ("open", "planned"), ("closed", "planned")])
def test_the_database_refuses_an_illegal_state_of_a_meeting(cast: Cast, source: str, target: str) -> None:
    way = {"planned": [], "open": ["open"], "closed": ["open", "closed"]}[source]
    with as_(cast.leader):
        rows = Meeting.objects.filter(pk=cast.meeting.pk)
        for state in way:
            rows.update(status=state)
        with pytest.raises(IntegrityError, match="illegal state of triage_meeting"), transaction.atomic():
            rows.update(status=target)


def test_the_page_orders_fills_and_says_who_is_here(cast: Cast, client: Client) -> None:
    a_referral_of(cast, "Two", 12)
    sign_in(client, cast.leader)
    url = f"/screening/{cast.meeting.pk}/"
    assert "1 came in since." in client.get(url).content.decode()
    client.post(url + "agenda/", {"fill": "1"})
    with as_(cast.leader):
        second = cast.meeting.items.get(referral__reference="RI-2026-0012")
    client.post(url + "agenda/", {"move": f"up:{second.pk}"})
    page = client.get(url).content.decode()
    assert page.index("1. Kim T") < page.index("2. Jakub W")
    assert "Gus Example" in page
    client.post(url + "attendees/", {**once(), "name": "Nora Invented", "agency": "Police"})
    client.post(url + "attendees/", {**once(), "user": cast.practitioner.pk})
    page = client.get(url).content.decode()
    assert "Nora Invented" in page
    assert "Asha Example" in page
    with as_(cast.leader):
        nora = Attendee.objects.get(name="Nora Invented")
    client.post(url + "attendees/", {"remove": str(nora.pk)})
    assert "Nora Invented" not in client.get(url).content.decode()
    nobody = client.post(url + "attendees/", once()).content.decode()
    assert "Choose a person or enter a name." in nobody


def test_opening_and_closing_by_button_ends_at_the_recap(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    url = f"/screening/{cast.meeting.pk}/"
    assert client.post(url + "state/", {"to": "open"}).url == url
    assert client.post(url + "state/", {"to": "closed"}).url == url + "recap/"
    with as_(cast.leader):
        assert Meeting.objects.get(pk=cast.meeting.pk).status == "closed"


def test_the_recap_says_child_decision_and_by_whom_and_keeps_actions(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        services.decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.NO_SUPPORT,
            rationale="No therapist until spring.",
            meeting=cast.meeting,
        )
    sign_in(client, cast.leader)
    url = f"/screening/{cast.meeting.pk}/recap/"
    page = client.get(url).content.decode()
    for text in ("Jakub Wójcik", "No support appropriate", "No therapist until spring.", "Dee Example", "Gus Example"):
        assert text in page
    due = timezone.localdate() + timedelta(days=7)
    action = {
        **once(),
        "text": "Ring the school",
        "owner": cast.practitioner.pk,
        "due_on-day": due.day,
        "due_on-month": due.month,
        "due_on-year": due.year,
    }
    sent = [client.post(url.replace("recap", "actions"), action) for _ in range(2)]
    assert {answer.status_code for answer in sent} == {302}
    with as_(cast.leader):
        stored = Action.objects.get()
        assert (stored.owner, stored.due_on) == (cast.practitioner, due)
    # Its owner may say that it is done.
    sign_in(client, cast.practitioner)
    client.post(url.replace("recap", "actions"), {"done": str(stored.pk)})
    with as_(cast.leader):
        assert Action.objects.get().done_on == timezone.localdate()


def test_planning_on_the_page(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    on = timezone.localdate() + timedelta(days=3)
    form = {
        **once(),
        "kind": "panel",
        "starts_at-day": on.day,
        "starts_at-month": on.month,
        "starts_at-year": on.year,
        "starts_at-time": "09:30",
        "place": "Town Hall",
    }
    first, second = client.post("/screening/new/", form), client.post("/screening/new/", form)
    assert first.status_code == 302
    assert first.url == second.url
    page = client.get(first.url).content.decode()
    assert "Guidance and Support panel" in page
    assert "09:30, Town Hall" in page


def test_another_clusters_meeting_is_not_there(cast: Cast, client: Client) -> None:
    sign_in(client, cast.other_leader)
    url = f"/screening/{cast.meeting.pk}/"
    for path in (url, url + "recap/"):
        assert client.get(path).status_code == 404
    for path in ("state/", "agenda/", "attendees/", "actions/"):
        assert client.post(url + path, {"to": "open"}).status_code == 404


@pytest.mark.parametrize("number", [5, 25, 100])
@pytest.mark.parametrize("which", ["/screening/", "meeting", "recap"])
def test_pages_ask_no_more_for_more_rows(cast: Cast, client: Client, number: int, which: str) -> None:
    for n in range(number):
        a_referral_of(cast, f"Family{n}", n + 100)
    with as_(cast.leader):
        services.fill_agenda(by=cast.leader, meeting=cast.meeting)
        for n in range(6):
            plan(cast, n + 1)
    sign_in(client, cast.leader)
    url = {"meeting": f"/screening/{cast.meeting.pk}/", "recap": f"/screening/{cast.meeting.pk}/recap/"}.get(
        which, which
    )
    with at_most(10 if which == "recap" else 8):
        assert client.get(url).status_code == 200
