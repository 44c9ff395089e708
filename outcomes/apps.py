from importlib import import_module

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"

    def ready(self) -> None:
        import_module("outcomes.workflow")
        import_module("outcomes.slots").fill_all()
