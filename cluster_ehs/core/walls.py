"""The walls in the database, as migration operations (design section 2).

Every table that holds family data gets row policies, a composite foreign key to its parents so that
no row hangs under another Cluster's family, and a trigger that records each change. A migration says

    operations = [*wall("cases_contact", reads=SESSION, parents={"case_id": "cases_case"})]

What a policy may use is set once per transaction by `ehs_act_as()` and read through the functions
below; each is wrapped in a sub-select so that PostgreSQL evaluates it once per statement.
"""

from django.db import migrations

CLUSTERS = "(SELECT ehs_ids('ehs.clusters'))::bigint[]"
WRITES = "(SELECT ehs_ids('ehs.writes'))::bigint[]"
SUPERVISED = "(SELECT ehs_ids('ehs.supervised'))::bigint[]"
HIDDEN = "(SELECT ehs_uuids('ehs.hidden'))::uuid[]"
GRANTED = "(SELECT ehs_uuids('ehs.granted'))::uuid[]"
MEETINGS = "(SELECT ehs_uuids('ehs.meetings'))::uuid[]"
SUPERVISED_CASES = "(SELECT ehs_uuids('ehs.supervised_cases'))::uuid[]"
AGENDA = "(SELECT ehs_uuids('ehs.agenda'))::uuid[]"
OWN_FAMILY = "(SELECT ehs_uuids('ehs.own_family'))::uuid[]"
SEES_ALL = "(SELECT ehs_on('ehs.sees_all'))"
USER = "(SELECT ehs_user_id())"

_NEED_TO_KNOW = f"cluster_id = ANY ({CLUSTERS}) AND NOT {{family}} = ANY ({HIDDEN}) OR {{family}} = ANY ({GRANTED})"

# Who reads a table, by the class that its migration names. `{family}` is the family's column.
RECORD = f"{SEES_ALL} OR {_NEED_TO_KNOW}"
# Free text: figures for managers are counted without it, so no actor that sees all Clusters reads it.
TEXT = _NEED_TO_KNOW
# What a panel guest reads for the meetings whose window is open, and nothing beyond.
ON_AGENDA = f"{RECORD} OR {{family}} = ANY ({AGENDA})"
TEXT_ON_AGENDA = f"{TEXT} OR {{family}} = ANY ({AGENDA})"
OF_A_MEETING = f"{RECORD} OR meeting_id = ANY ({MEETINGS})"
# What the family itself reads of its own plan.
OF_THE_PLAN = f"{RECORD} OR {{family}} = ANY ({OWN_FAMILY})"
FAMILY = f"{ON_AGENDA} OR {{family}} = ANY ({OWN_FAMILY})"
# That a session took place, and its note: the clinical supervisor of the worker reads both.
CASE = f"{OF_THE_PLAN} OR id = ANY ({SUPERVISED_CASES})"
CASE_SERVICE = f"{OF_THE_PLAN} OR worker_id = ANY ({SUPERVISED})"
SESSION = f"{RECORD} OR author_id = ANY ({SUPERVISED})"
NOTE = f"({TEXT}) AND (NOT private OR author_id = {USER}) OR author_id = ANY ({SUPERVISED})"
# A file that is private is opened as a note of therapy is; the supervisor reads no other file by that.
FILE = f"({TEXT}) AND (NOT private OR author_id = {USER}) OR private AND author_id = ANY ({SUPERVISED})"
# Changes of private notes are as private as the notes.
TRACE = f"({TEXT}) AND (private_to IS NULL OR private_to = {USER}) OR private_to = ANY ({SUPERVISED})"
# What somebody did or looked at, beside what the reader may see anyway: one's own trace (also what INSERT gives back).
TRACE_OF_ACTS = f"{TEXT} OR user_id IS NOT DISTINCT FROM {USER} AND actor = (SELECT current_setting('ehs.actor', true))"
# Rows of a Cluster that belong to no one family.
OF_THE_CLUSTER = f"{SEES_ALL} OR cluster_id = ANY ({CLUSTERS})"
OF_THE_CLUSTER_ALONE = f"cluster_id = ANY ({CLUSTERS})"
MEETING = f"{OF_THE_CLUSTER} OR id = ANY ({MEETINGS})"
AT_A_MEETING = f"{OF_THE_CLUSTER} OR meeting_id = ANY ({MEETINGS})"
OWN = f"user_id = {USER}"

_WRITE = f"cluster_id = ANY ({WRITES}) AND NOT {{family}} = ANY ({HIDDEN}) OR {{family}} = ANY ({GRANTED})"
_WRITE_CLUSTER = f"cluster_id = ANY ({WRITES})"


