"""What the policies of each table let through, asked of rows that are in no table: an empty table has walls too."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from psycopg2.extras import Json

from cluster_ehs.core.scope import figures
from clusters.models import User
from families.models import Family
from tests.fixtures_cast import Cast, as_

# What PostgreSQL asks of a row, by table and act: one policy that admits it, and no restrictive one against it. Of an
# update both sides, before and after.
POLICIES = """
WITH one AS (
    SELECT tablename, cmd, permissive, qual AS says FROM pg_policies WHERE schemaname = 'public' AND qual IS NOT NULL
    UNION ALL SELECT tablename, cmd || ' after', permissive, with_check FROM pg_policies
    WHERE schemaname = 'public' AND with_check IS NOT NULL),
whole AS (
    SELECT tablename, cmd, '(' || coalesce(string_agg(says, ' OR ') FILTER (WHERE permissive = 'PERMISSIVE'), 'false')
        || ')' || coalesce(' AND ' || string_agg(says, ' AND ') FILTER (WHERE permissive = 'RESTRICTIVE'), '') AS says
    FROM one GROUP BY tablename, cmd)
SELECT tablename, cmd, says, array_agg(a.attname::text) FROM whole JOIN pg_attribute a
    ON a.attrelid = tablename::regclass AND a.attnum > 0 AND NOT a.attisdropped GROUP BY tablename, cmd, says
"""
WORKERS = ("practitioner", "leader", "therapist", "colleague", "guest", "supervisor", "referrer", "manager")
# They work in the Cluster, and no more than its restricted record is closed to them.
UNNAMED = tuple(name for name in WORKERS if name != "colleague")
# They work there, and records are not theirs to read by it.
BESIDE = ("guest", "supervisor", "referrer", "manager")


@dataclass(frozen=True)
class Policy:
    table: str
    act: str
    says: str
    columns: frozenset[str]

    @property
    def family(self) -> str:
        return "id" if self.table == "families_family" else "family_id"

    @property
    def is_of_families(self) -> bool:
        return {self.family, "cluster_id"} <= self.columns

    def lets(self, **row: Any) -> bool:
        """Whether it lets a row with these values through to whoever acts now."""
        values = {name: str(value) for name, value in row.items() if name in self.columns}
        says = self.says.replace("%", "%%")
        record = f"jsonb_populate_record(NULL::{self.table}, %s) AS {self.table}"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT ({says}) IS TRUE FROM {record}", [Json(values)])
            return cursor.fetchone()[0]

    def of(self, family: Family, **more: Any) -> bool:
        return self.lets(**{"cluster_id": family.cluster_id, self.family: family.pk, **more})


@pytest.fixture
def policies(db: None) -> list[Policy]:
    with connection.cursor() as cursor:
        cursor.execute(POLICIES)
        found = [Policy(table, act, says, frozenset(columns)) for table, act, says, columns in cursor.fetchall()]
    assert len(found) > 700 and len({one.table for one in found}) > 150
    return found


def through(policies: list[Policy], person: User, family: Family, **more: Any) -> set[tuple[str, str]]:
    with as_(person):
        return {(one.table, one.act) for one in policies if one.is_of_families and one.of(family, **more)}


def test_no_table_gives_or_takes_a_row_of_another_cluster(cast: Cast, policies: list[Policy]) -> None:
    for name in WORKERS:
        assert through(policies, getattr(cast, name), cast.other_family) == set(), name
    assert len(through(policies, cast.other_practitioner, cast.other_family)) > 500, "it is seen where it may be"


def test_no_table_gives_or_takes_a_row_of_a_restricted_record_but_to_who_is_named(
    cast: Cast, policies: list[Policy]
) -> None:
    for name in UNNAMED:
        assert through(policies, getattr(cast, name), cast.restricted_family) == set(), name
    assert len(through(policies, cast.colleague, cast.restricted_family)) > 500


def test_no_table_of_families_is_read_or_written_by_who_works_beside_them(cast: Cast, policies: list[Policy]) -> None:
    for name in BESIDE:
        assert through(policies, getattr(cast, name), cast.family) == set(), name
    with as_(cast.manager), figures():
        counted = {one.table for one in policies if one.is_of_families and one.of(cast.family) and one.act == "SELECT"}
        written = {one.table for one in policies if one.is_of_families and one.of(cast.family) and one.act != "SELECT"}
    assert len(counted) > 60
    assert written == set()


def test_what_is_private_in_any_table_is_read_by_its_author_and_their_clinical_supervisor(
    cast: Cast, policies: list[Policy]
) -> None:
    private = [one for one in policies if one.act == "SELECT" and {"private", "author_id"} <= one.columns]
    texts = [one for one in private if one.is_of_families and one.table not in TOOK_PLACE | LEADERS_TOO]
    assert {one.table for one in texts} >= {"cases_contactnote", "families_storedfile", "outcomes_measureresult"}
    assert {one.table for one in private} >= TOOK_PLACE | LEADERS_TOO
    row = {"private": True, "author_id": cast.therapist.pk}
    for name in WORKERS:
        read = {table for table, _ in through(texts, getattr(cast, name), cast.family, **row)}
        assert read == ({one.table for one in texts} if name in ("therapist", "supervisor") else set()), name
    traced = [one for one in policies if one.act == "SELECT" and "private_to" in one.columns]
    assert {one.table for one in traced} >= {"core_change"}
    for name in WORKERS:
        read = {table for table, _ in through(traced, getattr(cast, name), cast.family, private_to=cast.therapist.pk)}
        assert read == ({one.table for one in traced} if name in ("therapist", "supervisor") else set()), name


# That a session took place, or that a measure was filled in, is read by all who read the case.
TOOK_PLACE = {"cases_contact", "outcomes_measure"}
# What was said of a case in supervision and in an audit: the leaders of the Cluster answer for it.
LEADERS_TOO = {"cases_supervisioncase", "cases_caseaudit", "cases_auditanswer"}


def test_what_is_of_no_one_family_stays_in_its_cluster_and_with_its_own_person(
    cast: Cast, policies: list[Policy]
) -> None:
    of_clusters = [one for one in policies if "cluster_id" in one.columns and not one.is_of_families]
    own = [one for one in policies if "user_id" in one.columns and not one.is_of_families]
    assert len({one.table for one in of_clusters}) > 20 and len({one.table for one in own}) > 1
    for name in WORKERS:
        with as_(getattr(cast, name)):
            assert [one for one in of_clusters if one.lets(cluster_id=cast.other_cluster.pk)] == [], name
            theirs = {"user_id": cast.other_leader.pk, "cluster_id": cast.other_cluster.pk}
            assert [one for one in own if one.lets(**theirs)] == [], name
