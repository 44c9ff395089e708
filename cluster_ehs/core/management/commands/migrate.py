from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand

from cluster_ehs.core import workflow
from cluster_ehs.core.db import as_owner


class Command(MigrateCommand):
    """Django's migrate, as the owner of the tables, then the legal states and the code lists."""

    def handle(self, *args: object, **options: object) -> None:
        with as_owner():
            super().handle(*args, **options)
            if not options["app_label"] and not options["plan"] and not options["check_unapplied"]:
                workflow.copy_to_database()
        if not options["app_label"] and not options["plan"] and not options["check_unapplied"]:
            call_command("load_vocabularies", verbosity=0)
