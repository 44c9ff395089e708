from argparse import ArgumentParser
from datetime import date

from django.core.management import BaseCommand, CommandError

from cluster_ehs.core import chain
from cluster_ehs.core.db import as_owner


class Command(BaseCommand):
    """Nothing in the history was changed, removed or put in later: else it ends with 1 and a line for each finding."""

    help = "Check the chain of the history against its entries and against the heads written elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="Only the seals of one day, as YYYY-MM-DD.")

    def handle(self, *, day: date | None, **_: object) -> None:
        with as_owner():
            found = chain.verify(day=day)
        for finding in found:
            self.stdout.write(str(finding))
        if found:
            raise CommandError(f"The history is not whole: {len(found)} findings.")
        self.stdout.write("The history is whole.")
