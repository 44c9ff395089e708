"""The history's chain: whoever changes, removes or adds an entry, or cuts off the end, is found."""

import json
import logging
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from cluster_ehs.core import audit, chain
from cluster_ehs.core.db import as_owner
from tests.fixtures_cast import Cast, as_, make_cast

pytestmark = pytest.mark.django_db(transaction=True)
TAMPERINGS = 1000


@pytest.fixture(autouse=True)
def heads(settings: Any, tmp_path: Path) -> Path:
    settings.AUDIT_HEADS = tmp_path / "elsewhere" / "heads.jsonl"
    return settings.AUDIT_HEADS


def sql(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def work(cast: Cast, times: int) -> None:
    """Entries of every kind; one sequence number is left out, as a transaction that is undone leaves it out."""
    for number in range(times):
        with as_(cast.practitioner):
            cast.family.refresh_from_db()
            cast.family.name = f"Thistlewood {number}"
            cast.family.save()
            audit.event(by=cast.practitioner, kind="note", text=f"Wrote note {number}", about=cast.family)
            audit.look(by=cast.practitioner, at=cast.case, page="case")


def skip_one() -> None:
    for table in chain.SOURCES.values():
        sql("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", table)


@pytest.fixture
def history(heads: Path) -> Iterator[None]:
    """Six seals, the first five of two hours ago, and the head written at the end; the owner is at the keys."""
    cast = make_cast()
    for _ in range(5):
        work(cast, 6)
        with as_owner():
            skip_one()
        assert chain.seal()
    with as_owner():
        for number, table in chain.SOURCES.items():
            sql(f"UPDATE {table} SET at = at - interval '2 hours'")
            sql(
                f"UPDATE core_link l SET digest = ehs_digest(e) FROM {table} e WHERE l.entry = e.id AND l.source = %s",
                number,
            )
        sql("UPDATE core_seal SET at = at - interval '2 hours'")
        forge(1)
    work(cast, 6)
    assert chain.seal()
    chain.write_head()
    with as_owner():
        yield


def forge(first: int) -> None:
    """Make the chain anew from a seal on, as only the owner could."""
    for (seq,) in sql("SELECT seq FROM core_seal WHERE seq >= %s ORDER BY seq", first):
        sql(
            "UPDATE core_seal SET previous = coalesce((SELECT digest FROM core_seal WHERE seq = %s - 1), ''),"
            " entries = (SELECT count(*) FROM core_link WHERE seal = %s) WHERE seq = %s",
            seq,
            seq,
            seq,
        )
        sql("UPDATE core_seal s SET digest = ehs_seal_digest(previous, seq, at, upto) WHERE seq = %s", seq)


def anyone(table: str, dice: random.Random) -> int:
    return dice.choice(sql(f"SELECT id FROM {table} ORDER BY id"))[0]


COLUMNS = {
    "core_change": ["actor", "user_id", "row_id", "operation", "after", "before", "at", "family_id", "salt"],
    "core_event": ["actor", "user_id", "kind", "text", "about", "at", "cluster_id", "salt"],
    "core_look": ["actor", "user_id", "page", "at", "family_id", "salt"],
}
ANOTHER = {
    "at": "at + interval '1 second'",
    "user_id": "coalesce(user_id, 0) + 1",
    "cluster_id": "coalesce(cluster_id, 0) + 1",
    "family_id": "gen_random_uuid()",
    "salt": "gen_random_uuid()",
    "after": "coalesce(after, '{}') || '{\"x\": 1}'",
    "before": "coalesce(before, '{}') || '{\"x\": 1}'",
}


def change_one(table: str, dice: random.Random) -> str:
    column = dice.choice(COLUMNS[table])
    sql(
        f"UPDATE {table} SET {column} = {ANOTHER.get(column, f'left({column} || chr(39), 5)')} WHERE id = %s"
        f" AND {column} IS DISTINCT FROM {ANOTHER.get(column, f'left({column} || chr(39), 5)')}",
        anyone(table, dice),
    )
    return "changed"


def change_one_and_its_link(table: str, dice: random.Random) -> str:
    number = next(n for n, name in chain.SOURCES.items() if name == table)
    entry = anyone(table, dice)
    sql(f"UPDATE {table} SET actor = actor || '?' WHERE id = %s", entry)
    sql(
        f"UPDATE core_link SET digest = (SELECT ehs_digest(e) FROM {table} e WHERE id = %s)"
        " WHERE source = %s AND entry = %s",
        entry,
        number,
        entry,
    )
    if dice.random() < 0.5:
        forge(sql("SELECT seal FROM core_link WHERE source = %s AND entry = %s", number, entry)[0][0])
        return "head"
    return "chain"


def remove_one(table: str, dice: random.Random) -> str:
    entry = anyone(table, dice)
    sql(f"DELETE FROM {table} WHERE id = %s", entry)
    if dice.random() < 0.5:
        number = next(n for n, name in chain.SOURCES.items() if name == table)
        sql("DELETE FROM core_link WHERE source = %s AND entry = %s", number, entry)
        return "chain"
    return "removed"


def swap_two(table: str, dice: random.Random) -> str:
    one, two = dice.sample(sql(f"SELECT id FROM {table} ORDER BY id"), 2)
    sql(f"UPDATE {table} SET id = -1 WHERE id = %s", one[0])
    sql(f"UPDATE {table} SET id = %s WHERE id = %s", one[0], two[0])
    sql(f"UPDATE {table} SET id = %s WHERE id = -1", two[0])
    return "changed"


def insert_one(table: str, dice: random.Random) -> str:
    """An entry of an hour and more ago, under a number that was left out, or under a new one."""
    names = [
        name
        for (name,) in sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND attname NOT IN ('id', 'at', 'salt')",
            table,
        )
    ]
    left_out = sql(
        f"SELECT n FROM generate_series(1, (SELECT max(id) FROM {table} WHERE at < now() - interval '1 hour')) n"
        f" WHERE NOT EXISTS (SELECT FROM {table} WHERE id = n)"
    )
    number = "%s" if left_out and dice.random() < 0.5 else f"coalesce(%s * 0, 0) + (SELECT max(id) + 1 FROM {table})"
    columns = ", ".join(names)
    sql(
        f"INSERT INTO {table} (id, at, {columns}) SELECT {number}, now() - interval '90 minutes', {columns}"
        f" FROM {table} LIMIT 1",
        dice.choice(left_out)[0] if left_out else 0,
    )
    chain.seal()
    return "inserted"


