from importlib import import_module

from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "families"

    def ready(self) -> None:
        import_module("families.slots").fill_all()