def policies(table: str, *, reads: str, writes: str, family: str = "family_id") -> list[str]:
    """SQL that closes a table and opens it by two expressions."""
    see, change = reads.format(family=family), writes.format(family=family)
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY reads ON {table} FOR SELECT USING ({see})",
        f"CREATE POLICY adds ON {table} FOR INSERT WITH CHECK ({change})",
        f"CREATE POLICY changes ON {table} FOR UPDATE USING ({change}) WITH CHECK ({change})",
        f"CREATE POLICY removes ON {table} FOR DELETE USING ({change})",
    ]


def wall(
    table: str,
    *,
    reads: str = RECORD,
    parents: dict[str, str] | None = None,
    family: str = "family_id",
    private: str = "",
    parent_of: bool = False,
    history: bool = True,
) -> list[migrations.RunSQL]:
    """Policies, same-family keys and history for one table of family data.

    parents: column -> table of rows that must belong to the same family and Cluster.
    private: name of the boolean column that makes a row's history private to its author.
    parent_of: other tables point here, so (id, family, cluster) is made unique.
    history: off only for rows worked out from others.
    """
    statements = policies(table, reads=reads, writes=_WRITE, family=family)
    if family == "family_id":
        statements.append(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_same_cluster FOREIGN KEY (family_id, cluster_id) "
            "REFERENCES families_family (id, cluster_id) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE"
        )
    if parent_of:
        statements.append(f"ALTER TABLE {table} ADD CONSTRAINT {table}_whole UNIQUE (id, family_id, cluster_id)")
    for column, parent in (parents or {}).items():
        statements.append(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_family FOREIGN KEY ({column}, family_id, "
            f"cluster_id) REFERENCES {parent} (id, family_id, cluster_id) "
            "ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE"
        )
    if history:
        statements.append(history_trigger(table, family=family, private=private))
    return _run(*statements)


def cluster_wall(table: str, *, reads: str = OF_THE_CLUSTER, history: bool = True) -> list[migrations.RunSQL]:
    """Policies and history for a table whose rows belong to a Cluster but to no one family."""
    statements = policies(table, reads=reads, writes=_WRITE_CLUSTER)
    if history:
        statements.append(history_trigger(table, family=""))
    return _run(*statements)


def trace_wall(table: str, *, reads: str) -> list[migrations.RunSQL]:
    """A table of the trace: added to in one's own name, read by need to know, never changed or removed."""
    family = "coalesce(family_id, '00000000-0000-0000-0000-000000000000'::uuid)"
    return [
        *_run(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY reads ON {table} FOR SELECT USING ({reads.format(family=family)})",
            f"CREATE POLICY adds ON {table} FOR INSERT WITH CHECK (user_id IS NOT DISTINCT FROM {USER})",
        ),
        no_erasing(table),
    ]


def _run(*statements: str) -> list[migrations.RunSQL]:
    return [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in statements]


def own_wall(table: str) -> list[migrations.RunSQL]:
    """Policies for a table whose rows only their own user reads and writes."""
    return _run(*policies(table, reads=OWN, writes=OWN))


def history_trigger(table: str, *, family: str = "family_id", private: str = "") -> str:
    return (
        f"CREATE TRIGGER history AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION ehs_record_change('{family}', '{private}')"
    )


def guard_states(table: str, column: str = "status") -> migrations.RunSQL:
    """Refuse, in the database, a state change that `workflow.py` does not list."""
    return migrations.RunSQL(
        f"CREATE TRIGGER guard_{column} BEFORE INSERT OR UPDATE OF {column} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION ehs_guard_state('{column}')",
        migrations.RunSQL.noop,
    )


def no_erasing(table: str) -> migrations.RunSQL:
    """The application role adds and reads; it never changes, deletes or truncates."""
    return migrations.RunSQL(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM ehs_app", migrations.RunSQL.noop)


def columns_not_read(table: str, *columns: str) -> migrations.RunSQL:
    """The application role reads every column of the table but these, which it reads through a view, if at all.

    PostgreSQL keeps rights by column then: a migration that adds a column to the table says this again after it.
    """
    named = ", ".join(f"'{column}'" for column in columns)
    return migrations.RunSQL(
        f"REVOKE SELECT ON {table} FROM ehs_app; DO $$ BEGIN EXECUTE (SELECT format("  # noqa: S608 - our own names
        f"'GRANT SELECT (%s) ON {table} TO ehs_app', string_agg(quote_ident(attname), ', ' ORDER BY attnum)) "
        f"FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped "
        f"AND attname NOT IN ({named})); END $$",
        migrations.RunSQL.noop,
    )
