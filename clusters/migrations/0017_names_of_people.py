"""Nobody with an account is called like an actor that is no person: the history and the walls go by those names."""

import re

from django.contrib.postgres.operations import AddConstraintNotValid
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models import Q

ACTORS = (
    r"^\s*(check of data quality|contact on duty, by a link|disposal|draw of a survey|family|feed|figures|importer|"
    r"planner of meetings|public form|referrer, by a link|review of access|scheduler|search for duplicates|"
    r"statutory returns|subject access|transfer between Clusters|weekly check of looks)\s*$"
)
SAYS = "This is what a part of the program is called. Enter the person’s own name."
VALIDATOR = RegexValidator(ACTORS, SAYS, inverse_match=True, flags=re.IGNORECASE)


class Migration(migrations.Migration):
    dependencies = [("clusters", "0016_groups_of_the_directory")]
    operations = [
        migrations.AlterField("user", "name", models.CharField(max_length=120, validators=[VALIDATOR])),
        AddConstraintNotValid(
            "user",
            models.CheckConstraint(
                condition=Q(email__isnull=True) | ~Q(name__iregex=ACTORS),
                name="user_is_a_person",
                violation_error_message=SAYS,
            ),
        ),
    ]
