"""A safe copy of a live database: the same structure and the same course of things, about nobody.

The copy is made in a database whose name ends in `_unsafe`, and only when everything in it is replaced does it get its
own name: a run that is killed leaves nothing under that name, and the next run begins anew. Tables that would only hold
a trace of people (the history, drafts, mails, sessions, keys, files of reports) are never copied at all.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import models
from psycopg2.extras import execute_values

from cluster_ehs.core.backups import programs
from families.index import tokens_of_family, tokens_of_person
from families.models import Family, Person
from keeping.fields import Holds
from keeping.lines import LINES

FUNCTIONS = Path(__file__).with_name("functions.sql")
# Ours without a model: the chain over a history that is not copied.
NO_MODEL = ("core_link", "core_seal", "core_disposed")
UNSAFE = "_unsafe"
ACCESS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ehs_app, ehs_backup;
"""
# What is unique, or may not overlap, is so again at the end; on the way two rows may stand alike for a moment.
BOUND = """
SELECT conname, conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint c
WHERE conrelid = %s::regclass AND contype IN ('u', 'x') AND EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = conrelid AND a.attnum = ANY (conkey) AND a.attname = ANY (%s))
  AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid)
"""
INDEXED = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = %s::regclass AND i.indisunique AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
              AND a.attname = ANY (%s))
