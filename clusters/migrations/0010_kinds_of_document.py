"""A list of the kinds of document."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0009_notices_by_mail"),
    ]

    operations = [
        migrations.AlterField(
            model_name="term",
            name="vocabulary",
            field=models.CharField(
                choices=[
                    ("route", "Referral routes"),
                    ("reason", "Reasons for intervention"),
                    ("gender", "Gender"),
                    ("ethnicity", "Ethnicity"),
                    ("language", "Languages"),
                    ("sen_type", "Special educational needs and disability"),
                    ("year_group", "School year groups"),
                    ("relationship", "Relationship to the child"),
                    ("domain", "Domains of a factor"),
                    ("wait_reason", "Reasons for waiting"),
                    ("document_kind", "Kinds of document"),
                ],
                max_length=20,
            ),
        ),
    ]
