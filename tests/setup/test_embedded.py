"""The embedded servers: who may log in and do what, and that they start, stop and come back."""

import os
import socket
import stat

import psycopg2
import pytest
import redis

from cluster_ehs.core.embedded import Servers


def query(url, sql):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def test_each_role_may_do_what_its_name_says_and_no_more(pair):
    rows = query(
        pair.postgres_url("app"),
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname LIKE 'ehs_%'"
        " ORDER BY rolname",
    )
    assert rows == [
        ("ehs_app", False, False, False, False),
        ("ehs_backup", False, True, False, False),
        ("ehs_owner", False, False, True, False),
    ]
    assert query(pair.postgres_url("app"), "SELECT pg_has_role('ehs_app', 'ehs_owner', 'MEMBER')") == [(False,)]


def test_the_owner_makes_tables_and_extensions_that_the_application_may_not(pair):
    owner, app, backup = (pair.postgres_url(role) for role in ("owner", "app", "backup"))
    query(owner, "CREATE EXTENSION IF NOT EXISTS btree_gist")
    query(owner, "CREATE TABLE note (text text)")
    query(owner, "INSERT INTO note VALUES ('x')")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(app, "CREATE TABLE mine (id int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(app, "SELECT * FROM note")
    assert query(backup, "SELECT * FROM note") == [("x",)]
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        query(backup, "DELETE FROM note")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(backup, "SET TRANSACTION READ WRITE; DELETE FROM note")


def test_nobody_gets_in_without_a_password_or_as_the_superuser(pair):
    url = pair.postgres_url("app")
    password = pair.settings()["app"]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.replace(password, "wrong"))
    for role in ("owner", "app", "backup"):
        with pytest.raises(psycopg2.OperationalError, match=r"no pg_hba\.conf entry"):
            psycopg2.connect(pair.postgres_url(role).replace(f"ehs_{role}", "postgres"))
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=pair.settings()["redis_port"]) as client:
        client.ping()


def test_passwords_and_data_are_for_their_owner_alone(pair):
    assert stat.S_IMODE(pair.record.stat().st_mode) == 0o600
    assert stat.S_IMODE(pair.home.stat().st_mode) == 0o700
    assert pair.home == pair.var / "servers"
    # Whoever runs them, it is not root; otherwise it is the caller.
    assert pair.postgres_data.stat().st_uid == (pair.user.pw_uid if pair.user else os.geteuid()) != 0


def test_a_second_start_changes_nothing_and_a_stop_keeps_the_data(pair):
    query(pair.postgres_url("owner"), "CREATE TABLE kept AS SELECT 7 AS n")
    with pair.valkey() as client:
        client.set("kept", "7")
    started = query(pair.postgres_url("app"), "SELECT pg_postmaster_start_time()")
    pair.start()
    assert query(pair.postgres_url("app"), "SELECT pg_postmaster_start_time()") == started

    pair.stop()
    assert not pair.postgres_answers()
    assert not pair.valkey_answers()
    pair.stop()  # nothing to do

    pair.start()
    assert query(pair.postgres_url("owner"), "SELECT n FROM kept") == [(7,)]
    with pair.valkey() as client:
        assert client.get("kept") == b"7"


def test_a_port_that_a_stranger_took_is_given_up_for_another(pair):
    pair.stop()
    taken = pair.settings()["postgres_port"]
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", taken))
        stranger.listen()
        pair.start()
    assert pair.settings()["postgres_port"] != taken
    assert query(pair.postgres_url("app"), "SELECT 1") == [(1,)]


def test_the_database_comes_back_after_its_process_was_killed(pair):
    pid = int((pair.postgres_data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, 9)
    while pair.postgres_answers():
        pass
    pair.start()
    assert query(pair.postgres_url("app"), "SELECT 1") == [(1,)]


def test_asking_for_addresses_starts_nothing(reachable):
    servers = Servers(reachable / "quiet")
    assert servers.postgres_url("app") == servers.postgres_url("app")
    assert servers.redis_url().startswith("redis://:")
    assert not servers.postgres_answers()
    assert not (reachable / "quiet" / "servers").exists()


def test_a_folder_out_of_other_users_reach_stays_so(tmp_path):
    """As root the servers run as somebody else, who must reach the data; no folder is opened for that."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    servers = Servers(closed / "var")
    servers.start()
    try:
        assert query(servers.postgres_url("app"), "SELECT 1") == [(1,)]
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(servers.home.stat().st_mode) == 0o700
    finally:
        servers.stop()
        if servers.home.parent != servers.var:
            servers.run("rm", "-rf", str(servers.home))
            servers.run("rmdir", str(servers.home), check=False)
