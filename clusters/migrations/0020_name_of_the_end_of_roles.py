"""One more actor that is no person: nobody with an account is called like it (as 0017)."""

import re

from django.contrib.postgres.operations import AddConstraintNotValid
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models import Q

ACTORS = (
    r"^\s*(check of data quality|contact on duty, by a link|disposal|draw of a survey|end of roles|family|feed|figures|"
    r"importer|planner of meetings|public form|referrer, by a link|review of access|scheduler|search for duplicates|"
    r"statutory returns|subject access|transfer between Clusters|weekly check of looks)\s*$"
)
SAYS = "This is what a part of the program is called. Enter the person’s own name."
VALIDATOR = RegexValidator(ACTORS, SAYS, inverse_match=True, flags=re.IGNORECASE)


# squawk: ban-drop-constraint: put back in the same transaction, with one name more
class Migration(migrations.Migration):
    dependencies = [("clusters", "0019_managers_accounts_by_two")]
    operations = [
        migrations.AlterField("user", "name", models.CharField(max_length=120, validators=[VALIDATOR])),
        migrations.RemoveConstraint("user", "user_is_a_person"),
        AddConstraintNotValid(
            "user",
            models.CheckConstraint(
                condition=Q(email__isnull=True) | ~Q(name__iregex=ACTORS),
                name="user_is_a_person",
                violation_error_message=SAYS,
            ),
        ),
    ]
