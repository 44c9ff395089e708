"""A week of a Cluster's looks, out of a million, is found without reading the others."""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("monitoring", "0011_looks_that_are_asked_about"), ("core", "0008_chain")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS look_cluster_at ON core_look (cluster_id, at)",
            migrations.RunSQL.noop,
        )
    ]
