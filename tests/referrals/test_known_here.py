"""Somebody who works here is close to the family: the leaders alone read what came in, from the first moment."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.models import Change, Message
from families.models import Family, NamedReader
from referrals.intake import take_intake
from referrals.intake_feed import deliver
from referrals.models import Intake, Referral
from tests.api.callers import Caller
from tests.fixtures_cast import Cast, as_, sign_in
from tests.referrals.test_public import answers, fill_in


def notified(cast: Cast, **changed: Any) -> Intake:
    payload = {"first_name": "Zdeňka", "last_name": "Novák", "worrying": "Her aunt works here.", "restricted": "Yes"}
    made = deliver(source="police", external_id="INV/1", payload=payload, school_urn=cast.school.urn, **changed)
    assert not made.matched
    with as_(cast.leader):
        return Intake.objects.get(pk=made.id)


def seen_by(user: Any) -> tuple[int, int]:
    """How many entries, and how many lines of their history."""
    with as_(user):
        return Intake.objects.count(), Change.objects.filter(table_name="referrals_intake").count()


def test_the_public_form_asks_and_only_leaders_read_it(cast: Cast, client: Client, settings: Any) -> None:
    settings.PUBLIC_FORM_SECONDS = 0
    steps = answers(cast, "parent")
    steps["contact"]["restricted"] = "on"
    fill_in(client, steps)
    assert "Somebody who works in early help is close" in client.get("/ask/en/check/").text
    client.post("/ask/en/check/")
    assert [seen_by(cast.practitioner), seen_by(cast.colleague), seen_by(cast.other_leader)] == [(0, 0)] * 3
    assert seen_by(cast.leader) == (1, 1)
    with as_(cast.leader):
        intake = Intake.objects.get()
    url = reverse("intake", args=[intake.pk])
    for worker in (cast.practitioner, cast.other_leader):
        assert sign_in(client, worker).get(url).status_code == 404
    page = sign_in(client, cast.leader).get(url).text
    assert "must not read this. Only leaders of the Cluster do" in page
    made = client.post(url, {"new": "yes"})
    with as_(cast.leader):
        referral = Referral.objects.select_related("family").get(pk=made["Location"].split("/")[-2])
        assert referral.family.restricted
        named = NamedReader.objects.filter(family=referral.family)
        assert set(named.values_list("user_id", flat=True)) == {cast.leader.pk}
    with as_(cast.practitioner):
        assert not Family.objects.filter(pk=referral.family_id).exists()
    assert seen_by(cast.practitioner) == (0, 0)


def test_a_record_that_is_open_is_restricted_first(cast: Cast) -> None:
    intake = notified(cast)
    with as_(cast.leader):
        with pytest.raises(ValidationError, match="Restrict the record first"):
            take_intake(by=cast.leader, intake=intake, child=cast.child)
        assert Intake.objects.get().state == Intake.State.NEW


def test_a_fear_of_harm_is_told_to_leaders_and_managers_not_to_a_deputy_who_may_be_the_one(cast: Cast) -> None:
    notified(cast, harm=True)
    told = set(Message.objects.filter(key__startswith="harm:intake").values_list("user_id", flat=True))
    assert told == {cast.leader.pk, cast.manager.pk}


def test_a_program_asks_for_it_and_a_later_change_is_as_closed(cast: Cast) -> None:
    leader = Caller(cast.leader, ["intake:write"])
    body = {"source": "spa", "external_id": "INV/2", "last_name": "Novák", "school_urn": cast.school.urn}
    sent = [{**body, "restricted": True}, {**body, "restricted": True, "worrying": "Her aunt asked about it."}]
    for one in sent:
        assert leader.post("/api/v1/intake/", one).status_code == 201
    assert seen_by(cast.practitioner) == (0, 0)
    assert seen_by(cast.leader)[0] == 1
    with as_(cast.leader):
        assert Intake.objects.get().versions.count() == 1


@pytest.mark.parametrize(("word", "few"), [("yes", True), ("TRUE", True), ("no", False), ("", False)])
def test_a_sheet_says_it_in_words(cast: Cast, word: str, few: bool) -> None:
    deliver(
        source="police", external_id="INV/3", payload={"last_name": "N", "restricted": word}, school_urn=cast.school.urn
    )
    assert seen_by(cast.practitioner)[0] == (0 if few else 1)


def test_a_change_that_does_not_say_it_again_opens_nothing(cast: Cast) -> None:
    first = notified(cast)
    plain = {"first_name": "Zdeňka", "last_name": "Novák", "worrying": "Her aunt works here."}
    about: dict[str, Any] = {"source": "police", "external_id": "INV/1", "school_urn": cast.school.urn}
    assert not deliver(payload=plain, **about).changed, "the same words, without the box"
    assert deliver(payload={**plain, "telephone": "0113 496 0123"}, **about).changed
    assert [seen_by(cast.practitioner), seen_by(cast.colleague)] == [(0, 0)] * 2
    deliver(payload={**plain, "telephone": "0113 496 0456"}, harm=True, **about)
    told = Message.objects.filter(key__startswith=f"harm:intake:{first.pk}").values_list("user_id", flat=True)
    assert set(told) == {cast.leader.pk, cast.manager.pk}, "nor is anybody else told"
    with as_(cast.leader):
        intake = Intake.objects.get()
        assert (intake.is_restricted, intake.payload["telephone"]) == (True, "0113 496 0456")


def test_who_does_not_see_it_passes_it_on_to_no_other_cluster(cast: Cast) -> None:
    passed = [str(notified(cast).pk), cast.other_cluster.pk]
    refused = pytest.raises(DatabaseError, match="passed on")
    with as_(cast.practitioner), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_pass_intake(%s, %s)", passed)
    with as_(cast.leader):
        assert Intake.objects.get().cluster == cast.cluster
        with connection.cursor() as cursor:
            cursor.execute("SELECT ehs_pass_intake(%s, %s)", passed)
        assert not Intake.objects.exists(), "it is the other Cluster's now"
