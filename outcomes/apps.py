from importlib import import_module

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"

    def ready(self) -> None:
        import_module("outcomes.workflow")
        for room in ("outcomes", "outcomes.readings", "outcomes.needs", "outcomes.measures", "outcomes.surveys"):
            import_module(f"{room}.slots").fill_all()
