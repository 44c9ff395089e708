"""The walls around duplicates; the originals of what was merged are hidden by the row policies."""

from typing import Any

from django.db import migrations

from cluster_ehs.core.walls import FAMILY, OF_THE_CLUSTER_ALONE, TEXT, cluster_wall, wall
from families.names import skeleton

# Nobody writes a filter for them: to every list, count and search of every app they are not there. The services of
# merging and the history look behind it for a moment (families.merged.merged_rows).
_STANDS = "(merged_into_id IS NULL OR (SELECT ehs_on('ehs.merged')))"


def _hides(table: str, family: str) -> list[str]:
    return [
        f"DROP POLICY reads ON {table}",
        f"CREATE POLICY reads ON {table} FOR SELECT USING (({FAMILY.format(family=family)}) AND {_STANDS})",
    ]


# What is kept is of the same Cluster.
SAME_CLUSTER = [
    "ALTER TABLE families_person ADD CONSTRAINT person_in_cluster UNIQUE (id, cluster_id)",
    "ALTER TABLE families_person ADD CONSTRAINT families_person_merged_into_same_cluster "
    "FOREIGN KEY (merged_into_id, cluster_id) REFERENCES families_person (id, cluster_id) "
    "DEFERRABLE INITIALLY IMMEDIATE",
    "ALTER TABLE families_family ADD CONSTRAINT families_family_merged_into_same_cluster "
    "FOREIGN KEY (merged_into_id, cluster_id) REFERENCES families_family (id, cluster_id) "
    "DEFERRABLE INITIALLY IMMEDIATE",
]

# A reference said on the telephone still names the record, also after it became part of another.
FAMILY_OF_REFERENCE = """
CREATE OR REPLACE FUNCTION ehs_family_of_reference(the_reference text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    WITH RECURSIVE chain AS (
        SELECT f.id, f.merged_into_id FROM families_family f WHERE f.reference = upper(trim(the_reference))
        UNION SELECT f.id, f.merged_into_id FROM families_family f JOIN chain c ON f.id = c.merged_into_id
    )
    SELECT c.id FROM chain c WHERE c.merged_into_id IS NULL LIMIT 1;
$$;
"""

EVERYBODY = "INSERT INTO families_persontocheck (cluster_id, person_id) SELECT cluster_id, id FROM families_person"


def hear_anew(apps: Any, schema_editor: Any) -> None:
    """The sound keys that came since, for the names that are there: one for each different word."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT token FROM families_persontoken WHERE kind = 'f' AND person_id IS NOT NULL")
        keys = [(word, key) for (word,) in cursor.fetchall() if (key := skeleton(word))]
        cursor.execute('CREATE TEMP TABLE heard (word text COLLATE "C", key text) ON COMMIT DROP')
        cursor.executemany("INSERT INTO heard VALUES (%s, %s)", keys)
        cursor.execute(
            "INSERT INTO families_persontoken (cluster_id, family_id, person_id, kind, token) "
            "SELECT DISTINCT t.cluster_id, t.family_id, t.person_id, 's', h.key "
            "FROM families_persontoken t JOIN heard h ON h.word = t.token WHERE t.kind = 'f' AND t.person_id IS NOT NULL"
        )


class Migration(migrations.Migration):
    dependencies = [("families", "0007_duplicates"), ("core", "0003_walls")]
    operations = [
        *wall("families_merge", reads=TEXT),
        *cluster_wall("families_duplicatepair", reads=OF_THE_CLUSTER_ALONE),
        *cluster_wall("families_persontocheck", reads=OF_THE_CLUSTER_ALONE, history=False),
        *[
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for statement in (
                *_hides("families_person", "family_id"),
                *_hides("families_family", "id"),
                *SAME_CLUSTER,
                FAMILY_OF_REFERENCE,
                EVERYBODY,
            )
        ],
        migrations.RunPython(hear_anew, migrations.RunPython.noop),
    ]
