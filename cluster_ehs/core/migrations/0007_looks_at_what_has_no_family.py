"""Somebody looks at what is still to be matched: it has no family yet, and perhaps no Cluster."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_notices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="look",
            name="cluster_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="look",
            name="family_id",
            field=models.UUIDField(null=True),
        ),
    ]
