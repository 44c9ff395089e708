from argparse import ArgumentParser
from secrets import token_urlsafe

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from keeping.scrubbing.services import Refused, make_copy


class Command(BaseCommand):
    """Makes a copy of the database in which nobody can be found again, for training and for trying things out."""

    help = "Copy the database to a new one and replace everything that says who somebody is (keeping/fields.py)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", help="Address of the new database, as its owner: postgresql://owner:…@host/new_name")
        parser.add_argument("--from", dest="source", default="", help="Address to read from; default: this service's.")

    def handle(self, *, to: str, source: str, **_: object) -> None:
        source = source or settings.DATABASE_OWNER_URL
        if not source:
            raise CommandError("DATABASE_OWNER_URL is not set. Say with --from what to copy.")
        password = token_urlsafe(12)
        try:
            make_copy(source, to, password=password, say=self.stdout.write)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write("The copy is made. Files of families are not in it.")
        self.stdout.write(f"Sign in as person-1@example.org and so on, all with the password {password}")
