"""Entries of a chronology that stand out, with the reason why."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cluster_ehs.core.walls import TEXT, wall


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_walls_of_sessions"),
        ("clusters", "0007_cluster_postcodes"),
        ("families", "0009_search_from_the_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pin",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(max_length=40)),
                ("ref", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("timed", models.BooleanField(default=False, verbose_name="whether the hour is known")),
                ("title", models.CharField(max_length=400)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("reason", models.CharField(max_length=300)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pins",
                        to="cases.case",
                    ),
                ),
                (
                    "cluster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clusters.cluster",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="families.family",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("case", "kind", "ref"),
                        name="pin_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="pin_has_a_reason"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="pin_removed_at_by",
                    ),
                ],
            },
        ),
        *wall("cases_pin", reads=TEXT, parents={"case_id": "cases_case"}),
    ]
