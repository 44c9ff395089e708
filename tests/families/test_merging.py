"""Two records become one and two again: everything moves, nothing is lost, nobody does it by accident."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Contact, ContactNote, ContactPerson
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from families import duplicates, merging
from families.address_field import AddressField
from families.history import history
from families.index import index_people
from families.merge_links import TO_PERSON, moving_with_family, name_of, unclassed
from families.merged import merged_rows
from families.models import (
    DuplicatePair,
    Family,
    Flag,
    Merge,
    Person,
    PersonToCheck,
    Relationship,
    SendNeed,
    StoredFile,
)
from families.search import find_people
from families.services import save_person
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_term, an_open_case, as_, sign_in
from tests.queries import counting


@dataclass
class Two:
    """Zdeňka Novák, known twice: in her family with an open case, and alone with a mother under another spelling."""

    cast: Cast
    kept: Person
    gone: Person
    gone_family: Family
    gone_mother: Person
    brother: Person
    referral: Referral
    need: SendNeed
    file: StoredFile


@pytest.fixture
def two(cast: Cast) -> Two:
    return make_two(cast)


def make_two(cast: Cast) -> Two:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        family = a_family(cast.cluster, "Nowak", number=40)
        gone = a_person(family, "Sdenka", born=cast.child.birth_date, school=cast.school, upn="V383234521001")
        mother = a_person(family, "Yana", born=date(1988, 5, 4), is_child=False)
        brother = a_person(family, "Marek", born=date(2020, 2, 2))
        referral = a_referral(gone, number=40, school=cast.school, days_ago=4)
        keys = {"cluster_id": family.cluster_id, "family_id": family.pk}
        Relationship.objects.create(**keys, person=mother, other=gone, kind=Relationship.Kind.PARENT)
        need = SendNeed.objects.create(**keys, person=gone, status="queried", type=a_term("sen_type"))
        kept_keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
        SendNeed.objects.create(**kept_keys, person=cast.child, status="queried", type=need.type)
        file = StoredFile.objects.create(
            **keys, name="Letter.pdf", content_type="application/pdf", size=1, sha256="x", path="x", author=cast.leader
        )
        index_people(Person.objects.all(), families=Family.objects.all())
    return Two(cast, cast.child, gone, family, mother, brother, referral, need, file)


def snapshot() -> dict[str, set[str]]:
    """Every row of every family, as text, but for versions and the index of the search."""
    found = {}
    with merged_rows(), connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if not any(f.name == "family" for f in model._meta.fields) and model is not Family:
                continue
            if table in {"families_persontoken", "families_merge"}:
                continue
            read = [f'"{f.column}"' for f in model._meta.concrete_fields if not isinstance(f, AddressField)]
            rows = f"(SELECT {', '.join(read)} FROM {table})"
            if len(read) < len(model._meta.concrete_fields):
                rows = f"(SELECT * FROM {rows} own JOIN {table}address USING (id))"
            cursor.execute(f"SELECT (to_jsonb(t) - 'version')::text FROM {rows} t")
            found[table] = {row for (row,) in cursor.fetchall()}
    return found


def tokens(person: Person) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, token FROM families_persontoken WHERE person_id = %s", [str(person.pk)])
        return set(cursor.fetchall())


def merge(two: Two, **more: Any) -> Merge:
    with as_(two.cast.leader):
        return merging.merge_people(by=two.cast.leader, kept=two.kept, gone=two.gone, **more)


def test_every_link_to_a_person_or_a_family_is_classed() -> None:
    """Add a new one to families/merge_links.py: does it move, refuse, or stay with the original?"""
    assert unclassed() == []
    assert {name_of(f) for f in moving_with_family()} >= {"cases.case.family", "families.storedfile.family"}
    assert "cases.contactperson.person" in TO_PERSON


def test_everything_moves_and_both_originals_stay(two: Two) -> None:
    done = merge(two, others={two.gone_mother.pk: two.cast.mother.pk})
    with as_(two.cast.practitioner):
        referral = Referral.objects.select_related("child").get(pk=two.referral.pk)
        assert (referral.family_id, referral.child) == (two.cast.family.pk, two.kept)
        assert referral.story.family_id == two.cast.family.pk
        assert StoredFile.objects.get(pk=two.file.pk).family_id == two.cast.family.pk
        assert Person.objects.get(pk=two.brother.pk).family_id == two.cast.family.pk
        relationship = Relationship.objects.get(person=two.cast.mother, other=two.kept)
        assert relationship.family_id == two.cast.family.pk
        # What would have stood there twice stands there once; blanks are filled and nothing is overwritten.
        assert SendNeed.objects.filter(person=two.kept).count() == 1
        kept = Person.objects.get(pk=two.kept.pk)
        assert (kept.first_name, kept.upn) == ("Zdeňka", "V383234521001")
        # To everybody and everything the originals are not there ...
        assert not Person.objects.filter(pk__in=[two.gone.pk, two.gone_mother.pk]).exists()
        assert not Family.objects.filter(pk=two.gone_family.pk).exists()
        assert [str(m.person) for m in find_people(clusters=[two.cast.cluster.pk], query_name="Sdenka Nowak")] == [
            "Zdeňka Novák"
        ]
        # ... and they are kept as they were.
        with merged_rows():
            gone = Person.objects.get(pk=two.gone.pk)
            assert (gone.first_name, gone.family_id, gone.merged_into_id) == ("Sdenka", two.gone_family.pk, kept.pk)
            assert Family.objects.get(pk=two.gone_family.pk).merged_into_id == two.cast.family.pk
        assert done.moved["aside"]
    with as_(two.cast.manager):
        assert not Person.objects.filter(pk=two.gone.pk).exists()


def test_an_undo_gives_back_everything_and_what_came_since_stays(two: Two) -> None:
    with as_(two.cast.leader):
        before, heard = snapshot(), tokens(two.gone)
    done = merge(two, others={two.gone_mother.pk: two.cast.mother.pk})
    with as_(two.cast.leader):
        assert snapshot() != before
        merging.undo(by=two.cast.leader, merge=done)
        assert snapshot() == before
        assert tokens(two.gone) == heard
    # Once more, with a flag and a referral written in between: they stay with the record that was kept.
    done = merge(two)
    with as_(two.cast.practitioner):
        keys = {"cluster_id": two.cast.cluster.pk, "family_id": two.cast.family.pk}
        flag = Flag.objects.create(**keys, kind=Flag.Kind.VISITING_RISK, text="A dog")
        since = a_referral(two.kept, number=41)
        save_person(by=two.cast.practitioner, family=two.cast.family, person=two.kept, upn="B801200005001")
    with as_(two.cast.leader):
        merging.undo(by=two.cast.leader, merge=done)
        flag.refresh_from_db()
        since.refresh_from_db()
        assert {flag.family_id, since.family_id} == {two.cast.family.pk}
        assert since.child_id == two.kept.pk
        assert Referral.objects.get(pk=two.referral.pk).child_id == two.gone.pk
        # The number was corrected since: an undo does not take it away.
        assert Person.objects.get(pk=two.kept.pk).upn == "B801200005001"
        with pytest.raises(Conflict, match="undone already"):
            merging.undo(by=two.cast.leader, merge=done)


def test_a_private_note_that_the_leader_may_not_read_moves_and_comes_back_with_its_case(two: Two) -> None:
    cast = two.cast
    with as_(cast.leader):
        assert not ContactNote.objects.filter(contact=cast.session).exists()
        done = merging.merge_people(by=cast.leader, kept=two.gone, gone=two.kept)
    with as_(cast.therapist):
        assert ContactNote.objects.get(contact=cast.session).family_id == two.gone_family.pk
    with as_(cast.practitioner):
        keys = {"cluster_id": cast.cluster.pk, "family_id": two.gone_family.pk}
        visit = Contact.objects.create(
            **keys, case=cast.case, kind="home_visit", at=timezone.now(), author=cast.practitioner
        )
        ContactPerson.objects.create(**keys, contact=visit, person=two.gone)
    with as_(cast.leader):
        merging.undo(by=cast.leader, merge=done)
        # Written since in a case that goes back: it goes with its case, and names the child as she is called there.
        visit.refresh_from_db()
        assert visit.family_id == cast.family.pk
        assert ContactPerson.objects.get(contact=visit).person_id == two.kept.pk
    with as_(cast.therapist):
        assert ContactNote.objects.get(contact=cast.session).family_id == cast.family.pk


def test_an_undo_is_refused_when_something_since_belongs_to_both(two: Two) -> None:
    done = merge(two)
    with as_(two.cast.practitioner):
        keys = {"cluster_id": two.cast.cluster.pk, "family_id": two.cast.family.pk}
        # The brother came over; he was seen with the family that was kept.
        ContactPerson.objects.create(**keys, contact=two.cast.contact, person=two.brother)
    with as_(two.cast.leader):
        with pytest.raises(Denied, match="belongs to both records"):
            merging.undo(by=two.cast.leader, merge=done)
        assert Person.objects.get(pk=two.brother.pk).family_id == two.cast.family.pk
        assert Merge.objects.get(pk=done.pk).undone_at is None


def test_two_open_cases_are_refused_with_what_to_do(two: Two) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[two.cast.cluster.pk]):
        an_open_case(two.referral, lead=two.cast.colleague, leader=two.cast.leader, number=40)
    with pytest.raises(Denied, match="close the other one"):
        merge(two)
    with as_(two.cast.leader):
        assert Case.objects.open().count() == 2
        assert Person.objects.filter(pk=two.gone.pk).exists()


def test_a_restricted_record_is_not_opened_by_a_merge(two: Two) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[two.cast.cluster.pk]):
        Family.objects.filter(pk=two.gone_family.pk).update(restricted=True)
        two.gone_family.named_readers.create(cluster=two.cast.cluster, user=two.cast.leader)
    with pytest.raises(Denied, match="restricted"):
        merge(two)


@pytest.mark.parametrize("who", ["practitioner", "manager", "other_leader"])
def test_only_a_leader_of_the_cluster_merges(two: Two, who: str) -> None:
    user = getattr(two.cast, who)
    with as_(user), pytest.raises(Denied, match="leader"):
        merging.merge_people(by=user, kept=two.kept, gone=two.gone)


def test_people_of_two_clusters_are_never_merged(two: Two) -> None:
    with as_(two.cast.other_leader):
        chidi = Person.objects.get(first_name="Chidi")
    with as_(two.cast.leader), pytest.raises(Denied, match="one Cluster"):
        merging.merge_people(by=two.cast.leader, kept=two.kept, gone=chidi)


def test_the_history_of_both_is_read_in_one_place(two: Two) -> None:
    with as_(two.cast.leader):
        merging.merge_people(by=two.cast.leader, kept=two.kept, gone=two.gone)
        shown = history(Family.objects.get(pk=two.cast.family.pk)).entries
        titles = [entry.title for entry in shown]
        assert "Two family records were merged" in titles
        assert any("Person added" in title for title in titles)
        lines = [f"{line.before}>{line.after}" for entry in shown for line in entry.lines]
        assert any("Sdenka" in line for line in lines)
        # Taking a row over says nothing by itself.
        assert "Document changed" not in titles


def test_a_later_merge_is_undone_first(two: Two) -> None:
    first = merge(two)
    with acting_as(NamedActor.IMPORTER, clusters=[two.cast.cluster.pk]):
        third = a_person(two.cast.family, "Zdenka", born=two.kept.birth_date)
    with as_(two.cast.leader):
        second = merging.merge_people(by=two.cast.leader, kept=two.kept, gone=third)
        assert second.gone_family_id is None
        with pytest.raises(Denied, match="later one first"):
            merging.undo(by=two.cast.leader, merge=first)
        merging.undo(by=two.cast.leader, merge=second)
        merging.undo(by=two.cast.leader, merge=first)
        assert Person.objects.filter(pk__in=[two.gone.pk, third.pk]).count() == 2


def test_what_was_being_written_at_that_moment_comes_over_with_the_sweep(two: Two) -> None:
    done = merge(two)
    with as_(two.cast.practitioner):
        keys = {"cluster_id": two.cast.cluster.pk, "family_id": two.gone_family.pk}
        late = Flag.objects.create(**keys, kind=Flag.Kind.VISITING_RISK, text="Ring first", address_of=two.gone)
    sweep()
    with as_(two.cast.leader):
        late.refresh_from_db()
        assert (late.family_id, late.address_of_id) == (two.cast.family.pk, two.kept.pk)
        merging.undo(by=two.cast.leader, merge=Merge.objects.get(pk=done.pk))
        late.refresh_from_db()
        assert (late.family_id, late.address_of_id) == (two.gone_family.pk, two.gone.pk)


# --- the queue ---
def sweep() -> None:
    duplicates.sweep()


def pairs(cast: Cast) -> Iterator[DuplicatePair]:
    with as_(cast.leader):
        yield from duplicates.queue([cast.cluster.pk], status="open")


def test_the_sweep_finds_them_and_remembers_what_was_decided(two: Two) -> None:
    sweep()
    found = list(pairs(two.cast))
    assert [{pair.one_id, pair.two_id} for pair in found if not pair.certain] == [
        {pair.one_id, pair.two_id} for pair in found
    ]
    mine = next(pair for pair in found if {pair.one_id, pair.two_id} == {two.kept.pk, two.gone.pk})
    assert "same birth date" in mine.why
    with as_(two.cast.leader):
        assert not PersonToCheck.objects.exists()
        duplicates.decide(by=two.cast.leader, pair_id=mine.pk, status="different", note="Cousins")
    with as_(two.cast.practitioner):
        save_person(by=two.cast.practitioner, family=two.gone_family, person=two.gone, known_as="Zdena")
        assert PersonToCheck.objects.count() == 1
    sweep()
    assert mine.pk not in [pair.pk for pair in pairs(two.cast)]
    with as_(two.cast.leader):
        assert DuplicatePair.objects.get(pk=mine.pk).status == "different"


def test_twins_and_siblings_stay_apart(cast: Cast) -> None:
    born = timezone.localdate() - timedelta(days=3000)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        family = a_family(cast.cluster, "Wiśniewski", number=45)
        twins = [a_person(family, name, born=born, school=cast.school) for name in ("Jakub", "Szymon")]
        twins += [a_person(family, "Oliwia", born=born - timedelta(days=500), school=cast.school)]
        alike = [a_person(family, name, born=born, upn=upn) for name, upn in (("Ola", "A1"), ("Ala", "B2"))]
        index_people([*twins, *alike])
    sweep()
    of_family = {person.pk for person in [*twins, *alike]}
    assert [pair for pair in pairs(cast) if {pair.one_id, pair.two_id} <= of_family] == []


# --- the pages ---
def test_a_leader_merges_and_undoes_on_the_pages(two: Two, client: Client) -> None:
    sweep()
    pair = next(p for p in pairs(two.cast) if {p.one_id, p.two_id} == {two.kept.pk, two.gone.pk})
    sign_in(client, two.cast.leader)
    listed = client.get(reverse("duplicate-list")).content.decode()
    assert reverse("duplicate", args=[pair.pk]) in listed
    page = client.get(reverse("duplicate", args=[pair.pk])).content.decode()
    assert "Zdeňka" in page and "Sdenka" in page and "differs" in page
    keep = "one" if pair.one_id == two.kept.pk else "two"
    answer = client.post(reverse("duplicate", args=[pair.pk]), {"decision": "same", "keep": keep})
    assert answer.url == reverse("family", args=[two.cast.family.pk])
    # An old link leads on; a second click merges nothing again.
    old = client.get(reverse("family", args=[two.gone_family.pk]))
    assert (old.status_code, old.url) == (302, reverse("family", args=[two.cast.family.pk]))
    assert client.post(reverse("duplicate", args=[pair.pk]), {"decision": "same", "keep": keep}).status_code == 302
    with as_(two.cast.leader):
        done = Merge.objects.get()
    assert client.post(reverse("merge-undo", args=[done.pk])).status_code == 302
    assert client.get(reverse("family", args=[two.gone_family.pk])).status_code == 200
    assert "Undone" in client.get(reverse("duplicate-list")).content.decode()


def test_the_queue_is_for_leaders_within_eight_queries(two: Two, client: Client) -> None:
    sweep()
    sign_in(client, two.cast.practitioner)
    assert client.get(reverse("duplicate-list")).status_code == 403
    merge(two)
    sign_in(client, two.cast.leader)
    with counting() as asked:
        assert client.get(reverse("duplicate-list")).status_code == 200
    assert len(asked) <= 8, asked


@pytest.mark.django_db(transaction=True)
def test_two_leaders_merging_at_once_merge_once(cast: Cast) -> None:
    two = make_two(cast)
    answers: list[str] = []

    def try_it(kept: Person, gone: Person) -> None:
        try:
            with as_(cast.leader):
                merging.merge_people(by=cast.leader, kept=kept, gone=gone)
            answers.append("merged")
        except (Conflict, Denied) as refused:
            answers.append(type(refused).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=try_it, args=pair) for pair in ((two.kept, two.gone), (two.gone, two.kept))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["Conflict", "merged"]
    with as_(cast.leader):
        assert Merge.objects.count() == 1
        with merged_rows():
            assert Person.objects.filter(pk__in=[two.kept.pk, two.gone.pk], merged_into__isnull=True).count() == 1