"""


class Refused(Exception):
    """The copy cannot be made; the message says why, and nothing was changed."""


def not_copied() -> list[str]:
    return [*NO_MODEL, *(apps.get_model(label)._meta.db_table for label, line in LINES.items() if not line.copied)]


def make_copy(source: str, target: str, *, password: str, say: Callable[[str], object] = print) -> None:
    """Copy the database at `source` to a new one at `target`, both addresses of logins that may read or make it.

    password: of every account of the copy. Raises Refused for a target that is there already, the source above all.
    """
    place = dj_database_url.parse(target)
    name, unsafe = place["NAME"], place["NAME"] + UNSAFE
    with _login(target, "template1") as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            raise Refused(f"There is a database {name} already. A copy is made under a new name, never over another.")
        cursor.execute(f'DROP DATABASE IF EXISTS "{unsafe}" WITH (FORCE)')
        cursor.execute(f"CREATE DATABASE \"{unsafe}\" TEMPLATE template0 ENCODING 'UTF8'")
        cursor.execute(f'REVOKE ALL ON DATABASE "{unsafe}" FROM PUBLIC')
    try:
        say("Copying …")
        _carry_over(source, _at(target, unsafe))
        with _login(target, unsafe) as cursor:
            replace_all(cursor, password=password, say=say)
            say("Making room …")
            # What PostgreSQL noted of the columns on the way (their most frequent values) goes with the old rows.
            cursor.execute("ANALYZE")
            cursor.execute("VACUUM FULL")
            cursor.execute(ACCESS)
        with _login(target, "template1") as cursor:
            cursor.execute(f'ALTER DATABASE "{unsafe}" RENAME TO "{name}"')
            cursor.execute(f'GRANT CONNECT ON DATABASE "{name}" TO ehs_app, ehs_backup')
    except BaseException:
        with _login(target, "template1") as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{unsafe}" WITH (FORCE)')
        raise


@contextmanager
def _login(url: str, database: str) -> Iterator[Any]:
    raw = programs.login(url, database)
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            yield cursor
    finally:
        raw.close()


def _at(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _carry_over(source: str, target: str) -> None:
    """With programs that fit both servers; their passwords stand in no list of processes."""
    newer = 0
    for url in (source, target):
        with _login(url, dj_database_url.parse(url)["NAME"]) as cursor:
            newer = max(newer, programs.major(cursor.connection))
    left_out = [f"--exclude-table-data=public.{table}" for table in not_copied()]
    try:
        dumping, restoring = (programs.program(name, newer) for name in ("pg_dump", "pg_restore"))
    except programs.ProgramError as error:
        raise Refused(str(error)) from error
    dump = subprocess.Popen(  # noqa: S603 - a fixed command on our own tables
        [dumping, "--format=custom", *left_out], stdout=subprocess.PIPE, env=programs.environment(source)
    )
    made = programs.environment(target)
    restore = subprocess.run(  # noqa: S603 - a fixed command
        [restoring, "--no-owner", "--exit-on-error", f"--dbname={made['PGDATABASE']}"],
        stdin=dump.stdout,
        env=made,
        check=False,
    )
    if dump.wait() or restore.returncode:
        raise Refused("The database could not be copied; what pg_dump or pg_restore said stands above.")


def replace_all(cursor: Any, *, password: str, say: Callable[[str], object]) -> None:
    """Replace what the fields hold, table by table, in one transaction."""
    cursor.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(FUNCTIONS.read_text(encoding="utf-8"))
    bound: list[str] = []
    for label, line in LINES.items():
        model = apps.get_model(label)
        changes: dict[str, Holds] = {
            field: kind for field, kind in line.holds.items() if kind not in (Holds.KEPT, Holds.PERSON)
        }
        if line.copied and changes:
            bound += _replace(cursor, model, changes)
    cursor.execute(
        "UPDATE clusters_user SET password = %s, email = 'person-' || id || '@example.org' WHERE email IS NOT NULL",
        [make_password(password)],
    )
    for statement in bound:
        cursor.execute(statement)
    say("Writing the index of the search …")
    _index(cursor)
    cursor.execute("COMMIT")


def _replace(cursor: Any, model: type[models.Model], changes: dict[str, Holds]) -> list[str]:
    """One statement for the table. Returns what makes its unique columns unique again."""
    table = model._meta.db_table
    columns = {field.name: field for field in model._meta.concrete_fields}
    family = "id" if model is Family else "family_id" if any(f.attname == "family_id" for f in columns.values()) else ""
    days = f"coalesce((SELECT days FROM scrub_shift s WHERE s.family_id = t.{family}), 91)" if family else "91"  # noqa: S608
    sets = []
    for name, kind in changes.items():
        column = str(columns[name].column)
        new = _instead(kind, columns[name], f't."{column}"', family=f"t.{family}" if family else "NULL", days=days)
        if new:
            empty = f"t.\"{column}\" IS NULL OR t.\"{column}\"::text IN ('', 'null')"
            sets.append(f'"{column}" = CASE WHEN {empty} THEN t."{column}" ELSE {new} END')
    again = _unbind(cursor, table, [str(columns[name].column) for name in changes])
    cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    if sets:
        # Names of tables and columns are the models' own.
        cursor.execute(f'UPDATE "{table}" t SET ' + ", ".join(sets))  # noqa: S608
    again.append(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    for name, kind in changes.items():
        if kind == Holds.REFERENCE:
            _deal_out(cursor, table, str(columns[name].column))
    return again


def _instead(kind: Holds, field: models.Field, was: str, *, family: str, days: str) -> str:
    """SQL of what stands in the place of a value; empty for what another step replaces."""
    room = getattr(field, "max_length", None)
    fit = f"left(%s, {room})" if room else "%s"
    texts = {
        Holds.FIRST_NAME: "pg_temp.scrub_first_name()",
        Holds.LAST_NAME: f"pg_temp.scrub_last_name({family}, {was})",
        Holds.NAME: "pg_temp.scrub_name()",
        Holds.TEXT: f"pg_temp.scrub_text({was})",
        Holds.ADDRESS: "pg_temp.scrub_address()",
        Holds.POSTCODE: "'LS99 ' || floor(random() * 9)::integer || chr(65 + floor(random() * 26)::integer) || 'Z'",
        Holds.PHONE: f"pg_temp.scrub_phone({was})",
        Holds.MAIL: "pg_temp.scrub_mail()",
        Holds.UPN: "pg_temp.scrub_upn()",
        Holds.NHS: "pg_temp.scrub_nhs()",
        Holds.NUMBER: f"pg_temp.scrub_shape({was})",
        Holds.FILE: f"'document' || coalesce(substring({was} from '\\.[A-Za-z0-9]+$'), '')",
        Holds.RANDOM: f"pg_temp.scrub_random({room or 64})",
        Holds.EMPTY: "''",
    }
    if kind == Holds.JSON:
        return f"pg_temp.scrub_json({was})"
    if kind == Holds.DATE:
        is_moment = isinstance(field, models.DateTimeField)
        return f"{was} - make_interval(days => {days})" if is_moment else f"{was} - {days}"
    return fit % texts[kind] if kind in texts else ""


def _unbind(cursor: Any, table: str, columns: list[str]) -> list[str]:
    again = []
    cursor.execute(BOUND, [f'"{table}"', columns])
    for name, on, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {on} DROP CONSTRAINT "{name}"')
        again.append(f'ALTER TABLE {on} ADD CONSTRAINT "{name}" {definition}')
    cursor.execute(INDEXED, [f'"{table}"', columns])
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        again.append(definition)
    return again


def _deal_out(cursor: Any, table: str, column: str) -> None:
    """The references of the same Cluster, kind and year, in another order."""
    seen = f'SELECT id, "{column}" AS ref, left("{column}", 5) AS head FROM "{table}" WHERE "{column}" <> \'\''  # noqa: S608
    cursor.execute(
        f"WITH seen AS ({seen}),"  # noqa: S608
        " a AS (SELECT id, head, row_number() OVER (PARTITION BY head ORDER BY random()) AS n FROM seen),"
        " b AS (SELECT ref, head, row_number() OVER (PARTITION BY head ORDER BY random()) AS n FROM seen)"
        f' UPDATE "{table}" t SET "{column}" = b.ref FROM a JOIN b USING (head, n) WHERE t.id = a.id'
    )


def _index(cursor: Any) -> None:
    cursor.execute("SELECT id, cluster_id, family_id, first_name, last_name, known_as FROM families_person")
    people = (
        Person(id=row[0], cluster_id=row[1], family_id=row[2], first_name=row[3], last_name=row[4], known_as=row[5])
        for row in cursor.fetchall()
    )
    cursor.execute("SELECT id, cluster_id, name, address, postcode FROM families_family")
    families = (
        Family(id=row[0], cluster_id=row[1], name=row[2], address=row[3], postcode=row[4]) for row in cursor.fetchall()
    )
    tokens = [token for person in people for token in tokens_of_person(person)]
    tokens += [token for family in families for token in tokens_of_family(family)]
    execute_values(
        cursor,
        "INSERT INTO families_persontoken (cluster_id, family_id, person_id, kind, token) VALUES %s",
        [(t.cluster_id, str(t.family_id), str(t.person_id) if t.person_id else None, t.kind, t.token) for t in tokens],
        page_size=5000,
    )
