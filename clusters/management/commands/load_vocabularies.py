from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the code lists up to date."

    def handle(self, *args: object, **options: object) -> None:
        """Loads nothing yet."""
