"""A complaint may be about a colleague: the walls keep it, and its history, to the leaders and to who logged it.

Until now pages alone said so. The record's History page, which the family's own workers read, gave every word of it,
and the log gave it to whoever led any Cluster.
"""

from django.db import migrations

from cluster_ehs.core.walls import SEES_ALL, USER

# A program acts for nobody who could be complained about. In an emergency the whole record is open.
READS = f"""kind <> 'complaint' OR {SEES_ALL} OR {USER} IS NULL OR {USER} IN (logged_by_id, handler_id)
    OR cluster_id = ANY ((SELECT ehs_my_leads())::bigint[])
    OR EXISTS (SELECT FROM families_emergencyaccess e WHERE e.family_id = keeping_rightsrequest.family_id
               AND e.user_id = {USER} AND now() BETWEEN e.starts_at AND e.ends_at)"""  # noqa: S608 - our own names
PARTS = ("requestwords", "requestletter", "pause", "told")
# Whoever may read the row that was changed reads the change.
CHANGES = "\n".join(
    f"WHEN 'keeping_{name}' THEN EXISTS (SELECT FROM keeping_{name} r WHERE r.id = row_id::uuid)"
    for name in ("rightsrequest", *PARTS)
)
ABOUT = "keeping.rightsrequest:"
EVENTS = f"""kind <> 'rights' OR {USER} IS NULL
    OR EXISTS (SELECT FROM keeping_rightsrequest r WHERE r.id::text = substr(about, {len(ABOUT) + 1})
               AND r.cluster_id = core_event.cluster_id)"""


def narrowed(table: str, reads: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE POLICY complaints ON {table} AS RESTRICTIVE FOR SELECT USING ({reads})",
        f"DROP POLICY complaints ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = (
        ("keeping", "0006_families_of_a_disposal"),
        ("cases", "0026_named_while_they_work_here"),
    )
    operations = (
        narrowed("keeping_rightsrequest", READS),
        *(
            narrowed(
                f"keeping_{name}",
                f"EXISTS (SELECT FROM keeping_rightsrequest r WHERE r.id = keeping_{name}.request_id)",
            )
            for name in PARTS
        ),
        narrowed("core_change", f"{USER} IS NULL OR CASE table_name {CHANGES} ELSE true END"),
        narrowed("core_event", EVENTS),
    )
