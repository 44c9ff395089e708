from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports.pilot import write_pilot_cohort


class Command(BaseCommand):
    help = "Write the invented pilot cohort: 187 referrals that satisfy every published count at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT.xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.suffix.lower() != ".xlsx":
            raise CommandError("The cohort is a workbook: name it OUT.xlsx.")
        if not out.absolute().parent.is_dir():
            raise CommandError(f"There is no folder {out.absolute().parent}.")
        rows = write_pilot_cohort(out)
        self.stdout.write(f"{rows} referrals written to {out}.")
