"""Who is involved in the plan and who is not yet: said in two taps, shown on the overview, counted by the tables."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import scope
from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor, acting_as
from families.models import Person
from monitoring.involvement import involvement_tables
from monitoring.shapes import Period
from tests.fixtures_cast import Cast, a_person, a_term, as_, sign_in
from tests.queries import queries


@pytest.fixture
def father(cast: Cast) -> Person:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        return a_person(
            cast.family,
            "Marek",
            is_child=False,
            in_household=False,
            relationship=a_term("relationship", "father"),
            involvement="not_yet",
        )


def test_a_father_who_is_not_yet_involved_is_seen_and_brought_in_by_two_taps(
    cast: Cast, client: Client, father: Person
) -> None:
    sign_in(client, cast.practitioner)
    overview, people = reverse("case", args=[cast.case.pk]), reverse("case-people", args=[cast.case.pk])
    assert "Not yet involved: mum Jana, father Marek" in (
        client.get(overview).content.decode().replace("mother Jana", "mum Jana").replace(": Jana", ": mum Jana")
    )
    page = client.get(people).content.decode()
    assert '<details class="eh-part">' in page
    url = reverse("case-involvement", args=[cast.case.pk, father.pk])
    assert page.count(f'action="{url}"') == 1
    assert client.post(url, {"involvement": "involved", "why": ""}).url == people
    with as_(cast.practitioner):
        father.refresh_from_db()
        assert (father.involvement, father.version) == ("involved", 2)
        assert Event.objects.get(kind="person.involvement").text == "Marek: involved in the plan"
    assert "father Marek" not in client.get(overview).content.decode().split("Not yet involved")[-1][:60]
    assert len(queries(client, people)) <= 12


def test_not_to_be_involved_needs_a_reason_and_keeps_what_was_said(cast: Cast, client: Client, father: Person) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("case-involvement", args=[cast.case.pk, father.pk])
    refused = client.post(url, {"involvement": "not_to_be", "why": " "})
    assert refused.status_code == 422
    assert "Enter why they are not to be involved" in refused.content.decode()
    assert client.post(url, {"involvement": "not_to_be", "why": "x" * 301}).status_code == 422
    assert client.post(url, {"involvement": "not_to_be", "why": "A court order"}).status_code == 302
    page = client.get(reverse("case-people", args=[cast.case.pk])).content.decode()
    assert "A court order" in page
    assert client.post(url, {"involvement": "boss"}).status_code == 422
    stranger = reverse("case-involvement", args=[cast.case.pk, cast.referral.child_id])
    assert client.post(stranger, {"involvement": "involved"}).status_code == 404


def test_the_tables_count_fathers_father_figures_and_wider_family(cast: Cast, father: Person) -> None:
    today = timezone.localdate()
    period = Period(date(today.year - 1, 1, 1), today)
    clusters = [cast.cluster.pk, cast.other_cluster.pk]

    def counted() -> tuple[dict[str, int], dict[str, int], int]:
        with as_(cast.manager), scope.figures():
            family, fathers = involvement_tables(clusters=clusters, period=period, as_at=timezone.now())
            assert family.denominator == 3
            return (
                {row.name: row.count for row in family.rows},
                {row.name: row.count for row in fathers.rows},
                fathers.denominator,
            )

    family, fathers, of = counted()
    assert list(family.values()) == [1, 0, 0]
    assert (of, fathers["Not yet involved"], fathers["Involved in the plan"]) == (1, 1, 0)
    with acting_as(NamedActor.IMPORTER, clusters=clusters):
        kin = {"is_child": False, "in_household": False}
        # A step-parent only counts as a father figure where the record says that he is male.
        a_person(cast.family, "Sam", relationship=a_term("relationship", "mother_s_partner"), **kin)
        gran = a_person(cast.family, "Bożena", relationship=a_term("relationship", "grandmother"), **kin)
        a_person(
            cast.other_case.family,
            "Uche",
            relationship=a_term("relationship", "mother_s_partner"),
            gender="male",
            involvement="involved",
            **kin,
        )
        Person.objects.filter(pk=gran.pk).update(involvement="involved")
    family, fathers, of = counted()
    assert list(family.values()) == [2, 1, 1]
    assert (of, fathers["Not yet involved"], fathers["Involved in the plan"]) == (2, 1, 1)
    earlier = Period(today - timedelta(days=900), today - timedelta(days=800))
    with as_(cast.manager), scope.figures():
        before = involvement_tables(clusters=clusters, period=earlier, as_at=timezone.now())
        assert [table.denominator for table in before] == [0, 0]
