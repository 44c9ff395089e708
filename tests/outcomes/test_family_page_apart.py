"""The family's page against its own readers: what is another's stays theirs, whatever is tried or typed."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseService, PlannedSession
from cases.services import set_goal
from clusters.models import Service
from families.models import Family, Flag, Involvement
from outcomes.family_page.services import NewLink, make_family_link
from tests.fixtures_cast import Cast, a_person, as_, sign_in
from tests.outcomes.test_family_page import a_device, client, enter, goal_of, link, plan, scored, url

__all__ = ["client", "link"]


def test_a_father_elsewhere_sees_neither_the_mothers_scores_nor_her_service_nor_visits(
    cast: Cast, client: Client, link: NewLink
) -> None:
    """What is hers: a score that she gave alone, a service whose name says what it is about, when the worker comes."""
    enter(client, link)
    client.post(url(link, "family-plan-scores"), {scored(goal_of(cast)): 1})
    keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk, "case": cast.case}
    with as_(cast.leader):
        own = Service.objects.create(code="freedom", name="Freedom group", kind="other", cluster=cast.cluster)
        CaseService.objects.create(
            **keys, service=own, person=cast.mother, worker=cast.colleague, starts_on=timezone.localdate()
        )
        for number, kind in enumerate(("home_visit", "accompanied")):
            at = timezone.now() + timedelta(days=3, hours=number)
            plan_values = {"kind": kind, "at": at, "place": "Haven House", "worker": cast.practitioner}
            PlannedSession.objects.create(**keys, **plan_values, planned_by=cast.leader)
        father = a_person(cast.family, "Marek", is_child=False, involvement=Involvement.INVOLVED, in_household=False)
        his = make_family_link(by=cast.leader, case=cast.case, person=father)
    hers, theirs = plan(client, link), "added on this page"
    for said in ("<b>1</b>", theirs, "Freedom group", "Visit at home"):
        assert said in hers, said
    assert "Haven House" not in hers
    device = a_device()
    enter(device, his)
    page = plan(device, his)
    assert "Mornings without shouting" in page and "Asha Example" in page
    for kept in ("<b>1</b>", theirs, "Freedom group", "Visit at home", "Going somewhere", "Haven House"):
        assert kept not in page, kept


@pytest.mark.parametrize("slug", ["en", "ur"])
def test_what_is_too_long_or_runs_the_other_way(cast: Cast, client: Client, link: NewLink, slug: str) -> None:
    """50,000 characters are refused beside the field and kept; words from right to left turn nothing around them."""
    language = f"?language={slug}"
    said = client.post(url(link) + language, {"code": "A" * 50_000}).content.decode()
    assert "at most" not in said and "eh-goal" not in said
    enter(client, link)
    where = url(link, "family-plan-goal", goal_id=goal_of(cast).pk) + language
    much = client.post(where, {"agrees": "no", "why": "ب" * 50_000})
    assert much.status_code == 422 and much.content.decode().count("ب" * 50_000) == 1
    assert ("This is too long" in much.content.decode()) == (slug == "en")
    turned = "\u202eنحن نختلف"
    client.post(where, {"agrees": "no", "why": turned})
    assert f"<bdi>“{turned}”</bdi>" in client.get(url(link) + language).content.decode()
    worker = sign_in(Client(), cast.practitioner)
    text = worker.get(reverse("case-plan", args=[cast.case.pk])).content.decode()
    assert re.search(rf"<bdi>[^<]*{turned}[^<]*</bdi>", text)


def test_no_part_of_a_hidden_address_stands_in_what_a_worker_wrote(cast: Cast, client: Client, link: NewLink) -> None:
    """A flat, the street without its number, the postcode with or without its gap; the town may be said."""
    goal = goal_of(cast)
    with as_(cast.leader):
        Family.objects.filter(pk=cast.family.pk).update(
            address="Flat 2B, 7 Quiet (Upper) Row, Leeds", postcode="LS8 9ZZ"
        )
        keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
        Flag.objects.create(**keys, kind=Flag.Kind.ADDRESS_NOT_SHARED, not_to_be_told=None)
        said = "By the shop in quiet (upper) row, LS89ZZ; ring at flat 2B, 7 Quiet (Upper) Row. Then into Leeds."
        set_goal(by=cast.leader, case=cast.case, goal=goal, version=1, words=goal.words, different=said)
    enter(client, link)
    page = plan(client, link)
    assert "By the shop in …, …; ring at …, …. Then into Leeds." in page
