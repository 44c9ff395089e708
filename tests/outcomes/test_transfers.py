"""A family moves to another Cluster: what crosses the wall, what does not, and how both sides go on."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from cases.models import Case, Contact
from cases.services import set_goal
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Event, Message
from clusters.models import Role
from families.models import Agreement, Family, NamedReader, Person
from families.services import restrict, withdraw_agreement
from outcomes.models import IncomingTransfer, ReceivedRecord, Transfer
from outcomes.transfers import (
    accept_transfer,
    decline_transfer,
    finish_transfer,
    offer_transfer,
    withdraw_transfer,
)
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_user, as_, decided, make_cast, sign_in
from tests.triage.pages import once
from tests.triage.test_decide import a_partner
from triage.models import Ending, Offer
from triage.services import decide


def agreement_of(referral: Referral, **more: object) -> Agreement:
    keys = {"cluster_id": referral.cluster_id, "family_id": referral.family_id}
    return Agreement.objects.create(**keys, given_by="Jana", given_on=timezone.localdate(), **more)


def offered(cast: Cast, referral: Referral | None = None, **more: object) -> Transfer:
    """The family of the open case, offered to Hilltop with its plan and formulation."""
    referral = Referral.objects.get(pk=(referral or cast.case_referral).pk)
    given = {
        "to_cluster": cast.other_cluster,
        "agreement": agreement_of(referral),
        "parts": ["plan", "contacts"],
        "why": "They have a flat in Hilltop.",
    }
    return offer_transfer(by=cast.leader, referral=referral, **{**given, **more})


def arrived(cast: Cast) -> IncomingTransfer:
    return IncomingTransfer.objects.get(cluster=cast.other_cluster)


def test_what_the_family_agreed_to_share_arrives_and_nothing_else(cast: Cast) -> None:
    with as_(cast.practitioner):
        set_goal(by=cast.practitioner, case=cast.case, words="Calm mornings")
    with as_(cast.leader):
        sent = offered(cast)
        assert not IncomingTransfer.objects.exists()
    with as_(cast.other_practitioner):
        assert not IncomingTransfer.objects.exists()
    with as_(cast.other_leader):
        found = arrived(cast)
        assert not Transfer.objects.exists()
        said = str(found.letter)
        for shared in ("Calm mornings", "Zdeňka", "They have a flat in Hilltop."):
            assert shared in said
        for kept in ("Late most Mondays", "Zdeňka seen, with Jana.", "What was said in therapy.", "1 Invented Row"):
            assert kept not in said
        referral = accept_transfer(by=cast.other_leader, incoming=found)
        assert (referral.cluster, referral.status, str(referral.child)) == (
            cast.other_cluster,
            "to_screen",
            "Zdeňka Novák",
        )
        assert (referral.family.address, referral.agreed_by) == ("", "Jana")
        assert "Calm mornings" in str(ReceivedRecord.objects.get(referral=referral).letter)
        assert arrived(cast).letter is None
        assert not Family.objects.filter(cluster=cast.cluster).exists()
        assert not Case.objects.filter(cluster=cast.cluster).exists()
        assert not Event.objects.filter(cluster_id=cast.cluster.pk).exclude(user_id=cast.other_leader.pk).exists()
        assert not Change.objects.filter(family_id=cast.family.pk).exists()
    with as_(cast.leader):
        sent.refresh_from_db()
        assert (sent.status, sent.answered_by_name) == ("accepted", "Lou Elsewhere")
        assert not Person.objects.filter(cluster=cast.other_cluster).exists()
        assert not ReceivedRecord.objects.exists()


def restricted_since(cast: Cast, sent: Transfer) -> None:
    restrict(by=cast.leader, family=Family.objects.get(pk=sent.family_id), restricted=True, readers=[])


def agreement_taken_back(cast: Cast, sent: Transfer) -> None:
    withdraw_agreement(by=cast.leader, agreement=sent.agreement)


@pytest.mark.parametrize("change", [restricted_since, agreement_taken_back])
def test_an_offer_ends_with_what_it_stood_on(cast: Cast, change: Callable[[Cast, Transfer], None]) -> None:
    with as_(cast.leader):
        sent = offered(cast)
    with as_(cast.other_leader):
        seen = arrived(cast)
    with as_(cast.leader):
        change(cast, sent)
        sent.refresh_from_db()
        assert sent.status == "withdrawn"
        assert Event.objects.filter(text__startswith="Transfer withdrawn: the").count() == 1
    with as_(cast.other_leader):
        assert (arrived(cast).status, arrived(cast).letter) == ("withdrawn", None)
        with pytest.raises(Conflict):
            accept_transfer(by=cast.other_leader, incoming=seen)
        assert not Family.objects.filter(name="Novák").exists()


def test_what_one_leader_may_open_is_restricted_there_too(cast: Cast) -> None:
    with as_(cast.leader):
        sent = offered(cast, for_user=cast.other_leader)
        restricted_since(cast, sent)
    with as_(cast.other_leader):
        referral = accept_transfer(by=cast.other_leader, incoming=arrived(cast))
        assert Family.objects.get(pk=referral.family_id).restricted
    with as_(cast.other_practitioner):
        assert not Person.objects.filter(family_id=referral.family_id).exists()


def test_the_sending_side_ends_with_the_outcome_moved(cast: Cast) -> None:
    with as_(cast.leader):
        sent = offered(cast)
        with pytest.raises(Conflict):
            finish_transfer(by=cast.leader, transfer=sent)
    with as_(cast.other_leader):
        accept_transfer(by=cast.other_leader, incoming=arrived(cast))
    with as_(cast.leader):
        done = finish_transfer(by=cast.leader, transfer=sent)
        assert (done.status, Case.objects.get(pk=cast.case.pk).status) == ("ended", "closed")
        ending = Ending.objects.get(referral=cast.case_referral)
        assert ending.where == Ending.Where.CASE
        assert set(ending.outcomes.values_list("outcome", flat=True)) == {"moved"}
        assert Contact.objects.filter(case=cast.case).exists()


def test_without_a_case_it_ends_by_itself_the_moment_it_is_accepted(cast: Cast) -> None:
    with as_(cast.leader):
        offer = decided(cast.referral, by=cast.leader).offers.get()
        sent = offered(cast, cast.referral, parts=["story"])
    with as_(cast.other_leader):
        accept_transfer(by=cast.other_leader, incoming=arrived(cast))
        assert Referral.objects.filter(cluster=cast.other_cluster, status="to_screen").exists()
        # The reader is who accepted again, not the actor that ended it over there.
        assert not Family.objects.filter(pk=cast.referral.family_id).exists()
        assert not Referral.objects.filter(pk=cast.referral.pk).exists()
    with as_(cast.leader):
        assert Offer.objects.get(pk=offer.pk).status == "withdrawn"
        ending = Ending.objects.get(referral=cast.referral)
        assert (ending.where, list(ending.outcomes.values_list("outcome", flat=True))) == ("before_start", ["moved"])
        assert ending.ended_by is None
        ended = Event.objects.filter(family_id=cast.referral.family_id, text__contains="ended here").get()
        assert (ended.actor, ended.user_id) == ("transfer between Clusters", None)
        assert Transfer.objects.get(pk=sent.pk).status == "ended"
        assert "has ended with you" in Message.objects.get(key=f"transfer-accepted:{sent.pk}").body
        with pytest.raises(Conflict):
            finish_transfer(by=cast.leader, transfer=sent)


def test_what_a_partner_is_to_hand_back_is_left_to_the_leader_to_end(cast: Cast) -> None:
    with as_(cast.leader):
        res = a_partner("RES team", back=True)
        decide(by=cast.leader, referral=cast.referral, response="passed_on", rationale="Mornings.", partners=[res])
        sent = offered(cast, cast.referral, parts=["story"])
    with as_(cast.other_leader):
        accept_transfer(by=cast.other_leader, incoming=arrived(cast))
    with as_(cast.leader):
        sent.refresh_from_db()
        assert sent.status == "accepted"
        assert not Ending.objects.filter(referral=cast.referral).exists()
        assert finish_transfer(by=cast.leader, transfer=sent).status == "ended"
        assert Ending.objects.get(referral=cast.referral).where == "triage"


def test_declined_it_comes_back_with_the_reason_and_nothing_stays_there(cast: Cast) -> None:
    with as_(cast.leader):
        sent = offered(cast)
    with as_(cast.other_leader):
        with pytest.raises(ValidationError, match="Say why"):
            decline_transfer(by=cast.other_leader, incoming=arrived(cast), reason=" ")
        decline_transfer(by=cast.other_leader, incoming=arrived(cast), reason="No room until May.")
        assert (arrived(cast).status, arrived(cast).letter) == ("declined", None)
        assert "Novák" not in str(list(Change.objects.values_list("before", "after")))
    with as_(cast.leader):
        sent.refresh_from_db()
        assert (sent.status, sent.answer) == ("declined", "No room until May.")
        assert Case.objects.get(pk=cast.case.pk).status == "open"
        assert Event.objects.filter(kind="transfer", family_id=cast.family.pk, text__contains="No room").exists()
        offered(cast)


def test_withdrawn_before_an_answer_nothing_stays_there(cast: Cast) -> None:
    with as_(cast.leader):
        sent = withdraw_transfer(by=cast.leader, transfer=offered(cast))
        assert sent.status == "withdrawn"
    with as_(cast.other_leader):
        assert arrived(cast).letter is None
        with pytest.raises(Conflict, match="withdrawn"):
            accept_transfer(by=cast.other_leader, incoming=arrived(cast))


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("agreement", {"agreement": None}),
        ("why", {"why": " "}),
        ("parts", {"parts": ["notes"]}),
    ],
)
def test_without_the_agreement_nothing_moves(cast: Cast, field: str, given: dict) -> None:
    with as_(cast.leader):
        with pytest.raises(ValidationError) as raised:
            offered(cast, **given)
        assert list(raised.value.message_dict) == [field]
        gone = agreement_of(cast.case_referral, withdrawn_on=timezone.localdate())
        with pytest.raises(ValidationError, match="without one nothing moves"):
            offered(cast, agreement=gone)
        assert not Transfer.objects.exists()
    with as_(cast.other_leader):
        assert not IncomingTransfer.objects.exists()


def test_a_restricted_family_is_offered_by_a_named_leader_to_one_named_there(cast: Cast) -> None:
    second = a_user("Una Elsewhere", role=Role.LEADER, cluster=cast.other_cluster)
    with as_(cast.colleague):
        NamedReader.objects.create(cluster=cast.cluster, family=cast.restricted_family, user=cast.leader)
    with as_(cast.leader):
        referral = cast.restricted_case.case_referrals.get().referral
        with pytest.raises(ValidationError, match="who may open it"):
            offered(cast, referral)
        offered(cast, referral, for_user=cast.other_leader)
    with as_(second):
        assert not IncomingTransfer.objects.exists()
    with as_(cast.other_leader):
        made = accept_transfer(by=cast.other_leader, incoming=arrived(cast))
    with as_(second):
        assert not Family.objects.filter(pk=made.family_id).exists()
        assert not ReceivedRecord.objects.exists()
    with as_(cast.other_leader):
        assert Family.objects.get(pk=made.family_id).restricted


def test_only_leaders_offer_and_answer(cast: Cast) -> None:
    with as_(cast.practitioner), pytest.raises(Denied):
        offer_transfer(
            by=cast.practitioner,
            referral=cast.case_referral,
            to_cluster=cast.other_cluster,
            agreement=None,
            parts=[],
            why="x",
        )
    with as_(cast.leader):
        sent = offered(cast)
    with as_(cast.other_practitioner), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_answer_transfer(%s, true, '')", [sent.pk])
        assert cursor.fetchone() == (None,)
    with as_(cast.other_leader):
        with connection.cursor() as cursor:
            cursor.execute("SELECT ehs_send_transfer(%s), ehs_withdraw_transfer(%s)", [sent.pk, sent.pk])
            assert cursor.fetchone() == (False, False)
        with pytest.raises(DatabaseError), transaction.atomic():
            IncomingTransfer.objects.update(status="accepted")


def test_the_pages_of_a_transfer(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        agreement = agreement_of(cast.case_referral)
    sign_in(client, cast.leader)
    referral = f"/screening/referrals/{cast.case_referral.pk}/"
    assert "Offer to another Cluster" in client.get(referral).content.decode()
    url = f"/transfers/new/{cast.case_referral.pk}/"
    form = {
        **once(),
        "to_cluster": cast.other_cluster.pk,
        "why": "They move.",
        "agreement": str(agreement.pk),
        "parts": ["plan", "address"],
    }
    first, again = (client.post(url, form) for _ in range(2))
    assert (first.status_code, again.url) == (302, first.url)
    assert "1 Invented Row" in client.get(first.url).content.decode()
    sign_in(client, cast.other_leader)
    assert "offered to us" in client.get("/").content.decode()
    with as_(cast.other_leader):
        there = f"/transfers/in/{arrived(cast).pk}/"
    assert "1 Invented Row" in client.get(there).content.decode()
    answer = client.post(there, {**once(), "answer": "accept"})
    assert "What came from Riverside Invented" in client.get(answer.url).content.decode()
    with as_(cast.other_leader):
        received = ReceivedRecord.objects.get()
    sign_in(client, cast.other_practitioner)
    assert client.get(f"/transfers/received/{received.pk}/").status_code == 200
    sign_in(client, cast.leader)
    assert client.get(f"/transfers/received/{received.pk}/").status_code == 404
    assert client.get(there).status_code == 404
    assert "to be ended here" in client.get("/").content.decode()
    assert client.post(first.url + "end/", {"to": "end"}).status_code == 302
    with as_(cast.leader):
        assert Case.objects.get(pk=cast.case.pk).closed_on == timezone.localdate()
        assert Message.objects.filter(to=cast.other_leader.email).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_leaders_answer_at_once_one_counts_and_the_other_is_told() -> None:
    with transaction.atomic():
        cast = make_cast()
    second = a_user("Una Elsewhere", role=Role.LEADER, cluster=cast.other_cluster)
    with as_(cast.leader):
        offered(cast)
    ready, told = threading.Barrier(2), []

    def go(user: object) -> None:
        try:
            with as_(user):  # type: ignore[arg-type]
                found = arrived(cast)
                ready.wait(10)
                accept_transfer(by=user, incoming=found)  # type: ignore[arg-type]
            told.append("accepted")
        except Conflict as conflict:
            told.append(conflict.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(user,)) for user in (cast.other_leader, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(told) == 2
    told.remove("accepted")
    assert "answered meanwhile by" in told[0]
    with as_(cast.other_leader):
        assert ReceivedRecord.objects.count() == 1
        assert Referral.objects.filter(received_on__gte=timezone.localdate() - timedelta(days=1)).count() == 1
