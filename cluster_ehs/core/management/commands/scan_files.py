from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cluster_ehs.core import audit, clamd, uploads


class Command(BaseCommand):
    help = "Show every stored file to the virus scanner again: what came before it, or before its signatures."

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each file in which something is found; it is left where it is. Ends with 1 when there is one."""
        if not settings.VIRUS_SCANNER:
            raise CommandError("EHS_VIRUS_SCANNER is not set.")
        looked, found, unknown = 0, 0, 0
        for name, content in uploads.kept_contents():
            try:
                virus = clamd.scan(settings.VIRUS_SCANNER, content, seconds=uploads.SECONDS)
            except clamd.TooLong:
                unknown += 1
                self.stdout.write(f"{name}: longer than the scanner takes")
                continue
            except clamd.ScannerAway as error:
                raise CommandError(f"The virus scanner is away ({error}); {looked} files were looked at.") from None
            looked += 1
            if virus:
                found += 1
                self.stdout.write(f"{name}: {virus}")
                text = f"The virus scanner found “{virus}” in a file that is kept: {name}."
                audit.event_of_no_record(kind="settings.virus", text=text)
        said = f"{looked} files were looked at, something was found in {found}, {unknown} could not be looked at."
        if found or unknown:
            raise CommandError(said)
        self.stdout.write(said)
