"""A notification that its sender changed: it waits once, keeps the earlier text, and what became of it is told."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Event, Look, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import sweep
from families.models import Person
from referrals.intake import discard_intake, take_intake
from referrals.intake_changes import note_change
from referrals.intake_feed import Delivered, deliver
from referrals.models import Intake, IntakeVersion, Story
from tests.fixtures_cast import Cast, as_, sign_in

NOW = timezone.now()


def sent(cast: Cast, worrying: str, *, harm: bool = False, **more: Any) -> Delivered:
    payload = {"first_name": "Ada", "last_name": "Invented", "school_name": cast.school.name, "worrying": worrying}
    return deliver(source="police", external_id="INV/1", payload={**payload, **more}, harm=harm)


def intake_of(cast: Cast) -> Intake:
    with as_(cast.leader):
        return Intake.objects.select_related("referral__child", "cluster").get(external_id="INV/1")


def taken(cast: Cast) -> Intake:
    sent(cast, "Alone at night.")
    with as_(cast.practitioner):
        take_intake(by=cast.practitioner, intake=Intake.objects.get(), child=cast.child)
    return intake_of(cast)


def test_it_waits_once_with_the_new_words_and_keeps_the_earlier_ones(cast: Cast, client: Client) -> None:
    first = sent(cast, "Alone at night.", telephone="0113 496 0777")
    changed = sent(cast, "Alone again, and cold.")
    assert (changed.id, changed.reference, changed.new, changed.changed) == (first.id, first.reference, False, True)
    for words in ("Alone again, and cold.", "Alone at night."):
        more = {"telephone": "0113 496 0777"} if words == "Alone at night." else {}
        assert not sent(cast, words, **more).changed, "a second delivery, also a late one, undoes nothing"
    sign_in(client, cast.practitioner)
    queue = client.get(reverse("intake-list")).content.decode()
    assert queue.count("Ada Invented") == 1
    assert "Changed" in queue
    page = client.get(reverse("intake", args=[first.id])).content.decode()
    assert page.index("Changed by the sender") < page.index("As it was given") < page.index("Earlier text")
    row = page[page.index("What is worrying") : page.index("As it was given")]
    assert row.index("Alone at night.") < row.index("Alone again, and cold.")
    assert "0113 496 0777" in row, "what was taken out is shown too"
    with as_(cast.leader):
        assert IntakeVersion.objects.get().payload["worrying"] == "Alone at night."
        assert Intake.objects.get().payload["worrying"] == "Alone again, and cold."
        assert Event.objects.filter(kind="intake.changed").count() == 1
    with as_(cast.other_leader):
        assert not IntakeVersion.objects.exists()


def test_what_became_a_referral_is_marked_until_somebody_puts_the_change_into_its_notes(
    cast: Cast, client: Client
) -> None:
    intake = taken(cast)
    referral = reverse("referral", args=[intake.referral_id])
    for words in ("Alone at night, and cold.", "Alone at night, cold, and hungry."):
        assert sent(cast, words).changed
    sign_in(client, cast.practitioner)
    assert "after it became a referral" in client.get(referral).content.decode()
    assert intake.referral.reference in client.get(reverse("intake-list")).content.decode()
    page = client.get(reverse("intake", args=[intake.pk])).content.decode()
    changes = page[page.index("Changed by the sender") : page.index("As it was given")]
    assert "Alone at night." in changes, "against the text that was matched, not the one between"
    for _ in range(2):
        assert client.post(reverse("intake-changed", args=[intake.pk])).status_code == 302
    with as_(cast.leader):
        notes = Story.objects.get(referral=intake.referral_id).notes
        assert notes.count("What is worrying: Alone at night, cold, and hungry.") == 1
        assert Story.objects.get(referral=intake.referral_id).worrying == "Alone at night.", "their first words stay"
        assert Event.objects.filter(kind="intake.noted").count() == 1
    assert "after it became a referral" not in client.get(referral).content.decode()
    assert "Changed after" not in client.get(reverse("intake-list")).content.decode()
    sent(cast, "It is well.")
    with as_(cast.practitioner):
        assert note_change(by=cast.practitioner, intake=intake)
        assert Story.objects.get(referral=intake.referral_id).notes.endswith("What is worrying: It is well.")


def test_a_fear_of_harm_that_comes_with_a_change_flags_and_tells(cast: Cast) -> None:
    sent(cast, "Alone at night.")
    sent(cast, "Hurt.", harm=True)
    told = Message.objects.filter(key__startswith="harm:", to=cast.leader.email)
    assert told.count() == 1
    assert intake_of(cast).harm
    sent(cast, "A mistake, nobody was hurt.")
    assert intake_of(cast).harm, "never taken back by a message"
    assert told.count() == 1


def test_of_a_referral_it_is_flagged_and_the_sweep_tells(cast: Cast) -> None:
    intake = taken(cast)
    assert intake.referral.harm_flagged_at is None
    sent(cast, "Hurt.", harm=True)
    assert intake_of(cast).referral.harm_flagged_at
    sweep()
    assert Message.objects.filter(key=f"harm:{intake.referral_id}:{cast.leader.pk}").exists()


def test_what_was_set_aside_waits_again(cast: Cast) -> None:
    sent(cast, "A mistake.")
    with as_(cast.practitioner):
        discard_intake(by=cast.practitioner, intake=Intake.objects.get(), reason="Sent by mistake")
    sent(cast, "No mistake: the child is Ada.")
    assert (intake_of(cast).state, intake_of(cast).reason) == ("new", "")


def test_it_is_known_by_the_senders_name_for_it_whatever_the_programs_secret(cast: Cast, settings: Any) -> None:
    first = sent(cast, "Alone at night.")
    settings.SECRET_KEY = "rotated-" + "x" * 50
    assert sent(cast, "Alone at night.").id == first.id
    with acting_as(NamedActor.ANSWER), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ehs_intake_known('police', 'INV/1')")
        assert cursor.fetchone()[0] == 0
    with as_(cast.leader), pytest.raises(DatabaseError), transaction.atomic():
        IntakeVersion.objects.create(intake_id=first.id, payload={}, received_at=NOW, replaced_at=NOW)


def test_looking_at_it_is_recorded(cast: Cast, client: Client) -> None:
    first = sent(cast, "Alone at night.")
    sign_in(client, cast.practitioner)
    for name in ("intake", "intake-discard", "intake-pass"):
        client.get(reverse(name, args=[first.id]))
    with as_(cast.practitioner):
        looks = list(Look.objects.filter(user_id=cast.practitioner.pk).values_list("page", "cluster_id", "family_id"))
        assert looks == [(f"to match {first.reference}", cast.cluster.pk, None)] * 3
        take_intake(by=cast.practitioner, intake=Intake.objects.get(), child=Person.objects.get(pk=cast.child.pk))
    client.get(reverse("intake", args=[first.id]))
    with as_(cast.practitioner):
        assert Look.objects.order_by("-id")[0].family_id == cast.family.pk
