"""A hidden address is behind a wall of the database: what asks, and how, does not matter."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from cluster_ehs.core import scope
from cluster_ehs.core.models import Change
from cluster_ehs.core.scope import NamedActor, acting_as
from families.models import Family, Flag, Person, PersonToken
from families.services import add_flag, end_flag, save_family, save_person
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_, sign_in

HERE = "9 Refuge Road"


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@pytest.fixture
def family(cast: Cast) -> Family:
    """On the agenda of a meeting that is open now, with an address of its own for somebody who lives elsewhere."""
    with as_(cast.practitioner):
        family = Family.objects.get(pk=cast.referral.family_id)
        family = save_family(by=cast.practitioner, family=family, version=1, address=HERE, postcode="LS9 9ZZ")
        save_person(by=cast.practitioner, family=family, last_name="Aside", other_address=HERE)
    return family


def hide(cast: Cast, family: Family) -> Flag:
    with as_(cast.practitioner):
        return add_flag(
            by=cast.practitioner, family=family, kind=Flag.Kind.ADDRESS_NOT_SHARED, text="Not to the father"
        )


def read(family: Family) -> tuple[int, set[str], set[str]]:
    """How many rows of the family, and what is read of its addresses, by the program's way and by plain SQL."""
    rows = Family.objects.filter(pk=family.pk)
    people = Person.objects.filter(family_id=family.pk)
    by_program = {found for row in rows for found in (row.address, row.postcode)}
    by_program |= set(people.values_list("other_address", flat=True))
    by_program |= {row.family.address for row in Referral.objects.filter(family=family).select_related("family")}
    found = sql("SELECT address, postcode FROM families_familyaddress WHERE id = %s", family.pk)
    keys = [str(pk) for pk in people.values_list("pk", flat=True)]
    found += sql("SELECT other_address FROM families_personaddress WHERE id = ANY (%s::uuid[])", keys)
    return rows.count(), by_program - {""}, {value for row in found for value in row} - {""}


def test_who_reads_it_and_who_does_not(cast: Cast, family: Family) -> None:
    seen = {HERE, "LS9 9ZZ"}
    workers = (cast.practitioner, cast.colleague, cast.leader)
    with as_(cast.guest):
        assert read(family) == (1, seen, seen), "while nothing is hidden, a guest reads what is on the agenda"
    with as_(cast.manager), scope.figures():
        assert read(family) == (1, seen, seen)
    flag = hide(cast, family)
    for worker in workers:
        with as_(worker):
            assert read(family) == (1, seen, seen)
    with as_(cast.guest):
        assert read(family) == (1, set(), set()), "the family is on the agenda, its address is not"
        assert not Change.objects.filter(family_id=family.pk).exists(), "nor is it in the history"
    with as_(cast.manager), scope.figures():
        assert read(family) == (1, set(), set())
        assert not Change.objects.filter(family_id=family.pk).exists()
    for actor in (NamedActor.SCHEDULER, NamedActor.FIGURES, NamedActor.RETURNS):
        with acting_as(actor):
            assert read(family) == (1, set(), set())
    for stranger in (cast.other_leader, cast.referrer, cast.supervisor, cast.manager):
        with as_(stranger):
            assert read(family) == (0, set(), set())
    with as_(cast.practitioner):
        end_flag(by=cast.practitioner, flag=flag)
    with as_(cast.guest):
        assert read(family) == (1, seen, seen), "hidden from today until the flag ends"


def test_no_statement_goes_round_it(cast: Cast, family: Family) -> None:
    hide(cast, family)
    statements = (
        "SELECT address FROM families_family",
        "SELECT * FROM families_family",
        "SELECT to_jsonb(f) FROM families_family f",
        "SELECT other_address FROM families_person",
        "SELECT id FROM families_family WHERE address LIKE '9%%'",
        "SELECT id FROM families_family ORDER BY postcode",
        "UPDATE families_family SET telephone = address RETURNING telephone",
        "UPDATE families_familyaddress SET address = ''",
        "DELETE FROM families_personaddress",
        "COPY families_family (address) TO STDOUT",
    )
    for person in (cast.guest, cast.leader):
        for statement in statements:
            with as_(person), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                sql(statement)


def test_the_words_of_an_address_are_not_for_those_who_count(cast: Cast, family: Family) -> None:
    words = PersonToken.objects.filter(family_id=family.pk, kind="a")
    with as_(cast.leader):
        assert words.exists()
    with as_(cast.manager), scope.figures():
        assert not words.exists()
    with as_(cast.guest):
        assert not words.exists()


def test_every_other_column_is_read(db: None) -> None:
    """A column that a migration adds is readable only when it says so (`columns_not_read`)."""
    found = sql(
        "SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
        " AND attrelid IN ('families_family'::regclass, 'families_person'::regclass)"
        " AND NOT has_column_privilege(current_user, attrelid, attnum, 'SELECT')"
    )
    assert sorted(found) == [
        ("families_family", "address"),
        ("families_family", "postcode"),
        ("families_person", "other_address"),
    ]


def test_what_is_not_read_is_not_lost_by_a_save(cast: Cast, family: Family) -> None:
    hide(cast, family)
    with as_(cast.leader):
        row = Family.objects.select_for_update(of=("self",)).get(pk=family.pk)
        row.telephone = "0113 496 0000"
        row.save()
        row.refresh_from_db()
        assert (row.address, row.telephone) == (HERE, "0113 496 0000")
        row.address = ""
        row.save()
        assert Family.objects.get(pk=family.pk).address == ""


def test_who_can_see_this_says_who_reads_where_they_live(cast: Cast, family: Family, client: Client) -> None:
    sign_in(client, cast.leader)
    hide(cast, family)
    page = client.get(f"/who/family/{family.pk}/").text
    record, _, address = page.partition("Where the family lives")
    assert str(cast.guest) in record and str(cast.practitioner) in record
    assert str(cast.guest) not in address and str(cast.practitioner) in address
    assert "Where the family lives" not in client.get(f"/who/family/{cast.family.pk}/").text, "the same people"
