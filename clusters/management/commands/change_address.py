from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clusters.management.commands.create_user import Operator
from clusters.models import User
from clusters.services.staff import change_address


class Command(BaseCommand):
    help = "Give somebody's account another e-mail address, when no second manager is there to confirm it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="The present address.")
        parser.add_argument("new", help="The new one. The present one is told.")

    def handle(self, *args: object, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if person is None:
            raise CommandError("Nobody with this address has an open account.")
        try:
            with transaction.atomic():
                change_address(person, email=options["new"].strip().lower(), by=Operator())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{person} signs in with {options['new']}. A mail to the old address tells it.")
