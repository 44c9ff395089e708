from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo import load
from demo.sign_ins import card


class Command(BaseCommand):
    help = "Load the demonstration: the published pilot cohort and a living Cluster dated relative to today."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when it is loaded already.")
        parser.add_argument("--quiet", action="store_true", help="Do not print the sign-ins.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration has sign-ins that everybody knows: it is not loaded in production.")
        if not load.is_loaded():
            load.load(self.stdout.write)
        elif not options["if_empty"]:
            raise CommandError("The demonstration is loaded already. An empty database gets a fresh one.")
        if not options["quiet"]:
            self.stdout.write(card(settings.PUBLIC_URL))
