"""A referral that CSWS handed down keeps what it came from, and the step-up shows what became of it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cluster_ehs.core.denied import Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from referrals.models import Channel, Referral
from tests.fixtures_cast import Cast, a_referral, as_, sign_in
from tests.queries import queries
from triage.models import HandDown, StepUp
from triage.services import step_up
from triage.services.hand_down import record_hand_down

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed(cast: Cast) -> Referral:
    """A referral of the cast's family from CSWS, after another one of the family was stepped up."""
    with as_(cast.leader):
        step_up(by=cast.leader, referral=cast.referral, taken_by="Pat Invented", csws_reference="CSWS/11")
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        made = a_referral(cast.referral.child, number=77, days_ago=1)
        Referral.objects.filter(pk=made.pk).update(channel=Channel.CSWS)
    return made


def page(client: Client, referral: Referral) -> str:
    return client.get(reverse("referral", args=[referral.pk])).content.decode()


def test_the_link_is_said_once_and_shown_from_both_sides(cast: Cast, client: Client, handed: Referral) -> None:
    sign_in(client, cast.practitioner)
    assert "This family was stepped up before" in page(client, handed)
    with as_(cast.practitioner):
        taken = StepUp.objects.get()
    url = reverse("hand-down", args=[handed.pk])
    assert f'value="{taken.pk}"' in client.get(url).content.decode()
    assert client.post(url, {"csws_reference": "CSWS/99", "step_up": str(taken.pk)}).status_code == 302
    theirs = page(client, handed)
    assert "CSWS/99" in theirs
    assert reverse("referral", args=[cast.referral.pk]) in theirs
    ours = page(client, cast.referral)
    assert "Handed down again" in ours
    assert reverse("referral", args=[handed.pk]) in ours
    client.post(url, {"csws_reference": "CSWS/100", "step_up": ""})
    with as_(cast.leader):
        kept = HandDown.objects.get()
        assert (kept.csws_reference, kept.step_up) == ("CSWS/100", None)


def test_the_page_of_a_hand_down_keeps_within_twelve_statements(cast: Cast, client: Client, handed: Referral) -> None:
    sign_in(client, cast.practitioner)
    page(client, handed)
    url = reverse("referral", args=[handed.pk])
    assert len(queries(client, url)) <= 12
    with as_(cast.leader):
        taken, handed = StepUp.objects.get(), Referral.objects.get(pk=handed.pk)
        record_hand_down(by=cast.leader, referral=handed, csws_reference="CSWS/99", step_up=taken)
    assert len(queries(client, url)) <= 12
    assert len(queries(client, reverse("referral", args=[cast.referral.pk]))) <= 12


def test_what_is_refused(cast: Cast, handed: Referral) -> None:
    with as_(cast.leader):
        handed = Referral.objects.get(pk=handed.pk)
        with pytest.raises(ValidationError, match="reference"):
            record_hand_down(by=cast.leader, referral=handed, csws_reference=" ")
        with pytest.raises(ValidationError, match="did not come"):
            record_hand_down(by=cast.leader, referral=cast.referral, csws_reference="X")
    with as_(cast.other_practitioner), pytest.raises(Denied):
        record_hand_down(by=cast.other_practitioner, referral=handed, csws_reference="X")


def test_a_page_of_another_referral_pays_no_statement(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    page(client, cast.referral)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page(client, cast.referral)
    assert sum("triage_handdown" in query["sql"] for query in captured.captured_queries) == 0
