"""The family's page and what is changed there."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Event, Look
from clusters.models import Term
from families import services
from families.index import index_people
from families.models import Agreement, Family, Flag, NamedReader, Person
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import counting

PERSON = {
    "first_name": "Marek",
    "last_name": "Dvořák",
    "is_child": "no",
    "gender": "male",
    "in_household": "no",
    "involvement": "not_yet",
    "interpreter_needed": "unknown",
    "parental_responsibility": "yes",
}


def test_nobody_without_a_scope(cast: Cast) -> None:
    assert Person.objects.count() == 0
    assert Family.objects.count() == 0


def test_the_page_shows_the_family_and_records_the_look(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    with counting() as queries:
        page = client.get(reverse("family", args=[cast.family.pk])).content.decode()
    assert len(queries) <= 12, queries
    for word in ("Zdeňka", "Petr", "Jana", "1 Invented Row", cast.case_referral.reference):
        assert word in page
    with as_(cast.leader):
        look = Look.objects.get()
        assert (look.user_id, look.family_id, look.page) == (cast.practitioner.pk, cast.family.pk, "family")


@pytest.mark.parametrize(
    ("who", "own", "other", "restricted"),
    [
        ("practitioner", 200, 404, 404),
        ("leader", 200, 404, 404),
        ("colleague", 200, 404, 200),
        ("other_practitioner", 404, 200, 404),
        ("manager", 404, 404, 404),
        ("supervisor", 404, 404, 404),
        ("guest", 404, 404, 404),
        ("referrer", 404, 404, 404),
    ],
)
def test_who_opens_a_family(cast: Cast, client: Client, who: str, own: int, other: int, restricted: int) -> None:
    sign_in(client, getattr(cast, who))
    for family, status in ((cast.family, own), (cast.other_family, other), (cast.restricted_family, restricted)):
        assert client.get(reverse("family", args=[family.pk])).status_code == status


def test_a_guest_sees_the_agenda_and_not_the_record(cast: Cast, client: Client) -> None:
    sign_in(client, cast.guest)
    for url in (
        reverse("family", args=[cast.referral.family_id]),
        reverse("family-edit", args=[cast.referral.family_id]),
        reverse("referral", args=[cast.referral.pk]),
    ):
        assert client.get(url).status_code == 403


@pytest.mark.parametrize("many", [5, 25, 100])
def test_eight_queries_for_the_list(cast: Cast, client: Client, many: int) -> None:
    with as_(cast.leader):
        for number in range(many):
            family = services.new_family(by=cast.leader, cluster=cast.cluster, name=f"Family {number:03d}")
            Person.objects.create(cluster=cast.cluster, family=family, first_name="Sam", last_name="X")
    sign_in(client, cast.practitioner)
    with counting() as queries:
        page = client.get(reverse("family-list")).content.decode()
    assert len(queries) <= 8, queries
    assert page.count("<tr") == min(many + 2, 25) + 1


def test_pages_of_the_list_go_on_and_back_without_a_name_in_the_address(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        for number in range(60):
            services.new_family(by=cast.leader, cluster=cast.cluster, name=f"Invented {number:03d}")
    sign_in(client, cast.practitioner)
    seen: list[str] = []
    url = reverse("family-list")
    addresses = [url]
    while url:
        found = client.get(url).context["page"]
        seen += [family.name for family in found.rows]
        url = reverse("family-list") + found.older if found.older else ""
        addresses.append(url)
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == 62
    assert "Invented" not in "".join(addresses)
    back = client.get(addresses[-2]).context["page"].newer
    assert [family.name for family in client.get(reverse("family-list") + back).context["page"].rows] == seen[25:50]


def test_add_a_person_after_looking_for_the_same_one(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        index_people(Person.objects.all())
    sign_in(client, cast.practitioner)
    url = reverse("person-new", args=[cast.family.pk])
    assert client.post(url, PERSON).status_code == 302
    again = client.post(url, PERSON)
    assert again.status_code == 200
    assert "Is it one of these people?" in again.content.decode()
    assert 'value="Marek"' in again.content.decode()
    assert client.post(url, PERSON | {"none_of_these": "yes"}).status_code == 302
    with as_(cast.practitioner):
        assert Person.objects.filter(first_name="Marek").count() == 2


def test_a_double_click_adds_one_person(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("person-new", args=[cast.family.pk])
    data = PERSON | {"once": "5f0c2ff7-7d0c-4a3e-9a72-9b5d4f5f6a01", "none_of_these": "yes"}
    assert client.post(url, data)["Location"] == client.post(url, data)["Location"]
    with as_(cast.practitioner):
        assert Person.objects.filter(first_name="Marek").count() == 1


def test_the_second_of_two_editors_sees_both_texts(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("person-edit", args=[cast.mother.pk])
    assert 'name="version" value="1"' in client.get(url).content.decode()
    data = PERSON | {"first_name": "Jana", "last_name": "Novák", "version": "1"}
    assert client.post(url, data | {"telephone": "0113 111"}).status_code == 302
    late = client.post(url, data | {"telephone": "0113 222"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "This was changed elsewhere" in page
    assert "0113 111" in page
    assert 'value="0113 222"' in page
    with as_(cast.practitioner):
        assert Person.objects.get(pk=cast.mother.pk).telephone == "0113 111"
    assert 'name="version" value="2"' in page
    assert client.post(url, data | {"telephone": "0113 222", "version": "2"}).status_code == 302


def test_the_same_for_the_family(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("family-edit", args=[cast.family.pk])
    data = {"name": "Novák", "address": "2 Invented Row", "version": "1"}
    assert client.post(url, data).status_code == 302
    late = client.post(url, data | {"address": "3 Invented Row"}).content.decode()
    assert "2 Invented Row" in late
    assert 'value="3 Invented Row"' in late


def test_wrong_numbers_are_refused_in_the_service_too(cast: Cast) -> None:
    with as_(cast.practitioner), pytest.raises(Exception, match="UPN is not right"):
        services.save_person(by=cast.practitioner, family=cast.family, person=cast.child, upn="A801200005001")


def test_another_clusters_worker_changes_nothing(cast: Cast) -> None:
    with as_(cast.other_practitioner), pytest.raises(Denied):
        services.save_person(by=cast.other_practitioner, family=cast.family, first_name="X", last_name="Y")


def test_flags_are_set_and_ended(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("flag-new", args=[cast.family.pk])
    assert "Enter what a worker must know" in client.post(url, {"kind": "other"}).content.decode()
    client.post(url, {"kind": "address_not_shared", "not_to_be_told": str(cast.mother.pk)})
    page = client.get(reverse("family", args=[cast.family.pk])).content.decode()
    assert "Address not to be shared" in page
    with as_(cast.practitioner):
        flag = Flag.objects.get()
    client.post(reverse("flag-end", args=[flag.pk]))
    assert "Address not to be shared" not in client.get(reverse("family", args=[cast.family.pk])).content.decode()


def test_an_agreement_and_its_withdrawal(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    today = timezone.localdate()
    day = {"given_on-day": today.day, "given_on-month": today.month, "given_on-year": today.year}
    url = reverse("agreement-new", args=[cast.family.pk])
    client.post(url, {"given_by": "Jana, mother", **day})
    with as_(cast.practitioner):
        agreement = Agreement.objects.get()
    client.post(reverse("agreement-withdraw", args=[agreement.pk]))
    assert "Withdrawn" in client.get(reverse("family", args=[cast.family.pk])).content.decode()
    later = today + timedelta(days=2)
    day = {"given_on-day": later.day, "given_on-month": later.month, "given_on-year": later.year}
    assert "must be today or in the past" in client.post(url, {"given_by": "Jana", **day}).content.decode()


def test_a_leader_restricts_and_names_readers(cast: Cast, client: Client) -> None:
    url = reverse("family-restrict", args=[cast.family.pk])
    sign_in(client, cast.practitioner)
    assert client.get(url).status_code == 403
    sign_in(client, cast.leader)
    assert client.post(url, {"restricted": "yes", "readers": [cast.colleague.pk]}).status_code == 302
    page = reverse("family", args=[cast.family.pk])
    assert client.get(page).status_code == 200
    for who, status in (("colleague", 200), ("practitioner", 404), ("therapist", 404)):
        sign_in(client, getattr(cast, who))
        assert client.get(page).status_code == status
    sign_in(client, cast.leader)
    assert client.post(url, {"restricted": "no"}).status_code == 302
    sign_in(client, cast.practitioner)
    assert client.get(page).status_code == 200
    with as_(cast.leader):
        assert not NamedReader.objects.filter(family=cast.family).exists()
        assert Event.objects.filter(kind="family.restricted", family_id=cast.family.pk).count() == 2


def test_a_birth_date_of_another_century_is_refused(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    born = {"birth_date-day": "1", "birth_date-month": "1", "birth_date-year": "1880"}
    answer = client.post(reverse("person-new", args=[cast.family.pk]), PERSON | born)
    assert "more than 120 years ago" in answer.content.decode()
    assert date(1880, 1, 1)


def test_a_finer_and_a_retired_code_stay_on_the_record(cast: Cast, client: Client) -> None:
    main = Term.objects.create(vocabulary="ethnicity", code="test_main", label="Main", group="Test")
    finer = Term.objects.create(vocabulary="ethnicity", code="test_finer", label="Finer", parent=main, group="Test")
    retired = Term.objects.create(vocabulary="language", code="test_old", label="Old name", retired_on=date(2020, 1, 1))
    other = Term.objects.create(vocabulary="language", code="test_other", label="Other", retired_on=date(2020, 1, 1))
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.mother.pk).update(ethnicity=finer, first_language=retired)
    sign_in(client, cast.practitioner)
    url = reverse("person-edit", args=[cast.mother.pk])
    form = client.get(url).context["form"]
    assert f'value="{finer.pk}" selected' in str(form["ethnicity"])
    data = PERSON | {"version": "1", "ethnicity": finer.pk, "first_language": retired.pk}
    assert client.post(url, data | {"first_language": other.pk}).status_code == 422
    assert client.post(url, data).status_code == 302
    with as_(cast.practitioner):
        mother = Person.objects.get(pk=cast.mother.pk)
        assert (mother.ethnicity_id, mother.first_language_id) == (finer.pk, retired.pk)
