"""The family's private page: a link and a code told apart, for half an hour, and nothing but its own plan."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, FamilyLink
from cases.services import make_family_link, set_goal, withdraw_family_link
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Look
from tests.fixtures_cast import as_, sign_in


@pytest.fixture
def link(cast):
    with as_(cast.practitioner):
        set_goal(by=cast.practitioner, case=cast.case, words="Mornings without shouting", baseline=3, target=8)
        return make_family_link(by=cast.practitioner, case=cast.case)


def url(link):
    return reverse("family-plan", args=[link.token])


def enter(client, link, code=None):
    return client.post(url(link), {"code": code or link.code})


def test_the_code_opens_the_plan_in_plain_words_and_nothing_else(cast, client, link):
    asked = client.get(url(link))
    assert asked.status_code == 200
    assert "Mornings" not in asked.content.decode()
    assert "Novák" not in asked.content.decode()
    assert enter(client, link, link.code.lower().replace(" ", "")).status_code == 302
    text = client.get(url(link)).content.decode()
    for said in ("“Mornings without shouting”", "Asha Example", "0113 496 0000", "Lee Example", "0113 496 0001"):
        assert said in text, said
    for kept in ("Zdeňka seen, with Jana.", "What was said in therapy", "Family support fits", "1 Invented Row"):
        assert kept not in text, kept
    with as_(cast.leader):
        assert Look.objects.filter(page="family's page", actor="the family, by its private link").count() == 1


def test_only_digests_are_kept(cast, link):
    with as_(cast.leader):
        row = FamilyLink.objects.values().get()
        kept = str(row) + str(list(Change.objects.filter(table_name="cases_familylink").values("after")))
    assert link.token not in kept
    assert link.code.replace(" ", "") not in kept


def test_after_five_wrong_codes_the_right_one_does_not_open_either(cast, client, link):
    for _ in range(5):
        answer = enter(client, link, "WRONG234")
        assert answer.status_code == 422
        assert "not the code" in answer.content.decode()
    answer = enter(Client(), link)
    assert answer.status_code == 422
    assert "locked" in answer.content.decode()
    assert "Mornings" not in Client().get(url(link)).content.decode()


def test_a_right_code_forgives_the_wrong_ones_before(cast, client, link):
    for _ in range(2):
        for _ in range(4):
            enter(client, link, "WRONG234")
        assert enter(client, link).status_code == 302


def test_it_closes_after_half_an_hour_and_by_hand(cast, client, link):
    enter(client, link)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert "Mornings" not in client.get(url(link)).content.decode()
    assert "Mornings" in client.get(url(link)).content.decode()
    client.post(reverse("family-plan-leave", args=[link.token]))
    assert "Mornings" not in client.get(url(link)).content.decode()


def test_a_withdrawn_an_expired_and_an_unknown_link_open_nothing(cast, client, link):
    enter(client, link)
    with as_(cast.leader):
        FamilyLink.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    assert client.get(url(link)).status_code == 404
    with as_(cast.leader):
        FamilyLink.objects.update(expires_on=timezone.localdate())
    assert client.get(url(link)).status_code == 200
    with as_(cast.practitioner):
        withdraw_family_link(by=cast.practitioner, link=link.link)
        with pytest.raises(Conflict):
            withdraw_family_link(by=cast.practitioner, link=link.link)
    assert client.get(url(link)).status_code == 404
    assert client.get(reverse("family-plan", args=["x" * 43])).status_code == 404


def test_a_new_link_ends_the_one_before(cast, client, link):
    with as_(cast.leader):
        second = make_family_link(by=cast.leader, case=cast.case)
    assert client.get(url(link)).status_code == 404
    assert enter(client, second).status_code == 302


def test_the_code_of_one_family_opens_no_other(cast, client, link):
    with as_(cast.other_practitioner):
        other = make_family_link(by=cast.other_practitioner, case=cast.other_case)
    enter(client, other)
    assert "Mornings" not in client.get(url(link)).content.decode()
    assert "Eze family" in client.get(url(other)).content.decode()


def test_only_the_lead_worker_and_the_leader_give_it(cast, client):
    for user in (cast.therapist, cast.colleague):
        with as_(user), pytest.raises(Denied, match="Only the lead worker"):
            make_family_link(by=user, case=cast.case)
    with as_(cast.leader):
        Case.objects.filter(pk=cast.case.pk).update(status="closing", imported=True)
        Case.objects.filter(pk=cast.case.pk).update(status="closed", closed_on=timezone.localdate())
        with pytest.raises(Denied, match="closed on"):
            make_family_link(by=cast.leader, case=cast.case)


def test_the_worker_sees_link_and_code_once(cast, client):
    sign_in(client, cast.practitioner)
    page = reverse("case-share", args=[cast.case.pk])
    text = client.post(page).content.decode()
    token = re.search(r"/f/([\w-]{43})/", text)
    assert token
    assert token[1] not in client.get(page).content.decode()
    sign_in(client, cast.colleague)
    assert client.get(page).status_code == 403
