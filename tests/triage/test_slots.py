"""What screening shows elsewhere: navigation, homes, my work, the referral's page, a case's chronology."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from cluster_ehs.core import slots
from cluster_ehs.core.scope import NamedActor, acting_as
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_service, as_, decided, sign_in
from tests.triage.pages import at_most
from tests.triage.test_decide import a_partner
from tests.triage.test_waiting import an_offer
from triage import services
from triage.models import Decision, Meeting, Offer, PassingOn, Response
from triage.selectors.home import queues_and_partners
from triage.selectors.ledger import by_partner
from triage.selectors.waiting import queues


def test_the_leaders_home_says_what_is_to_screen_and_who_waits(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Referral.objects.filter(pk=cast.referral.pk).update(
            harm_flagged_at=timezone.now(), harm_flagged_by=cast.practitioner
        )
    an_offer(cast, 11, days_ago=60)
    sign_in(client, cast.leader)
    page = client.get("/").content.decode()
    for text in ("Referrals to screen", "Jakub W, 10", "Risk of significant harm", "6 days", "Next meeting"):
        assert text in page
    assert "longest 8 weeks" in page
    assert "Plan a meeting" not in page


@pytest.mark.parametrize(("who", "number"), [("leader", 12), ("practitioner", 12), ("manager", 11)])
def test_a_home_takes_few_statements(cast: Cast, client: Client, who: str, number: int) -> None:
    with as_(cast.leader):
        decided(cast.referral, by=cast.leader)
    sign_in(client, getattr(cast, who))
    # The first page of a sign-in notes in the session when it was, and a manager's counts what is then kept.
    with at_most(number + 4):
        assert client.get("/").status_code == 200
    with at_most(number):
        assert client.get("/").status_code == 200


def test_a_referrals_page_takes_twelve_statements_at_most(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    with at_most(12):
        assert client.get(f"/referrals/{cast.case_referral.pk}/").status_code == 200


def test_the_home_reads_waiting_lists_and_partners_together_as_their_pages_read_them(
    cast: Cast, rf: RequestFactory
) -> None:
    with as_(cast.leader):
        decided(cast.referral, by=cast.leader)
        partner = a_partner("RES team", back=True)
        decision = Decision.objects.get(referral=cast.case_referral)
        PassingOn.objects.create(
            cluster=cast.cluster,
            family_id=decision.family_id,
            decision=decision,
            partner=partner,
            sent_on=timezone.localdate() - timedelta(days=90),
        )
        clusters = [cast.cluster.pk]
        found = queues_and_partners(rf.get("/"), clusters)
        assert found == (queues(clusters), by_partner(clusters))
        assert found[0][0].waiting == 1
        assert found[1][0].overdue == 1


def test_others_see_none_of_it_on_their_home(cast: Cast, client: Client) -> None:
    for who in (cast.practitioner, cast.manager, cast.referrer, cast.other_leader):
        sign_in(client, who)
        assert "Jakub W" not in client.get("/").content.decode(), who


def test_navigation_is_for_staff_of_a_cluster(cast: Cast, client: Client) -> None:
    def labels(user: object) -> set[str]:
        sign_in(client, user)
        return {entry["label"] for entry in client.get("/").context["nav"]}

    for who in (cast.leader, cast.practitioner):
        assert {"Screening", "Waiting list"} <= labels(who)
    for who in (cast.guest, cast.manager, cast.referrer):
        assert not {"Screening", "Waiting list"} & labels(who)


def test_a_guest_finds_the_meeting_while_it_is_open(cast: Cast, client: Client) -> None:
    sign_in(client, cast.guest)
    assert f"/screening/{cast.meeting.pk}/" in client.get("/").content.decode()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Meeting.objects.filter(pk=cast.meeting.pk).update(starts_at=timezone.now() + timedelta(days=2))
    page = client.get("/").content.decode()
    assert f"/screening/{cast.meeting.pk}/" not in page
    assert "No meeting is open to you now" in page


def test_an_action_of_a_meeting_is_its_owners_work(cast: Cast, rf: RequestFactory) -> None:
    today = timezone.localdate()
    with as_(cast.leader):
        add = {"by": cast.leader, "meeting": cast.meeting, "owner": cast.practitioner}
        late = services.add_action(**add, text="Ring the school", due_on=today - timedelta(days=2))
        services.add_action(**add, text="Write to the GP", due_on=today + timedelta(days=2))
    request = rf.get("/")
    request.user = cast.practitioner
    with as_(cast.practitioner):
        rows = next(part for part in slots.gather("my_work", request) if "Ring the school" in str(part))
        assert [(row["title"], row["days_late"]) for row in rows["overdue"]] == [("Ring the school", 2)]
        assert [row["title"] for row in rows["this_week"]] == ["Write to the GP"]
        services.finish_action(by=cast.practitioner, action=late)
        assert "Ring the school" not in str(slots.gather("my_work", request))


def test_the_referrals_page_leads_to_the_decision(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    url = f"/referrals/{cast.referral.pk}/"
    assert "Screen this referral" in client.get(url).content.decode()
    with as_(cast.leader):
        services.decide(by=cast.leader, referral=cast.referral, response=Response.REFUSED, rationale="Mum said no.")
    page = client.get(url).content.decode()
    assert "Support refused" in page
    assert "Screen this referral" not in page


def test_decisions_stand_in_the_chronology_of_the_case(cast: Cast, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = cast.leader
    with as_(cast.leader):
        services.step_up(
            by=cast.leader, referral=cast.case_referral, taken_by="Invented Duty Worker", csws_reference="D-17"
        )
        parts = slots.gather("case.chronology", request, case=cast.case)
        titles = [entry["title"] for part in parts for entry in part["entries"]]
    assert "Decided: Service received" in titles
    assert "Stepped up to Children's Social Work Services" in titles


def test_the_board_has_a_place_for_what_lies_above(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    page = client.get(f"/screening/{cast.meeting.pk}/{cast.referral.pk}/")
    assert page.context["beside"]
    with as_(cast.leader):
        assert not Offer.objects.filter(decision__referral=cast.referral, service=a_service("family_support")).exists()
