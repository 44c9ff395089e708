"""The check of 0014 on the roles that were there before: they are read without keeping anybody waiting."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clusters", "0014_two_people_and_reviews_of_access")]
    operations = [ValidateConstraint(model_name="staffrole", name="staffrole_acting")]
