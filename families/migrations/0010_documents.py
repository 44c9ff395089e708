"""More of what a file is: date, title, whom it is about, private or removed; previews that are to be made."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cluster_ehs.core.walls import FILE, TEXT, history_trigger, wall

# Private files, and their history, are for their author and the clinical supervisor.
PRIVATE = (
    (
        f"DROP POLICY reads ON families_storedfile; "
        f"CREATE POLICY reads ON families_storedfile FOR SELECT USING ({FILE.format(family='family_id')})"
    ),
    f"DROP TRIGGER history ON families_storedfile; {history_trigger('families_storedfile', private='private')}",
    "ALTER TABLE families_storedfile ADD CONSTRAINT families_storedfile_whole UNIQUE (id, family_id, cluster_id)",
)


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0010_kinds_of_document"),
        ("families", "0009_search_from_the_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FilePerson",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="PreviewJob",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("path", models.CharField(max_length=200, unique=True)),
                ("content_type", models.CharField(max_length=100)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="storedfile",
            name="dated_on",
            field=models.DateField(blank=True, null=True, verbose_name="date of the document"),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="private",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="removed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="removed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="removed_why",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="text",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="title",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removed_at__isnull", True), ("removed_by__isnull", True), ("removed_why", "")),
                    models.Q(
                        ("removed_at__isnull", False),
                        ("removed_by__isnull", False),
                        models.Q(("removed_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="storedfile_removed_with_reason",
            ),
        ),
        migrations.AddField(
            model_name="fileperson",
            name="cluster",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clusters.cluster"
            ),
        ),
        migrations.AddField(
            model_name="fileperson",
            name="family",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="families.family",
            ),
        ),
        migrations.AddField(
            model_name="fileperson",
            name="file",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="people",
                to="families.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="fileperson",
            name="person",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="families.person"
            ),
        ),
        migrations.AddConstraint(
            model_name="fileperson",
            constraint=models.UniqueConstraint(fields=("file", "person"), name="fileperson_once"),
        ),
        *[migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in PRIVATE],
        *wall(
            "families_fileperson",
            reads=TEXT,
            parents={"file_id": "families_storedfile", "person_id": "families_person"},
        ),
    ]
