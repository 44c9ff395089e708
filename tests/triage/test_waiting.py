"""Waiting lists: their order, the alarm, changing a place, ending before it begins."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Term
from referrals.models import Referral, Status
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_service, a_term, as_, decided, sign_in
from tests.triage.pages import at_most, once
from tests.triage.test_decide import a_partner, outcomes_of
from triage.alarms import tell_of_long_waits
from triage.models import CheckIn, Ending, Offer, Outcome, Response
from triage.selectors.waiting import queues
from triage.services import Offered, change_offer, check_in, decide, withdraw_offer


def an_offer(cast: Cast, number: int, *, days_ago: int = 3, priority: int = 3, kind: str = "family_support") -> Offer:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        child = a_person(a_family(cast.cluster, f"Family{number}", number=number), f"Kim{number}", school=cast.school)
        referral = a_referral(child, number=number, school=cast.school, days_ago=days_ago + 5)
        decision = decided(referral, by=cast.leader, service=a_service(kind), days_ago=days_ago)
        Offer.objects.filter(decision=decision).update(priority=priority)
        return decision.offers.select_related("decision__referral").get()


def test_the_list_is_in_order_of_priority_and_then_of_date(cast: Cast, client: Client) -> None:
    for number, days_ago, priority in ((11, 3, 3), (12, 30, 3), (13, 2, 2), (14, 1, 1), (15, 9, 2)):
        an_offer(cast, number, days_ago=days_ago, priority=priority)
    sign_in(client, cast.leader)
    page = client.get("/waiting/").content.decode()
    places = [page.index(f"Kim{number} F") for number in (14, 15, 13, 12, 11)]
    assert places == sorted(places)


@pytest.mark.parametrize(("days", "weeks", "alarm"), [(55, 7, False), (56, 8, True), (63, 9, True)])
def test_eight_weeks_sound_the_alarm(cast: Cast, days: int, weeks: int, alarm: bool) -> None:
    an_offer(cast, 11, days_ago=days)
    with as_(cast.leader):
        queue = queues([cast.cluster.pk])[0]
        assert (queue.waiting, queue.longest, queue.alarm, queue.over) == (1, weeks, alarm, int(alarm))


def test_each_service_has_its_own_number_and_longest_wait(cast: Cast, client: Client) -> None:
    an_offer(cast, 11, days_ago=15)
    an_offer(cast, 12, days_ago=60)
    an_offer(cast, 13, days_ago=8, kind="childrens_therapy")
    with as_(cast.leader):
        found = {queue.code: (queue.waiting, queue.longest) for queue in queues([cast.cluster.pk])}
    assert found == {"family_support": (2, 8), "childrens_therapy": (1, 1)}
    sign_in(client, cast.leader)
    page = client.get("/waiting/?service=childrens_therapy").content.decode()
    assert "Kim13 F" in page
    assert "Kim11 F" not in page


def test_the_leader_changes_priority_and_reason(cast: Cast, client: Client) -> None:
    offer = an_offer(cast, 11)
    reason = a_term("wait_reason", "family_choice")
    sign_in(client, cast.leader)
    answer = client.post(f"/waiting/{offer.pk}/", {**once(), "priority": "1", "wait_reason": reason.pk})
    assert answer.url == f"/waiting/?service=family_support&cluster={cast.cluster.pk}"
    with as_(cast.leader):
        offer.refresh_from_db()
        assert (offer.priority, offer.wait_reason) == (1, reason)
        assert Event.objects.get(kind="offer").text == f"Family support: urgent, {reason.label}"


def test_a_reason_of_another_list_is_refused(cast: Cast) -> None:
    offer = an_offer(cast, 11)
    with as_(cast.leader), pytest.raises(ValidationError, match="Choose a reason for waiting"):
        change_offer(by=cast.leader, offer=offer, priority=1, wait_reason=Term.objects.filter(vocabulary="route")[0])


def test_what_no_longer_waits_is_not_changed(cast: Cast) -> None:
    offer = an_offer(cast, 11)
    with as_(cast.leader):
        Offer.objects.filter(pk=offer.pk).update(status=Offer.Status.ALLOCATED)
        with pytest.raises(Conflict, match="no longer waits: allocated"):
            change_offer(by=cast.leader, offer=offer, priority=1, wait_reason=None)


@pytest.mark.parametrize("who", ["practitioner", "manager", "other_leader"])
def test_only_a_leader_changes_the_list(cast: Cast, who: str) -> None:
    offer = an_offer(cast, 11)
    user = getattr(cast, who)
    with as_(user):
        with pytest.raises(Denied, match="Only a leader of this Cluster"):
            change_offer(by=user, offer=offer, priority=1, wait_reason=None)
        with pytest.raises(Denied, match="Only a leader of this Cluster"):
            withdraw_offer(by=user, offer=offer, reason="No.", outcomes=[Outcome.FAMILY])


def test_a_practitioner_reads_the_list_without_its_buttons(cast: Cast, client: Client) -> None:
    offer = an_offer(cast, 11)
    sign_in(client, cast.practitioner)
    page = client.get("/waiting/").content.decode()
    assert "Kim11 F" in page
    assert f'"/waiting/{offer.pk}/"' not in page
    assert client.get(f"/waiting/{offer.pk}/").status_code == 403
    assert client.post(f"/waiting/{offer.pk}/withdraw/", once()).status_code == 403


def test_another_clusters_list_is_not_there(cast: Cast, client: Client) -> None:
    offer = an_offer(cast, 11)
    sign_in(client, cast.other_leader)
    assert "Kim11" not in client.get("/waiting/").content.decode()
    assert client.get(f"/waiting/{offer.pk}/").status_code == 404
    assert client.post(f"/waiting/{offer.pk}/withdraw/", once()).status_code == 404


def test_the_last_offer_that_ends_before_it_began_ends_the_referral(cast: Cast) -> None:
    offer = an_offer(cast, 11)
    referral = offer.decision.referral
    with as_(cast.leader):
        with pytest.raises(ValidationError, match="at least one outcome"):
            withdraw_offer(by=cast.leader, offer=offer, reason="Moved.")
        offer.refresh_from_db()
        assert offer.status == Offer.Status.WAITING
        withdraw_offer(by=cast.leader, offer=offer, reason="Moved.", outcomes=[Outcome.MOVED, Outcome.FAMILY])
        assert outcomes_of(referral) == {Outcome.MOVED, Outcome.FAMILY}
        assert Ending.objects.get(referral=referral).where == Ending.Where.BEFORE_START
        assert Referral.objects.get(pk=referral.pk).status == Status.ENDED
        with pytest.raises(Conflict, match="cannot become"):
            withdraw_offer(by=cast.leader, offer=offer, reason="Again.", outcomes=[Outcome.MOVED])


def test_while_another_offer_lives_the_referral_goes_on(cast: Cast) -> None:
    with as_(cast.leader):
        decision = decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.SERVICE,
            rationale="Both.",
            services=[Offered(a_service("family_support")), Offered(a_service("childrens_therapy"))],
        )
        first, second = decision.offers.select_related("decision__referral")
        with pytest.raises(ValidationError, match="no outcome yet"):
            withdraw_offer(by=cast.leader, offer=first, reason="Declined.", outcomes=[Outcome.FAMILY])
        withdraw_offer(by=cast.leader, offer=first, reason="Declined.")
        assert not Ending.objects.filter(referral=cast.referral).exists()
        withdraw_offer(by=cast.leader, offer=second, reason="Declined.", outcomes=[Outcome.FAMILY])
        assert outcomes_of(cast.referral) == {Outcome.FAMILY}


def test_while_a_return_is_expected_the_referral_goes_on(cast: Cast) -> None:
    with as_(cast.leader):
        decision = decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.SERVICE_AND_PASSED_ON,
            rationale="Both.",
            services=[Offered(a_service("family_support"))],
            partners=[a_partner("RES team", back=True)],
        )
        offer = decision.offers.select_related("decision__referral").get()
        withdraw_offer(by=cast.leader, offer=offer, reason="Not needed now.")
        assert not Ending.objects.filter(referral=cast.referral).exists()


def test_with_a_case_the_ending_comes_with_the_case(cast: Cast) -> None:
    with as_(cast.leader):
        offer = Offer.objects.select_related("decision__referral").get(decision__referral=cast.case_referral)
        withdraw_offer(by=cast.leader, offer=offer, reason="Another service instead.")
        assert not Ending.objects.filter(referral=cast.case_referral).exists()


def test_ending_on_the_page_asks_for_the_outcome_only_when_it_ends_the_referral(cast: Cast, client: Client) -> None:
    offer = an_offer(cast, 11)
    sign_in(client, cast.leader)
    url = f"/waiting/{offer.pk}/withdraw/"
    assert "How does it end?" in client.get(url).content.decode()
    without = client.post(url, {**once(), "reason": "Moved away."}).content.decode()
    assert "Choose at least one outcome" in without
    assert "Moved away." in without
    form = {**once(), "reason": "Moved away.", "outcomes": ["moved"]}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    with as_(cast.leader):
        assert Ending.objects.filter(referral=offer.decision.referral).count() == 1


@pytest.mark.parametrize(
    ("source", "target"),
    [("waiting", "started"), ("started", "waiting"), ("withdrawn", "waiting"), ("started", "withdrawn")],
)
def test_the_database_refuses_an_illegal_state_of_an_offer(cast: Cast, source: str, target: str) -> None:
    offer = an_offer(cast, 11)
    way = {"waiting": [], "started": ["allocated", "started"], "withdrawn": ["withdrawn"]}[source]
    with as_(cast.leader):
        rows = Offer.objects.filter(pk=offer.pk)
        for state in way:
            rows.update(status=state)
        with pytest.raises(IntegrityError, match="illegal state of triage_offer"), transaction.atomic():
            rows.update(status=target)


def test_an_offer_is_born_waiting_and_only_the_importer_brings_another(cast: Cast) -> None:
    offer = an_offer(cast, 11)
    copy = {
        "cluster_id": offer.cluster_id,
        "family_id": offer.family_id,
        "decision_id": offer.decision_id,
        "service": a_service("childrens_therapy"),
        "waiting_since": timezone.localdate() - timedelta(days=3),
    }
    with as_(cast.leader):
        for state in ("allocated", "started", "withdrawn"):
            with pytest.raises(IntegrityError, match="illegal state"), transaction.atomic():
                Offer.objects.create(**copy, status=state)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        assert Offer.objects.create(**copy, status="started").pk


@pytest.mark.parametrize("number", [5, 25, 100])
def test_the_list_asks_no_more_for_more_rows(cast: Cast, client: Client, number: int) -> None:
    for n in range(number):
        an_offer(cast, n + 100, days_ago=n % 70)
    sign_in(client, cast.leader)
    with at_most(8):
        first = client.get("/waiting/")
    assert first.status_code == 200
    if number == 100:
        page = first.context["page"]
        second = client.get("/waiting/" + page.older).content.decode()
        assert "Older" not in second
        shown = first.content.decode() + second
        assert all(f"Kim{n + 100} F" in shown for n in range(number))


def test_each_row_says_why_it_stands_where_it_does(cast: Cast, client: Client) -> None:
    an_offer(cast, 11, days_ago=30)
    since = an_offer(cast, 12, days_ago=2, priority=1).waiting_since
    sign_in(client, cast.practitioner)
    page = client.get("/waiting/").content.decode()
    assert f"1st: urgent, since {since.day} {since:%b}" in page
    assert "2nd: routine, since" in page
    assert "how long: cannot be said" in page


def test_the_forecast_counts_the_starts_of_26_weeks_and_says_so(cast: Cast, client: Client) -> None:
    place = an_offer(cast, 11)
    for number in range(26):
        begun = an_offer(cast, 100 + number, days_ago=190)
        with as_(cast.leader):
            today = timezone.localdate()
            rows = Offer.objects.filter(pk=begun.pk)
            rows.update(status="allocated")
            rows.update(status="started", started_on=today - timedelta(weeks=number, days=1))
    sign_in(client, cast.leader)
    page = client.get(f"/waiting/?service={place.service.code}").content.decode()
    # One place is allocated in the cast's open case and has not begun: it comes first.
    assert "26 starts of this service in the last 26 weeks" in page
    assert "about 2 weeks" in page


def test_a_call_to_a_waiting_family_is_noted_and_the_next_is_due(cast: Cast, client: Client) -> None:
    offer = an_offer(cast, 11, days_ago=35)
    sign_in(client, cast.practitioner)
    assert "call 7 days late" in client.get("/waiting/").content.decode()
    url = f"/waiting/{offer.pk}/check-in/"
    assert client.get(url).status_code == 200
    today = timezone.localdate()
    day = {"on-day": today.day, "on-month": today.month, "on-year": today.year}
    form = {**once(), **day, "reached": "yes", "said": "Mornings are harder.", "told": "on"}
    assert "Enter who was spoken with" in client.post(url, form).content.decode()
    form |= {**once(), "spoke_with": "Jana"}
    for _ in range(2):
        assert client.post(url, form).status_code == 302
    with as_(cast.leader):
        (call,) = CheckIn.objects.filter(offer=offer)
        assert (call.checked_by, call.told, call.next_on) == (cast.practitioner, True, today + timedelta(weeks=4))
    page = client.get("/waiting/").content.decode()
    assert "told where it stands" in page
    assert "days late" not in page
    sign_in(client, cast.other_leader)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("said", {"said": " "}),
        ("told", {"reached": False, "told": True}),
        ("on", {"on": timezone.localdate() + timedelta(days=1)}),
        ("on", {"on": timezone.localdate() - timedelta(days=30)}),
        ("next_on", {"next_on": timezone.localdate()}),
    ],
)
def test_a_call_that_cannot_be_names_the_field(cast: Cast, field: str, given: dict) -> None:
    offer = an_offer(cast, 11)
    with as_(cast.leader):
        with pytest.raises(ValidationError) as raised:
            check_in(by=cast.leader, offer=offer, **{"said": "Nobody answered.", "reached": False, **given})
        assert list(raised.value.message_dict) == [field]
        assert not CheckIn.objects.exists()


def test_a_place_is_moved_by_a_button(cast: Cast, client: Client) -> None:
    offer = an_offer(cast, 11)
    url = f"/waiting/{offer.pk}/move/"
    sign_in(client, cast.practitioner)
    assert client.post(url, {"to": "up"}).status_code == 403
    sign_in(client, cast.leader)
    for _ in range(3):
        assert client.post(url, {"to": "up"}).status_code == 302
    with as_(cast.leader):
        assert Offer.objects.get(pk=offer.pk).priority == Offer.Priority.URGENT
    client.post(url, {"to": "down"})
    with as_(cast.leader):
        assert Offer.objects.get(pk=offer.pk).priority == Offer.Priority.HIGH
        assert Event.objects.filter(kind="offer", family_id=offer.family_id).count() == 3


def test_the_leader_is_told_once_that_somebody_has_waited_eight_weeks(cast: Cast) -> None:
    an_offer(cast, 11, days_ago=56)
    an_offer(cast, 12, days_ago=55)
    today = timezone.localdate()
    assert [tell_of_long_waits(today), tell_of_long_waits(today)] == [1, 1]
    told = Message.objects.get()
    assert (told.to, "Kim" in told.body) == (cast.leader.email, False)
    tell_of_long_waits(today + timedelta(days=1))
    assert Message.objects.count() == 2


def test_a_restricted_family_that_waits_is_told_to_a_manager_not_to_an_unnamed_leader(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        decided(cast.restricted_referral, by=cast.leader, days_ago=56)
    tell_of_long_waits(timezone.localdate())
    assert set(Message.objects.values_list("to", flat=True)) == {cast.manager.email}
