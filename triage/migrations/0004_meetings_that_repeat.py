"""Meetings made from a pattern, school holidays, what is remembered; a guest sees a little less."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from cluster_ehs.core.walls import HIDDEN, MEETINGS, OF_THE_CLUSTER, RECORD, cluster_wall

# A guest's agenda holds nothing of a restricted family, not even that it is there; what was agreed is for the staff.
OF_A_MEETING = f"{RECORD} OR meeting_id = ANY ({MEETINGS}) AND NOT family_id = ANY ({HIDDEN})".format(
    family="family_id"
)
NARROWER = [
    *(f"ALTER POLICY reads ON {table} USING ({OF_A_MEETING})" for table in ("triage_agendaitem", "triage_decision")),
    f"ALTER POLICY reads ON triage_action USING ({OF_THE_CLUSTER})",
]


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0003_role_ends"),
        ("triage", "0003_acting"),
    ]

    operations = [
        migrations.CreateModel(
            name="SchoolHoliday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day")),
                ("source", models.CharField(blank=True, max_length=200)),
                ("withdrawn", models.BooleanField(default=False, verbose_name="no longer holds")),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["starts_on"],
            },
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="deferred_to",
            field=models.CharField(
                blank=True,
                choices=[("screening", "Screening meeting"), ("panel", "Guidance and Support panel")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="attendee",
            name="remembered",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="meeting",
            name="by_hand",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="meeting",
            name="note",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="meeting",
            name="planned_for",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="meeting",
            name="status",
            field=models.CharField(
                choices=[("planned", "Planned"), ("open", "Open"), ("closed", "Closed"), ("skipped", "Not held")],
                default="planned",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="MeetingPattern",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("screening", "Screening meeting"), ("panel", "Guidance and Support panel")],
                        default="screening",
                        max_length=10,
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday")]
                    ),
                ),
                (
                    "week_of_month",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "First"), (2, "Second"), (3, "Third"), (4, "Fourth"), (5, "Last")],
                        null=True,
                    ),
                ),
                ("time", models.TimeField()),
                ("place", models.CharField(blank=True, max_length=120)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "on_holiday",
                    models.CharField(
                        choices=[
                            ("skip", "It is not held"),
                            ("move", "It moves to the same weekday after the holiday"),
                        ],
                        default="skip",
                        max_length=4,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cluster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clusters.cluster"
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "weekday", "time"],
            },
        ),
        migrations.AddField(
            model_name="meeting",
            name="pattern",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings",
                to="triage.meetingpattern",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                fields=("pattern", "planned_for"), name="meeting_once_per_day_of_pattern"
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pattern__isnull", True), ("planned_for__isnull", True)),
                    models.Q(("pattern__isnull", False), ("planned_for__isnull", False)),
                    _connector="OR",
                ),
                name="meeting_pattern_and_day",
            ),
        ),
        migrations.AddField(
            model_name="schoolholiday",
            name="cluster",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clusters.cluster",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingpattern",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                name="pattern_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="schoolholiday",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="holiday_dates_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="schoolholiday",
            constraint=models.UniqueConstraint(
                fields=("cluster", "starts_on"), name="holiday_once", nulls_distinct=False
            ),
        ),
        *cluster_wall("triage_meetingpattern"),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in NARROWER),
    ]
