from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cluster_ehs.core import uploads
from referrals.intake_csv import FileError, receive_file
from referrals.intake_feed import SOURCES


class Command(BaseCommand):
    help = "Take notifications from a CSV file: matched where there is no doubt, else queued. Again adds none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, choices=[source.value for source in SOURCES])

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        uploads.check_path(path)
        try:
            result = receive_file(content=path.read_bytes(), source=options["source"], file_name=path.name)
        except FileError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(str(result))
        for reason in result.reasons[:20]:
            self.stdout.write(reason)
