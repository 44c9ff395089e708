"""A safe copy: the same structure, about nobody; never over another database, and nothing half made under its name."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as live
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import connection
from stdnum.gb import nhs, upn

from families.index import index_family, index_person
from families.models import Family, Person
from keeping.lines import LINES
from keeping.scrubbing import services
from tests.database import drop, login
from tests.fixtures_cast import Cast, as_, make_cast
from tests.keeping.traces import dump_of
from tests.world import make_world

NAMES = (
    *("Zdeňka", "Novák", "Petr", "Wójcik", "Jakub", "Okafor", "Chidi", "Adaeze", "Smith-Jones", "Eve-Rose", "Asha"),
    *("Invented Row", "LS8 1AA", "9434765919", "said in therapy", "cries at the gate", "asha.example"),
)
ROOT = Path(live.BASE_DIR)
# Where names stand that people bear, or that the demonstration and the tests give to people.
BORNE = (
    *("imports/pilot_names.json", "demo/names.py", "families/nicknames.py"),
    *("tests/fixtures_cast.py", "tests/world.py"),
)
# What PostgreSQL notes of a column for its planner.
NOTED = "concat(most_common_vals::text, histogram_bounds::text, most_common_elems::text)"
# A check that was dumped and restored is written in other words.
STRUCTURE = """
SELECT conname, conrelid::regclass::text, CASE WHEN contype <> 'c' THEN pg_get_constraintdef(oid) END FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT relname, '', relrowsecurity::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT indexname, tablename, '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT tgname, tgrelid::regclass::text, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT policyname, tablename, cmd FROM pg_policies
"""


def url(name: str) -> str:
    return live.DATABASE_OWNER_URL.rsplit("/", 1)[0] + "/" + name


def rows(name: str, statement: str) -> list[tuple[Any, ...]]:
    with login(live.DATABASE_OWNER_URL, name) as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.fixture
def copy(transactional_db: None) -> Iterator[str]:
    """A name beside that of the test's database: several may run on one server."""
    made = connection.settings_dict["NAME"] + "_safe_copy"
    for name in (made, made + services.UNSAFE):
        drop(name)
    yield made
    for name in (made, made + services.UNSAFE):
        drop(name)


@pytest.fixture
def cast(transactional_db: None, tmp_path: Any, settings: Any) -> Cast:
    settings.FILES_ROOT = tmp_path
    cast = make_cast()
    make_world(cast)
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.child.pk).update(nhs_number="9434765919", upn="B801200005001")
        index_family(Family.objects.get(pk=cast.family.pk))
        index_person(Person.objects.get(pk=cast.child.pk))
    return cast


@pytest.fixture
def noted_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """As autovacuum may at any moment: the statistics are taken while the copy still has everybody in it."""
    replace_all = services.replace_all

    def after_statistics(cursor: Any, **options: Any) -> None:
        cursor.execute("ANALYZE")
        cursor.execute(f"SELECT count(*) FROM pg_stats WHERE {NOTED} ~* %s", ["|".join(NAMES)])
        assert cursor.fetchone()[0], "there was nothing to take away"
        replace_all(cursor, **options)

    monkeypatch.setattr(services, "replace_all", after_statistics)