def cut_the_end(table: str, dice: random.Random) -> str:
    """The last seals with all that they sealed: what is left is a whole chain."""
    first = dice.randint(2, 6)
    for number, name in chain.SOURCES.items():
        sql(
            f"DELETE FROM {name} WHERE id IN (SELECT entry FROM core_link WHERE source = %s AND seal >= %s)",
            number,
            first,
        )
    sql("DELETE FROM core_link WHERE seal >= %s", first)
    sql("DELETE FROM core_seal WHERE seq >= %s", first)
    return "head"


WAYS: list[Callable[[str, random.Random], str]] = [
    change_one, change_one_and_its_link, remove_one, swap_two, insert_one, cut_the_end,
]  # fmt: skip


@pytest.mark.slow
def test_a_thousand_tamperings_by_the_owner_are_all_found(history: None) -> None:
    assert chain.verify() == []
    dice, missed, seen = random.Random(20260427), [], set()
    for attempt in range(TAMPERINGS):
        way, table = dice.choice(WAYS), dice.choice(list(chain.SOURCES.values()))
        with transaction.atomic():
            expected = way(table, dice)
            kinds = {finding.kind for finding in chain.verify()}
            transaction.set_rollback(True)
        seen.add((way.__name__, expected))
        if expected not in kinds:
            missed.append(f"{attempt}: {way.__name__} in {table}: {kinds}")
    assert missed == []
    assert {name for name, _ in seen} == {way.__name__ for way in WAYS}
    assert chain.verify() == []


def test_the_command_says_what_is_wrong_and_where(history: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_history")
    assert "The history is whole." in capsys.readouterr().out
    with as_owner():
        entry = sql("UPDATE core_event SET text = 'Nothing' WHERE id = (SELECT max(id) FROM core_event) RETURNING id")[
            0
        ][0]
    with pytest.raises(CommandError, match="not whole: 1 finding"):
        call_command("verify_history")
    assert f"changed: core_event {entry}: is not what was sealed (seal 6)" in capsys.readouterr().out


def test_without_any_head_of_the_hours_before_it_is_not_called_whole(history: None, heads: Path) -> None:
    heads.unlink()
    assert [str(finding) for finding in chain.verify()] == [
        f"head: {heads}: has no head: an end that was cut off is not seen"
    ]
    assert chain.verify(heads_upto=6) == [], "a restored database says by itself how far its heads go"


def test_one_day_s_chain_can_be_looked_at_alone(history: None, capsys: pytest.CaptureFixture[str]) -> None:
    with as_owner():
        sql("UPDATE core_seal SET entries = entries + 1 WHERE seq = 6")
    call_command("verify_history", "--day=2001-02-03")
    assert "whole" in capsys.readouterr().out
    with pytest.raises(CommandError, match="not whole: 1 finding"):
        call_command("verify_history", f"--day={timezone.localdate()}")


def test_heads_are_signed_and_written_once_an_hour(heads: Path, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ehs.history")
    chain.carry_on()
    chain.carry_on()
    lines = heads.read_text().splitlines()
    assert len(lines) == 1
    head = json.loads(lines[0])
    for minutes, written in ((59, 1), (61, 2), (100, 2), (122, 3)):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            chain.carry_on()
        assert len(heads.read_text().splitlines()) == written, minutes
    assert caplog.messages.count(f"history sealed up to {head['seal']}: {head['digest']}") == 3, (
        "the log is elsewhere too"
    )
    heads.write_text(json.dumps({**head, "digest": "00" * 32}) + "\nnot a head\n")
    with as_owner():
        assert [str(finding) for finding in chain.verify()] == [
            "head: line 1 of the file of heads: is not signed by this service",
            "head: line 2 of the file of heads: is not signed by this service",
        ]


def test_a_head_of_before_the_key_was_changed_is_known_by_the_key_of_then(cast: Cast, settings: Any) -> None:
    chain.carry_on()
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-that-nobody-has-seen-before-0123456789"
    with as_owner():
        assert [finding.kind for finding in chain.verify()] == ["head"]
        settings.AUDIT_HEADS_KEYS_BEFORE = [before]
        assert chain.verify() == []


def test_the_program_can_seal_but_not_write_seals_or_read_links(cast: Cast) -> None:
    assert chain.seal()
    assert chain.seal() is None
    for statement in (
        "INSERT INTO core_link VALUES (1, 1, 1, '')",
        "SELECT * FROM core_link",
        "UPDATE core_seal SET entries = 0",
        "DELETE FROM core_seal",
        "UPDATE core_event SET salt = gen_random_uuid()",
    ):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            sql(statement)
