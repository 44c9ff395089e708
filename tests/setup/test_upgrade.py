"""A database of the first release, with twelve invented families in it, becomes one of today with nothing lost.

`first_release.sql.xz` is a dump (`pg_dump --inserts`) of the demonstration of version 0.1.0 after most families, the
files of its reports and most of its history were taken out. It is never made again: it is what an early user has.
"""

import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from cases.models import Case, CaseStatus, Contact
from cases.services import log_contact
from cluster_ehs.core.chain import seal, verify
from cluster_ehs.core.db import as_owner
from cluster_ehs.core.scope import acting_as_user
from clusters.models import User
from families.models import Family
from tests.database import SCHEMA_RIGHTS, drop, login, make

OF_THE_FIRST_RELEASE = Path(__file__).with_name("first_release.sql.xz")
TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
       (SELECT array_agg(k.attname::text) FROM pg_index i
          JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
         WHERE i.indrelid = c.oid AND i.indisprimary)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.oid, c.relname
"""
# What a schema is: columns, keys and checks, indexes, policies, triggers, functions, and who may do what.
SCHEMA = """
SELECT 'column', c.relname::text, concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid))
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relkind IN ('r', 'v') AND c.relnamespace = 'public'::regnamespace
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'policy', tablename::text, concat_ws(' | ', policyname, cmd, qual, with_check) FROM pg_policies
UNION ALL SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '')
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'public'::regnamespace AND l.lanname <> 'c'
UNION ALL SELECT 'rights', relname::text, concat_ws(' ', relrowsecurity, relforcerowsecurity, relacl)
  FROM pg_class WHERE relkind IN ('r', 'S', 'v') AND relnamespace = 'public'::regnamespace
"""


def rows(cursor: Any) -> dict[str, dict[str, dict[str, str]]]:
    """table -> key -> column -> value, all as text."""
    cursor.execute(TABLES)
    found: dict[str, dict[str, dict[str, str]]] = {}
    for table, columns, key in cursor.fetchall():
        cursor.execute(f"SELECT {', '.join(f'{quoted(column)}::text' for column in columns)} FROM {quoted(table)}")
        of_table = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        found[table] = {" ".join(row[column] for column in key): row for row in of_table}
    return found


# A link to the family's page that named no person ends: whose page it would open cannot be told.
CHANGED_ON_PURPOSE = {("cases_familylink", "withdrawn_at")}
WITH_SCHOOL = {"professionals": "Head of year", "note": "Met at school about mornings."}
# A copy of the program's own table of legal states, written anew by each `migrate`.
WRITTEN_ANEW = {"core_transition"}


def quoted(name: str) -> str:
    return f'"{name}"'


def schema(cursor: Any) -> set[tuple[str, str, str]]:
    """What is there, without the brackets and casts that PostgreSQL writes otherwise after a restore."""
    cursor.execute(SCHEMA)
    return {
        (kind, of, re.sub(r"::(character varying|text)(\[\])?|[()]", "", text)) for kind, of, text in cursor.fetchall()
    }


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Today's schema over the first release's rows; gives the rows as they were before."""
    tests = connection.settings_dict["NAME"]
    name = f"{tests}_upgraded"
    connections.close_all()
    make(name)
    with login(settings.DATABASE_OWNER_URL, name) as cursor:
        cursor.execute(SCHEMA_RIGHTS)
        cursor.execute(lzma.decompress(OF_THE_FIRST_RELEASE.read_bytes()).decode())
    with login(settings.DATABASE_OWNER_URL, name) as cursor:
        before = rows(cursor)
    connection.settings_dict["NAME"] = name
    try:
        with django_db_blocker.unblock():
            call_command("migrate", verbosity=0, interactive=False)
            yield before
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = tests
        drop(name)


def here() -> str:
    return str(connection.settings_dict["NAME"])


def test_no_row_of_the_first_release_is_lost_or_altered(upgraded: dict[str, Any]) -> None:
    with login(settings.DATABASE_OWNER_URL, here()) as cursor:
        after = rows(cursor)
    assert sum(map(len, upgraded.values())) > 2_000, "the dump holds a populated database"
    assert not set(upgraded) - set(after), "tables that are gone"
    lost, altered = [], set()
    for table, of_table in upgraded.items():
        if table in WRITTEN_ANEW:
            continue
        for key, old in of_table.items():
            new = after[table].get(key)
            if new is None:
                lost.append((table, key))
            else:
                altered |= {(table, column) for column, value in old.items() if new.get(column) != value}
    assert not lost
    assert altered == CHANGED_ON_PURPOSE


def test_the_schema_is_the_one_that_a_new_database_gets(upgraded: dict[str, Any]) -> None:
    with login(settings.DATABASE_OWNER_URL, here()) as cursor:
        of_old = schema(cursor)
    with login(settings.DATABASE_OWNER_URL, here().removesuffix("_upgraded") + "_clean") as cursor:
        of_new = schema(cursor)
    assert of_old == of_new


def test_its_people_work_on_and_its_history_is_whole(upgraded: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_HEADS = tmp_path / "heads"
    asha = User.objects.get(email="asha@example.org")
    with acting_as_user(asha.pk):
        assert set(Family.objects.values_list("cluster__name", flat=True)) == {"Riverside Demonstration Cluster"}
        case = Case.objects.filter(
            lead_workers__worker=asha, lead_workers__ends_on=None, status=CaseStatus.OPEN
        ).first()
        contact = log_contact(by=asha, case=case, kind="home-visit", at=timezone.now(), **WITH_SCHOOL)
        assert Contact.objects.filter(case=case).latest("at") == contact
    assert seal()
    with as_owner():
        assert verify() == []
