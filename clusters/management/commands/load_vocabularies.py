from django.core.management.base import BaseCommand

from clusters import loading


class Command(BaseCommand):
    help = "Insert what is missing of the shipped code lists, services and partner services. Changes nothing else."

    def handle(self, *args: object, **options: object) -> None:
        added = loading.load_everything()
        if options["verbosity"]:
            self.stdout.write(f"{added} entries added." if added else "Nothing was missing.")