def test_a_safe_copy_has_everything_but_the_people(cast: Cast, copy: str, noted_on_the_way: None) -> None:
    source = connection.settings_dict["NAME"]
    births = "SELECT id, birth_date FROM families_person WHERE birth_date IS NOT NULL"
    opened = "SELECT c.id, c.opened_on - r.received_on FROM cases_case c JOIN referrals_referral r USING (family_id)"
    before, course = dict(rows(source, births)), sorted(rows(source, opened))
    structure = sorted(map(str, rows(source, STRUCTURE)))
    out = StringIO()
    call_command("scrub", url(copy), source=url(source), stdout=out)

    left = [
        line[:160]
        for line in dump_of(copy).splitlines()
        if re.search(r"\b(" + "|".join(NAMES) + ")", line, re.IGNORECASE)
    ]
    assert not left, left
    noted = rows(copy, f"SELECT tablename, attname, {NOTED} FROM pg_stats WHERE schemaname = 'public'")
    assert noted
    assert [one for one in noted if re.search(r"\b(" + "|".join(NAMES) + ")", one[2], re.IGNORECASE)] == []
    # A copy that is run beside the live service opens none of its files.
    contents = "SELECT path FROM families_storedfile UNION SELECT sha256 FROM families_storedfile"
    assert rows(source, contents)
    assert not set(rows(source, contents)) & set(rows(copy, contents))
    # The same tables, walls, rules and guards, all of them on.
    assert sorted(map(str, rows(copy, STRUCTURE))) == structure
    for label, line in LINES.items():
        table = apps.get_model(label)._meta.db_table
        number = f'SELECT count(*) FROM "{table}"'
        if line.copied:
            assert rows(copy, number) == rows(source, number), table
        elif table != "families_persontoken":
            assert rows(copy, number) == [(0,)], table
    # Ages within half a year, and everything of a family moved by the same days.
    for key, born in rows(copy, births):
        assert 0 < (before[key] - born).days <= 182
    assert sorted(rows(copy, opened)) == course
    (number, pupil), *_ = rows(copy, "SELECT nhs_number, upn FROM families_person WHERE nhs_number <> ''")
    assert nhs.is_valid(number)
    assert upn.calc_check_digit(pupil[1:]) == pupil[0]
    # A family's people still share their name, and are found by it.
    names = f"SELECT count(DISTINCT last_name) FROM families_person WHERE family_id = '{cast.family.pk}'"
    assert rows(copy, names) == [(1,)]
    found = "SELECT FROM families_persontoken t JOIN families_person p ON p.id = t.person_id"
    assert rows(copy, f"{found} WHERE lower(p.last_name) = t.token")
    password = out.getvalue().split()[-1]
    for hashed, mail in rows(copy, "SELECT password, email FROM clusters_user WHERE email IS NOT NULL"):
        assert re.fullmatch(r"person-\d+@example\.org", mail)
        assert check_password(password, hashed)


def test_it_is_never_made_over_another_and_nothing_half_made_is_left(
    cast: Cast, copy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = connection.settings_dict["NAME"]
    for taken in (source, "template1"):
        with pytest.raises(CommandError, match="already"):
            call_command("scrub", url(taken), source=url(source), stdout=StringIO())
    people = rows(source, "SELECT first_name FROM families_person ORDER BY id")

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "_index", stopped)
    with pytest.raises(KeyboardInterrupt):
        services.make_copy(url(source), url(copy), password="x", say=str)
    names = [name for (name,) in rows("template1", "SELECT datname FROM pg_database")]
    assert copy not in names
    assert copy + services.UNSAFE not in names
    assert rows(source, "SELECT first_name FROM families_person ORDER BY id") == people


def test_names_that_must_differ_do(db: None) -> None:
    """Two at one meeting may not bear one name, so the names are dealt out and not thrown."""
    with connection.cursor() as cursor:
        cursor.execute(services.FUNCTIONS.read_text())
        cursor.execute("SELECT count(DISTINCT pg_temp.scrub_name()) FROM generate_series(1, 2000)")
        assert cursor.fetchone() == (2000,)
        # A number of the films in the place of another one of them.
        same = "SELECT count(*) FILTER (WHERE pg_temp.scrub_phone(was) = was), count(*) FROM (SELECT"
        cursor.execute(f"{same} '0113 496 0' || lpad(n::text, 3, '0') AS was FROM generate_series(0, 999) n) x")
        assert cursor.fetchone() == (0, 1000)


def test_the_names_of_a_copy_are_nobodys(db: None) -> None:
    """Else a name that is found in a copy could be somebody who was left there, and nobody could tell."""
    with connection.cursor() as cursor:
        cursor.execute(services.FUNCTIONS.read_text())
        cursor.execute("SELECT unnest(pg_temp.scrub_first_names() || pg_temp.scrub_last_names())")
        new = {word.casefold() for (word,) in cursor.fetchall()}
    known = " ".join((ROOT / place).read_text() for place in BORNE)
    assert len(new) == 49
    assert new.isdisjoint(re.findall(r"\w+", known.casefold()))


def test_nothing_that_is_copied_points_to_what_is_not() -> None:
    """Else the copy could not be put together."""
    for label, line in LINES.items():
        for field in apps.get_model(label)._meta.concrete_fields:
            if line.copied and field.is_relation and not field.null:
                assert LINES[field.related_model._meta.label_lower].copied, field
