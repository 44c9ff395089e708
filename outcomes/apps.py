from importlib import import_module

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "outcomes"

    def ready(self) -> None:
        import_module("outcomes.workflow")
        rooms = ("readings", "needs", "measures", "surveys", "own_answers")
        for room in ("outcomes", *(f"outcomes.{name}" for name in rooms)):
            import_module(f"{room}.slots").fill_all()
