from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cluster_ehs.core.denied import Denied
from clusters.management.commands.create_user import Operator
from clusters.models import User
from clusters.signing_in.services import take_away_second_factor


class Command(BaseCommand):
    help = "Take away somebody's second factor when nobody else can: the only manager has lost the telephone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: object, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if person is None:
            raise CommandError("Nobody with this address has an open account.")
        try:
            take_away_second_factor(person, by=Operator())
        except Denied as refused:
            raise CommandError(refused.reason) from refused
        self.stdout.write(f"{person} signs in with the password and sets up a new second factor. A mail tells it.")
