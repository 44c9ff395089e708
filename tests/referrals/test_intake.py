"""What comes in from outside: kept once, seen by its Cluster alone, matched by a person, told in the history."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.audit import Named
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster
from families.models import Family, Person
from families.services import index_person
from referrals.intake import Received, discard_intake, pass_intake, receive_intake, take_intake
from referrals.models import Intake, Referral
from tests.fixtures_cast import Cast, as_, sign_in

PAYLOAD = {
    "first_name": "Zdenka",
    "last_name": "Novak",
    "birth_date": "2017-03-27",
    "telephone": "0113 496 0777",
    "worrying": "Seen alone in the park at night.",
    "referrer_name": "PC Invented",
    "crime_number": "INV/1234",
}


def came_in(cluster: Cluster | None, external_id: str = "N-1", **extra: Any) -> Received:
    with acting_as(NamedActor.FEED):
        return receive_intake(
            by=Named("feed"), source="police", external_id=external_id, payload=PAYLOAD, cluster=cluster, **extra
        )


def seen(cast: Cast, who: str, received: Received) -> bool:
    with as_(getattr(cast, who)):
        return Intake.objects.filter(pk=received.id).exists()


def test_the_same_thing_delivered_twice_is_there_once(cast: Cast) -> None:
    first, second = came_in(cast.cluster), came_in(cast.cluster)
    assert (first.new, second.new) == (True, False)
    assert (first.id, first.reference) == (second.id, second.reference)
    with as_(cast.leader):
        assert Intake.objects.count() == 1


def test_only_its_cluster_sees_it_and_without_a_cluster_only_leaders_do(cast: Cast) -> None:
    ours, nobodys = came_in(cast.cluster), came_in(None, "N-2")
    people = ("practitioner", "leader", "other_practitioner", "other_leader", "manager", "guest", "referrer")
    assert [who for who in people if seen(cast, who, ours)] == ["practitioner", "leader"]
    assert [who for who in people if seen(cast, who, nobodys)] == ["leader", "other_leader"]
    with acting_as(NamedActor.FIGURES):
        assert not Intake.objects.exists()


@pytest.mark.parametrize("actor", [NamedActor.FEED, NamedActor.PUBLIC_FORM])
def test_who_puts_it_in_reads_nothing_and_writes_nothing_else(cast: Cast, actor: NamedActor) -> None:
    came_in(cast.cluster)
    with acting_as(actor):
        assert not Intake.objects.exists()
        assert not Person.objects.exists()
        assert not Referral.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            Family.objects.create(cluster=cast.cluster, reference="X", name="X")


def test_linked_to_a_known_child_it_changes_nothing_of_the_record_and_loses_nothing(cast: Cast) -> None:
    intake = came_in(cast.cluster)
    with as_(cast.practitioner):
        people = Person.objects.count()
        referral = take_intake(by=cast.practitioner, intake=Intake.objects.get(pk=intake.id), child=cast.child)
        assert Person.objects.count() == people
        assert referral.child == cast.child
        assert (referral.status, referral.channel, referral.referrer_name) == ("to_screen", "police", "PC Invented")
        assert referral.story.worrying == PAYLOAD["worrying"]
        for text in ("0113 496 0777", "INV/1234", "Zdenka", "2017-03-27"):
            assert text in referral.story.notes
        assert Person.objects.get(pk=cast.child.pk).first_name == "Zdeňka"


def test_who_comes_second_is_told_who_was_first(cast: Cast) -> None:
    intake = came_in(cast.cluster)
    with as_(cast.practitioner):
        row = Intake.objects.get(pk=intake.id)
        take_intake(by=cast.practitioner, intake=row)
        made = Referral.objects.count()
    with as_(cast.leader), pytest.raises(Conflict, match="by Asha Example"):
        take_intake(by=cast.leader, intake=row)
    with as_(cast.leader):
        assert Referral.objects.count() == made


def test_without_a_cluster_a_leader_passes_it_on_and_no_longer_sees_it(cast: Cast) -> None:
    intake = came_in(None)
    with as_(cast.leader):
        row = Intake.objects.get(pk=intake.id)
        with pytest.raises(ValidationError):
            take_intake(by=cast.leader, intake=row)
        pass_intake(by=cast.leader, intake=row, cluster=cast.other_cluster)
    assert not seen(cast, "leader", intake)
    assert seen(cast, "other_practitioner", intake)


def test_the_database_lets_nobody_pass_on_what_they_do_not_see(cast: Cast) -> None:
    intake = came_in(cast.other_cluster)
    with as_(cast.leader), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_pass_intake(%s, %s)", [intake.id, cast.cluster.pk])


def test_set_aside_needs_a_reason_and_can_be_brought_back(cast: Cast, client: Client) -> None:
    intake = came_in(cast.cluster)
    with as_(cast.leader), pytest.raises(ValidationError):
        discard_intake(by=cast.leader, intake=Intake.objects.get(pk=intake.id), reason=" ")
    sign_in(client, cast.leader)
    client.post(reverse("intake-discard", args=[intake.id]), {"reason": "A test message of the sender."})
    assert intake.reference in client.get(reverse("intake-list")).content.decode()
    client.post(reverse("intake-back", args=[intake.id]))
    with as_(cast.leader):
        assert Intake.objects.get(pk=intake.id).state == "new"


def test_a_fear_of_harm_tells_the_leaders_at_once_without_a_name(cast: Cast) -> None:
    received = came_in(cast.cluster, harm=True)
    message = Message.objects.get(to=cast.leader.email)
    assert str(received.id) in message.body
    assert not any(word in f"{message.subject} {message.body}" for word in ("Zdenka", "Novak", "park"))


def test_the_page_shows_who_may_be_meant_and_makes_the_referral_once(cast: Cast, client: Client) -> None:
    received = came_in(cast.cluster)
    url = reverse("intake", args=[received.id])
    with as_(cast.practitioner):
        index_person(cast.child)
    sign_in(client, cast.practitioner)
    page = client.get(url).content.decode()
    assert "Zdeňka" in page
    assert "differs" in page
    with as_(cast.practitioner):
        before = Referral.objects.count()
    answers = [client.post(url, {"child": str(cast.child.pk), "once": "5" * 32}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    with as_(cast.practitioner):
        assert Referral.objects.count() == before + 1


def test_one_without_any_name_is_in_the_queue_too(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.FEED):
        made = receive_intake(by=Named("feed"), source="spa", external_id="S-1", payload={}, cluster=cast.cluster)
    sign_in(client, cast.practitioner)
    assert made.reference in client.get(reverse("intake-list")).content.decode()
    assert client.get(reverse("intake", args=[made.id])).status_code == 200


def test_the_reference_that_a_sender_quotes_finds_it_in_its_own_cluster_alone(cast: Cast, client: Client) -> None:
    made = came_in(cast.cluster)
    for who, there in (("practitioner", True), ("other_practitioner", False)):
        sign_in(client, getattr(cast, who))
        page = client.post(reverse("search"), {"q": made.reference.lower()}).content.decode()
        assert (reverse("intake", args=[made.id]) in page) is there


def test_a_child_of_another_cluster_cannot_be_named(cast: Cast, client: Client) -> None:
    received = came_in(cast.cluster)
    with as_(cast.other_leader):
        theirs = Person.objects.first()
    sign_in(client, cast.practitioner)
    answer = client.post(reverse("intake", args=[received.id]), {"child": str(theirs.pk)})
    assert answer.status_code == 404
