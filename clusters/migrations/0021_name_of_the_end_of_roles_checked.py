"""Those who are there already are checked too, without a lock that stops anybody."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clusters", "0020_name_of_the_end_of_roles")]
    operations = [ValidateConstraint("user", name="user_is_a_person")]
