"""The list of referrals, the page of one, and what a school sees of its own."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Look
from cluster_ehs.core.scope import NamedActor, acting_as
from referrals.models import Referral, ReferralReason
from referrals.selectors import days_waiting
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_term, as_, sign_in
from tests.queries import counting

LIST = "/referrals/"


def log_many(cast: Cast, many: int) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for number in range(many):
            child = a_person(a_family(cast.cluster, f"Invented {number}", number=100 + number), "Sam")
            referral = a_referral(child, number=100 + number, school=cast.school, days_ago=number % 40)
            ReferralReason.objects.create(
                cluster=cast.cluster, family_id=child.family_id, referral=referral, category=a_term("reason")
            )


@pytest.mark.parametrize("many", [5, 25, 100])
@pytest.mark.parametrize("who", ["practitioner", "leader", "manager"])
def test_eight_queries_for_the_list(cast: Cast, client: Client, many: int, who: str) -> None:
    log_many(cast, many)
    sign_in(client, getattr(cast, who))
    for url in (LIST, f"{LIST}?status=all"):
        with counting() as queries:
            answer = client.get(url)
        assert len(answer.context["page"].rows) == min(25, many + (len(answer.context["page"].rows) - many))
        assert len(queries) <= 8, queries
    if answer.context["page"].older:
        with counting() as queries:
            client.get(LIST + answer.context["page"].older)
        assert len(queries) <= 8, queries


@pytest.mark.parametrize("status", ["to_screen", "all"])
def test_pages_go_on_and_back(cast: Cast, client: Client, status: str) -> None:
    log_many(cast, 60)
    sign_in(client, cast.leader)
    url, seen, addresses = f"{LIST}?status={status}", [], []
    while url:
        found = client.get(url).context["page"]
        seen.append([row.reference for row in found.rows])
        addresses.append(url)
        url = LIST + found.older if found.older else ""
    assert [len(page) for page in seen[:2]] == [25, 25]
    flat = [reference for page in seen for reference in page]
    assert len(flat) == len(set(flat)) == 61 + (status == "all")
    newer = client.get(addresses[2]).context["page"].newer
    assert [row.reference for row in client.get(LIST + newer).context["page"].rows] == seen[1]
    with as_(cast.leader):
        days = [Referral.objects.get(reference=reference).received_on for reference in flat]
    assert days == sorted(days, reverse=status == "all")


def test_tabs_and_filter(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    waiting = client.get(LIST).content.decode()
    assert "Jakub" in waiting
    assert "6 days" in waiting
    assert "Zdeňka" not in waiting
    assert "Zdeňka" in client.get(f"{LIST}?status=decided").content.decode()
    route = a_term("route")
    other = type(route).objects.create(vocabulary="route", code="test_other", label="Test other", order=999)
    assert "Jakub" in client.get(f"{LIST}?route={route.pk}").content.decode()
    assert "No referral fits the filter" in client.get(f"{LIST}?route={other.pk}").content.decode()
    for nonsense in ("route=x", "status=x", "after=x", "route=99999999999999999999", "before=Nov%C3%A1k"):
        assert client.get(f"{LIST}?{nonsense}").status_code == 200


def test_a_manager_sees_references_of_every_cluster_and_no_name(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    page = client.get(f"{LIST}?status=all").content.decode()
    for referral in (cast.referral, cast.other_referral, cast.case_referral, cast.restricted_referral):
        assert referral.reference in page
    for word in ("Jakub", "Zdeňka", "Chidi", "Wójcik", "Novák", "Okafor", "Eve-Rose", "Invented Primary"):
        assert word not in page


@pytest.mark.parametrize(
    ("who", "own", "other", "restricted"),
    [
        ("practitioner", 200, 404, 404),
        ("leader", 200, 404, 404),
        ("colleague", 200, 404, 200),
        ("other_leader", 404, 200, 404),
        ("manager", 404, 404, 404),
        ("supervisor", 404, 404, 404),
        ("guest", 403, 404, 404),
        ("referrer", 404, 404, 404),
    ],
)
def test_who_opens_a_referral(cast: Cast, client: Client, who: str, own: int, other: int, restricted: int) -> None:
    sign_in(client, getattr(cast, who))
    for referral, status in (
        (cast.referral, own),
        (cast.other_referral, other),
        (cast.restricted_referral, restricted),
    ):
        assert client.get(reverse("referral", args=[referral.pk])).status_code == status


def test_the_page_shows_what_a_decision_needs_and_records_the_look(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    page = client.get(reverse("referral", args=[cast.referral.pk])).content.decode()
    for words in (
        "Late most Mondays, cries at the gate.",
        "Loves football.",
        "Mornings without shouting.",
        "Rae Invented",
    ):
        assert words in page
    with as_(cast.leader):
        assert Look.objects.filter(page="referral", family_id=cast.referral.family_id).count() == 1


def test_siblings_referrals_stand_beside(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        sister = a_person(cast.referral.family, "Maja")
        earlier = a_referral(sister, number=77, days_ago=400)
    sign_in(client, cast.leader)
    page = client.get(reverse("referral", args=[cast.referral.pk])).content.decode()
    assert "Maja" in page
    assert reverse("referral", args=[earlier.pk]) in page


def test_the_familys_cases_stand_beside_a_siblings_referral(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        sister = a_person(cast.case_referral.family, "Maja")
        new = a_referral(sister, number=78, days_ago=1)
    sign_in(client, cast.leader)
    page = client.get(reverse("referral", args=[new.pk])).content.decode()
    assert reverse("case", args=[cast.case.pk]) in page
    assert reverse("referral", args=[cast.case_referral.pk]) in page
    assert "Cases of the family" not in client.get(reverse("referral", args=[cast.referral.pk])).content.decode()


def test_days_waiting(cast: Cast) -> None:
    today = timezone.localdate()
    assert days_waiting(Referral(received_on=today)) == 0
    assert days_waiting(Referral(received_on=today - timedelta(days=9))) == 9
    assert days_waiting(Referral(received_on=today + timedelta(days=1))) == 0


def test_a_school_sees_one_line_each_and_nothing_more(cast: Cast, client: Client) -> None:
    sign_in(client, cast.referrer)
    page = client.get(reverse("school-referrals")).content.decode()
    assert cast.referral.reference in page
    assert "At screening" in page
    for word in ("Jakub", "Zdeňka", "Wójcik", "Late most Mondays", cast.restricted_referral.reference):
        assert word not in page
    assert cast.other_referral.reference not in page
    assert cast.referral.reference in client.get("/").content.decode()


def test_nobody_asks_for_another_school(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_school_referrals(%s)", [cast.referrer.pk])
        assert cursor.fetchall() == []
    for who in ("practitioner", "leader", "manager", "guest"):
        sign_in(client, getattr(cast, who))
        assert client.get(reverse("school-referrals")).status_code == 403


@pytest.mark.parametrize("who", ["supervisor", "guest", "referrer"])
def test_who_has_no_list(cast: Cast, client: Client, who: str) -> None:
    sign_in(client, getattr(cast, who))
    assert client.get(LIST).status_code == 403
