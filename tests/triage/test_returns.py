"""Re-referral: earlier endings of the child and of brothers and sisters, shown apart and counted by one definition."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.figures import year_before
from cluster_ehs.core.scope import NamedActor, acting_as
from families.models import Person
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_referral, as_, decided, sign_in
from triage.models import Ending, EndingOutcome
from triage.selectors.returns import returns_of


def ended(cast: Cast, child: Person, number: int, on: date) -> Referral:
    referral = a_referral(child, number=number, days_ago=(timezone.localdate() - on).days + 10)
    decided(referral, by=cast.leader, days_ago=(timezone.localdate() - on).days + 5)
    keys = {"cluster_id": child.cluster_id, "family_id": child.family_id}
    ending = Ending.objects.create(**keys, referral=referral, where="triage", ended_on=on)
    EndingOutcome.objects.create(**keys, ending=ending, outcome="completed_full")
    Referral.objects.filter(pk=referral.pk).update(status="ended")
    return referral


@pytest.fixture
def back(cast: Cast) -> Referral:
    """A referral of a child with endings at both edges of the window, before it and after it, and a brother's."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        brother = Person.objects.get(family=cast.family, first_name="Petr")
        referral = a_referral(cast.child, number=90, days_ago=20)
        edge = year_before(referral.received_on)
        for number, (child, on) in enumerate(
            (
                (cast.child, edge),
                (cast.child, edge - timedelta(days=1)),
                (cast.child, referral.received_on + timedelta(days=1)),
                (brother, referral.received_on),
                (brother, edge - timedelta(days=400)),
            ),
            start=91,
        ):
            ended(cast, child, number, on)
    return referral


def test_child_and_siblings_are_shown_apart_and_counted_within_twelve_months(
    cast: Cast, client: Client, back: Referral
) -> None:
    with as_(cast.practitioner):
        found = returns_of(back)
        assert (found.of_child, found.of_family) == (1, 2)
        assert [each.recent for each in found.own] == [True, False]
        assert [each.recent for each in found.siblings] == [True, False]
    sign_in(client, cast.practitioner)
    page = client.get(reverse("referral", args=[back.pk])).content.decode()
    card = page[page.index("Earlier endings") :]
    own, _, siblings = card.partition("Brothers and sisters")
    assert "RI-2026-0091" in own
    assert "RI-2026-0094" not in own
    assert "RI-2026-0094" in siblings
    assert "needs met in full" in own
    assert "both days included" in siblings, "the definition stands on the page"
    board = client.get(reverse("screen-referral", args=[back.pk])).content.decode()
    assert "1 ended of Zdeňka, 2 of the family" in board


def test_a_sibling_alone_counts_for_the_family_and_nobody_for_a_first_referral(
    cast: Cast, client: Client, back: Referral
) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Ending.objects.filter(referral__child=cast.child).update(ended_on=timezone.localdate() - timedelta(days=3000))
    sign_in(client, cast.practitioner)
    assert "Family re-referred" in client.get(reverse("referral", args=[back.pk])).content.decode()
    assert "Earlier endings" not in client.get(reverse("referral", args=[cast.referral.pk])).content.decode()
