"""Makes a city in an empty, migrated database: by statements that make many rows, not by the ORM.

Current work is the same in both cities (per Cluster 15 referrals to screen, 30 places on the waiting lists and 100
open cases); what grows is what lies behind it. The owner does it, with the tables' own triggers off and foreign keys
taken away until the end, when they are put back and checked.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.contrib.auth.hashers import make_password
from psycopg2.extras import execute_values

from demo.names import COMMUNITIES, STREETS
from demo.stories.bank import BETWEEN, STORIES
from families.names import fold, folded_tokens, sound_tokens

CLUSTERS, WORKERS = 23, 13
TO_SCREEN, WAITING, OPEN = 15, 30, 100
PASSWORD = "a bench of invented people"  # noqa: S105 - lives as long as the bench
NOTHING = {"text": "''", "character varying": "''", "boolean": "false", "smallint": "0", "integer": "0"}
SQL = Path(__file__).with_name("city.sql")


def make_city(referrals: int) -> None:
    """Fill the database of this process's settings; prints how long each part took."""
    connection = psycopg2.connect(settings.DATABASE_OWNER_URL)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '64MB'")
        _words(cursor)
        sizes = {
            "referrals": referrals,
            "clusters": CLUSTERS,
            "to_screen": TO_SCREEN * CLUSTERS,
            "waiting": WAITING * CLUSTERS,
            "open_cases": OPEN * CLUSTERS,
            "password": make_password(PASSWORD),
        }
        with _bare_tables(cursor):
            for part in SQL.read_text().split("\n-- == "):
                title, _, statements = part.partition("\n")
                begin = time.monotonic()
                if statements.strip():
                    cursor.execute(statements, sizes)
                    print(f"  {title.strip('- =')}: {time.monotonic() - begin:.1f} s", flush=True)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


@contextmanager
def _bare_tables(cursor: Any) -> Iterator[None]:
    """Without triggers of our own, foreign keys and plain indexes while the rows go in; all of them back afterwards."""
    cursor.execute("SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace")
    tables = [name for (name,) in cursor.fetchall()]
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i "
        "JOIN pg_class c ON c.oid = indrelid "
        "WHERE c.relnamespace = 'public'::regnamespace AND NOT indisunique AND NOT indisexclusion"
    )
    indexes = cursor.fetchall()
    for table, name, _ in keys:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    # Columns that came after the city was written are empty in it.
    cursor.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
        "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND data_type = ANY (%s)",
        [list(NOTHING)],
    )
    columns = cursor.fetchall()
    for table, column, kind in columns:
        cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DEFAULT {NOTHING[kind]}')
    yield
    for table, column, _ in columns:
        cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" DROP DEFAULT')
    begin = time.monotonic()
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in keys:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    print(f"  indexes and foreign keys: {time.monotonic() - begin:.1f} s", flush=True)


def _words(cursor: Any) -> None:
    """Names, notes and their tokens, which only Python can make, as tables of this session."""
    first = sorted({name for c in COMMUNITIES for name in (*c.girls, *c.boys, *c.women, *c.men)})
    ends = ("ton", "ley", "worth", "well", "field", "man", "son", "by", "shaw", "croft", "wood", "dale")
    starts = (
        "Ash",
        "Bar",
        "Cal",
        "Den",
        "El",
        "Far",
        "Gar",
        "Hal",
        "Ing",
        "Jes",
        "Kel",
        "Lang",
        "Mor",
        "Nor",
        "Os",
        "Pen",
    )
    last = sorted(
        {name for c in COMMUNITIES for pair in c.last for name in pair} | {s + e for s in starts for e in ends}
    )
    notes = [n.text for story in STORIES for n in (*story.first, *story.middle, *story.setback, *story.better)]
    notes += [n.text for n in BETWEEN]
    notes = [
        f"{a.replace('{', '').replace('}', '')} {b.replace('{', '').replace('}', '')}"
        for a, b in zip(notes, notes[3:], strict=False)
    ]
    streets = list(STREETS)
    for table, values in (("first", first), ("last", last), ("note", notes), ("street", streets)):
        cursor.execute(f"CREATE TEMP TABLE bench_{table} (n int PRIMARY KEY, word text) ON COMMIT DROP")
        execute_values(cursor, f"INSERT INTO bench_{table} VALUES %s", list(enumerate(values)))  # noqa: S608
    cursor.execute("CREATE TEMP TABLE bench_token (word text, kind text, token text) ON COMMIT DROP")
    tokens = {(w, "f", t) for w in (*first, *last) for t in folded_tokens(w)}
    tokens |= {(w, "s", t) for w in (*first, *last) for t in sound_tokens(w)}
    tokens |= {(w, "a", t) for w in streets for t in fold(w).split()}
    execute_values(cursor, "INSERT INTO bench_token VALUES %s", sorted(tokens))
    cursor.execute("ANALYZE bench_token")


def counts() -> dict[str, int]:
    """How many rows the main tables hold."""
    tables = (
        "referrals_referral",
        "cases_case",
        "cases_contact",
        "cases_contactnote",
        "families_person",
        "families_persontoken",
        "cases_goalscore",
    )
    connection = psycopg2.connect(settings.DATABASE_OWNER_URL)
    with connection, connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - fixed names
            found[table] = (cursor.fetchone() or (0,))[0]
    connection.close()
    return found
