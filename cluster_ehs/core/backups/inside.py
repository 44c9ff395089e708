"""What a database holds, for comparing two of them: rows of each table, and what its walls are made of."""

import hashlib
from typing import Any

from psycopg2 import sql

# Tables and their columns that name a file below FILES_ROOT which must be there; each app adds its own.
NAMED_FILES: set[tuple[str, str]] = set()

_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
_WALLS = """
SELECT 'table ' || relname || ' ' || concat_ws(' ', relrowsecurity, relforcerowsecurity,
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(
            coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner))) a))
  FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace
UNION ALL
-- Rights to columns, and views that stand in for those which the program may not read.
SELECT 'column ' || attrelid::regclass || '.' || attname || ' ' ||
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(attacl) a)
  FROM pg_attribute WHERE attacl IS NOT NULL AND NOT attisdropped
   AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL
SELECT 'view ' || relname || ' ' || concat_ws(' ', reloptions,
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) a))
  FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'policy ' || tablename || '.' || policyname || ' ' || concat_ws(' | ', cmd, roles, qual, with_check)
  FROM pg_policies
UNION ALL
SELECT 'trigger ' || tgrelid::regclass || '.' || tgname || ' ' || tgenabled::text || ' ' || pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
-- PostgreSQL writes some checks in other words once they were restored (casts in a list), so of them the name counts.
SELECT 'constraint ' || conrelid::regclass || '.' || conname || ' ' || convalidated::text || ' ' ||
       CASE contype WHEN 'c' THEN 'check' ELSE pg_get_constraintdef(oid) END
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL
SELECT 'function ' || p.oid::regprocedure || ' ' || prosecdef::text || ' ' || md5(prosrc) || ' ' || coalesce(
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(proacl) a), '')
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL
SELECT 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname = 'public'
"""


def rows(cursor: Any) -> dict[str, int]:
    """How many rows each table has."""
    cursor.execute(_TABLES)
    found = {}
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        found[table] = cursor.fetchone()[0]
    return found


def walls(cursor: Any) -> dict[str, str]:
    """Rights, policies, triggers, constraints and functions: a short digest of each by its name."""
    cursor.execute(_WALLS)
    return {
        " ".join(line.split(" ", 2)[:2]): hashlib.sha256(line.encode()).hexdigest()[:16]
        for (line,) in cursor.fetchall()
    }


def named_files(cursor: Any) -> set[str]:
    """Paths below FILES_ROOT that rows name."""
    found: set[str] = set()
    for table, column in sorted(NAMED_FILES):
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table)))
        found |= {path for (path,) in cursor.fetchall() if path}
    return found


def last_seal(cursor: Any) -> int:
    """The number of the newest seal of the history; 0 when nothing is sealed yet."""
    cursor.execute("SELECT coalesce(max(seq), 0) FROM core_seal")
    return int(cursor.fetchone()[0])
