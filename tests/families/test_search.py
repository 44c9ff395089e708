"""Search before create: the child is found however the name was heard or written."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor, acting_as
from families.history import history
from families.index import index_family, index_people
from families.matching import swapped
from families.models import Family, Person, PersonToken
from families.search import Asked, KnownElsewhere, find, find_people, known_elsewhere, read_line
from families.services import save_person
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import counting


@pytest.fixture
def indexed(cast: Cast) -> Cast:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        index_people(Person.objects.all(), families=Family.objects.all())
    return cast


def names(cast: Cast, **asked: object) -> list[str]:
    with as_(cast.practitioner):
        return [str(match.person) for match in find_people(clusters=[cast.cluster.pk], **asked)]


@pytest.mark.parametrize(
    "heard",
    ["Zdeňka Novák", "zdenka novak", "Novák Zdeňka", "Sdenka Nowak", "ZDENKA", "Zden Nov", "NOVÁK, ZDEŇKA"],
)
def test_however_it_was_heard(indexed: Cast, heard: str) -> None:
    assert names(indexed, query_name=heard)[0] == "Zdeňka Novák"


def test_another_name_does_not_find_her(indexed: Cast) -> None:
    assert "Zdeňka Novák" not in names(indexed, query_name="Peter Okafor")


def test_the_birth_date_ranks_first_and_day_and_month_may_be_swapped(indexed: Cast) -> None:
    with as_(indexed.practitioner):
        child = save_person(
            by=indexed.practitioner,
            family=indexed.family,
            first_name="Ana",
            last_name="Horvat",
            birth_date=date(2016, 3, 7),
        )
        other = save_person(
            by=indexed.practitioner, family=indexed.family, first_name="Anna", last_name="Horvath", is_child=True
        )
        both = find_people(clusters=[indexed.cluster.pk], query_name="Anna Horvath", birth_date=date(2016, 7, 3))
        assert [match.person for match in both] == [child, other]
        assert "day and month swapped" in both[0].why
        alone = find_people(clusters=[indexed.cluster.pk], birth_date=date(2016, 3, 7))
        assert [match.person for match in alone] == [child]


def test_a_number_finds_without_a_name(indexed: Cast) -> None:
    with as_(indexed.practitioner):
        save_person(
            by=indexed.practitioner,
            family=indexed.family,
            person=indexed.child,
            upn="V383234521001",
            nhs_number="9990000018",
        )
    assert names(indexed, upn="V383234521001") == ["Zdeňka Novák"]
    assert names(indexed, nhs_number="9990000018") == ["Zdeňka Novák"]
    assert names(indexed, upn="B801200005001") == []


def test_a_changed_name_is_found_by_the_new_one_alone(indexed: Cast) -> None:
    with as_(indexed.practitioner):
        save_person(by=indexed.practitioner, family=indexed.family, person=indexed.child, last_name="Svoboda")
    assert names(indexed, query_name="Zdenka Svoboda") == ["Zdeňka Svoboda"]
    assert names(indexed, query_name="Zdenka Novak")[:1] != ["Zdeňka Novák"]


def test_names_in_other_scripts(indexed: Cast) -> None:
    with as_(indexed.practitioner):
        save_person(by=indexed.practitioner, family=indexed.family, first_name="محمد", last_name="حسن")
    assert names(indexed, query_name="محمد") == ["محمد حسن"]


def test_the_walls_stand_around_the_search(indexed: Cast) -> None:
    assert names(indexed, query_name="Chidi Okafor") == []
    assert names(indexed, query_name="Eve-Rose Smith-Jones") == []
    with as_(indexed.colleague):
        found = find_people(clusters=[indexed.cluster.pk], query_name="Everose Smithjones")
        assert [str(match.person) for match in found] == ["Eve-Rose Smith-Jones"]


def test_the_index_is_read_without_like(indexed: Cast) -> None:
    """LIKE and similarity are not leakproof: under a row policy they would read every row."""
    with as_(indexed.practitioner), counting() as queries:
        find(clusters=[indexed.cluster.pk], asked=Asked("Zdenka Novak", date(2016, 3, 7)))
    assert queries
    for sql in queries:
        assert "LIKE" not in sql.upper()
        assert "SIMILARITY" not in sql.upper()


def test_an_address_finds_the_family(indexed: Cast) -> None:
    with as_(indexed.practitioner):
        indexed.family.address = "27 Imaginary Crescent"
        indexed.family.save()
        index_family(indexed.family)
        for line in ("27 imaginary", "Imaginary Crescent 27"):
            found = find(clusters=[indexed.cluster.pk], asked=read_line(line))
            assert [str(family) for family in found.families] == ["Novák family"]
        assert find(clusters=[indexed.cluster.pk], asked=read_line("28 imaginary")).families == []


def test_no_cluster_finds_nothing(indexed: Cast) -> None:
    with as_(indexed.practitioner):
        assert find_people(clusters=[], query_name="Novak") == []


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("Zdenka 7/3/2016", Asked("Zdenka", date(2016, 3, 7))),
        ("7.3.2016", Asked("", date(2016, 3, 7))),
        ("31/2/2016 Bob", Asked("31/2/2016 Bob")),
        ("v383234521001", Asked(upn="V383234521001")),
        ("Bob 943 476 5919", Asked("Bob", nhs_number="9434765919")),
        ("9434765910", Asked("9434765910")),
        ("   ", Asked("")),
    ],
)
def test_a_line_is_taken_apart(line: str, asked: Asked) -> None:
    assert read_line(line) == asked


def test_swapped_dates() -> None:
    assert swapped(date(2016, 3, 7)) == [date(2016, 7, 3)]
    assert swapped(date(2016, 3, 17)) == swapped(date(2016, 3, 3)) == []


# --- known in another Cluster ---
def elsewhere(cast: Cast, **asked: object) -> list[tuple[str, str]]:
    with as_(cast.practitioner):
        return [(place.cluster, place.telephone) for place in known_elsewhere(**asked)]


HILLTOP = ("Hilltop Invented", "0113 496 0002")


def test_the_lead_worker_is_named_with_a_telephone_and_nothing_else(indexed: Cast) -> None:
    with as_(indexed.other_leader):
        adaeze = Person.objects.get(first_name="Adaeze")
    asked = {"query_name": "Adaeze Eze", "birth_date": adaeze.birth_date}
    with as_(indexed.practitioner):
        found = known_elsewhere(**asked)
    worker = indexed.other_practitioner
    assert found == [KnownElsewhere("Hilltop Invented", worker.telephone, worker.name)]
    with as_(indexed.other_leader):
        event = Event.objects.get(kind="family.known_elsewhere")
        assert (event.family_id, event.actor) == (adaeze.family_id, indexed.practitioner.name)
        shown = history(Family.objects.get(pk=adaeze.family_id), show="events")
        assert any("Was told that the child is known here" in entry.title for entry in shown.entries)
    # Of a restricted record nobody is named: ask the Cluster.
    with acting_as(NamedActor.IMPORTER, clusters=[indexed.other_cluster.pk]):
        Family.objects.filter(pk=adaeze.family_id).update(restricted=True)
    with as_(indexed.practitioner):
        assert known_elsewhere(**asked) == [KnownElsewhere(*HILLTOP)]


def test_the_page_says_whom_to_ring(indexed: Cast, client: Client) -> None:
    with as_(indexed.other_leader):
        born = Person.objects.get(first_name="Adaeze").birth_date
    sign_in(client, indexed.practitioner)
    day = {f"birth_date-{part}": str(getattr(born, part)) for part in ("day", "month", "year")}
    answer = client.post(reverse("referral-new"), {"name": "Adaeze Eze", **day})
    page = answer.content.decode()
    assert "Known to Hilltop Invented" in page
    assert f"lead worker {indexed.other_practitioner.name}" in page
    # Posted: no name stands in an address.
    assert "adaeze" not in answer.request["PATH_INFO"].lower() + answer.request["QUERY_STRING"].lower()
    assert not re.findall(r'(?:href|action)="[^"]*(?:Adaeze|Eze\b)[^"]*"', page)


def test_known_elsewhere_tells_whom_to_ask_and_leaves_a_trace(indexed: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[indexed.other_cluster.pk]):
        chidi = Person.objects.get(first_name="Chidi")
    found = elsewhere(indexed, query_name="Chidy Okafor", birth_date=chidi.birth_date)
    assert found == [HILLTOP]
    with as_(indexed.other_leader):
        event = Event.objects.get(kind="family.known_elsewhere")
        assert event.family_id == indexed.other_family.pk
        assert event.actor == indexed.practitioner.name
    with as_(indexed.leader):
        assert Event.objects.filter(kind="search.city", user_id=indexed.practitioner.pk).count() == 1
        assert not Event.objects.filter(kind="family.known_elsewhere").exists()


def test_a_name_alone_is_not_enough_to_fish(indexed: Cast) -> None:
    assert elsewhere(indexed, query_name="Chidi Okafor", birth_date=None) == []
    with as_(indexed.practitioner), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_known_elsewhere(%s, NULL, '', '')", [["XT", "AKFR"]])
        assert cursor.fetchall() == []


def test_the_birth_date_alone_is_not_enough_either(indexed: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[indexed.other_cluster.pk]):
        born = Person.objects.get(first_name="Chidi").birth_date
    assert elsewhere(indexed, query_name="Somebody Else", birth_date=born) == []
    assert elsewhere(indexed, query_name="", birth_date=born) == []


def test_a_number_is_enough(indexed: Cast) -> None:
    with as_(indexed.other_practitioner):
        chidi = Person.objects.get(first_name="Chidi")
        save_person(by=indexed.other_practitioner, family=indexed.other_family, person=chidi, upn="V383234521001")
    assert elsewhere(indexed, query_name="", birth_date=None, upn="V383234521001") == [HILLTOP]


def test_a_restricted_child_of_the_own_cluster_is_told_likewise(indexed: Cast) -> None:
    with as_(indexed.colleague):
        eve = Person.objects.get(first_name="Eve-Rose")
    asked = {"query_name": "Eve-Rose Smith-Jones", "birth_date": eve.birth_date}
    assert elsewhere(indexed, **asked) == [("Riverside Invented", "0113 496 0001")]
    with as_(indexed.colleague):
        assert known_elsewhere(**asked) == []


@pytest.mark.parametrize("who", ["manager", "guest", "referrer", "supervisor"])
def test_nobody_else_is_told(indexed: Cast, who: str) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[indexed.other_cluster.pk]):
        chidi = Person.objects.get(first_name="Chidi")
    with as_(getattr(indexed, who)):
        assert known_elsewhere(query_name="Chidi Okafor", birth_date=chidi.birth_date) == []


# --- the page ---
def test_the_search_page(indexed: Cast, client: Client) -> None:
    sign_in(client, indexed.practitioner)
    page = client.post(reverse("search"), {"q": "zdenka novak"}).content.decode()
    assert "Zdeňka Novák" in page
    assert reverse("family", args=[indexed.family.pk]) in page
    assert "Invented Primary School" in client.post(reverse("search"), {"q": "invented pri"}).content.decode()
    by_reference = client.post(reverse("search"), {"q": "ri-2026-0002"}).content.decode()
    assert reverse("referral", args=[indexed.referral.pk]) in by_reference
    assert "Nothing found in your Cluster" in client.post(reverse("search"), {"q": "Qqqq"}).content.decode()


def test_a_name_in_the_address_is_not_taken(indexed: Cast, client: Client) -> None:
    sign_in(client, indexed.practitioner)
    assert "Zdeňka" not in client.get(reverse("search"), {"q": "zdenka"}).content.decode()


@pytest.mark.parametrize("many", [5, 25, 100])
def test_eight_queries_for_a_search(indexed: Cast, client: Client, many: int) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[indexed.cluster.pk]):
        people = [
            Person(
                cluster=indexed.cluster,
                family=indexed.family,
                first_name=f"Sam{number}",
                last_name="Invented",
                school=indexed.school,
            )
            for number in range(many)
        ]
        Person.objects.bulk_create(people)
        index_people(people)
    sign_in(client, indexed.practitioner)
    with counting() as queries:
        page = client.post(reverse("search"), {"q": "sam invented"})
    assert page.content.decode().count('class="eh-hit"') >= min(many, 25)
    assert len(queries) <= 8, queries


def test_who_searches(indexed: Cast, client: Client) -> None:
    for who, status in (("practitioner", 200), ("leader", 200), ("manager", 403), ("guest", 403), ("referrer", 403)):
        sign_in(client, getattr(indexed, who))
        assert client.post(reverse("search"), {"q": "novak"}).status_code == status


def test_tokens_of_one_person_are_written_anew(indexed: Cast) -> None:
    with as_(indexed.practitioner):
        before = PersonToken.objects.filter(person=indexed.mother).count()
        save_person(by=indexed.practitioner, family=indexed.family, person=indexed.mother, known_as="Janka")
        after = PersonToken.objects.filter(person=indexed.mother)
        assert after.filter(token="janka").count() == 1
        assert after.count() > before
