from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0009_disposed_entries"),
    ]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=40, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("lease_owner", models.CharField(blank=True, max_length=32)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("size", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("rows", models.BigIntegerField(default=0)),
                ("files", models.PositiveIntegerField(default=0)),
                ("missing", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at__isnull", False)), fields=["-finished_at"], name="backup_good"
                    )
                ],
            },
        ),
    ]
