from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection

from cluster_ehs.core import workflow
from cluster_ehs.core.db import as_owner
from cluster_ehs.core.quick_state import drawing_only_what_is_added


class Command(MigrateCommand):
    """Django's migrate, as the owner of the tables, then the legal states and the code lists."""

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            with connection.cursor() as cursor:
                # Whoever waits for a table's lock holds up all who come after; better to give up and be run again.
                cursor.execute("SET lock_timeout = '10s'")
            with drawing_only_what_is_added():
                super().handle(*args, **options)
            if not options["app_label"] and not options["plan"] and not options["check_unapplied"]:
                workflow.copy_to_database()
        if not options["app_label"] and not options["plan"] and not options["check_unapplied"]:
            call_command("load_vocabularies", verbosity=0)
