from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cluster_ehs.core import uploads
from clusters.directory.register_file import RegisterError
from clusters.management.commands.create_user import Operator
from clusters.services import register


class Command(BaseCommand):
    help = "Bring the schools up to date with a file of the register of schools (GIAS). Again, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--links", type=Path, metavar="LINKS.csv", help="The register's file of successors.")
        parser.add_argument("--authority", default=settings.LOCAL_AUTHORITY, help="Whose schools are added (LA code).")
        parser.add_argument("--dry-run", action="store_true", help="Say what would change and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in (options["file"], options["links"]):
            if path:
                uploads.check_path(path)
        files, authority = (options["file"], options["links"]), options["authority"]
        try:
            if options["dry_run"]:
                plan, _, rejects = register.look(*files, authority=authority)
            else:
                plan, rejects = register.apply_directly(*files, by=Operator(), authority=authority)
        except RegisterError as error:
            raise CommandError(str(error)) from None
        for change in plan.changes:
            self.stdout.write(f"{change.kind}: {change.name} ({change.urn}): {change.text}")
        for reject in rejects[:20]:
            self.stdout.write(f"row {reject.row}: {'; '.join(reject.reasons)}")
        counted = ", ".join(f"{count} {kind}" for kind, count in sorted(plan.counts.items()))
        self.stdout.write(f"{counted}, {len(rejects)} rejected{' (nothing changed)' if options['dry_run'] else ''}")
