from importlib import import_module

from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "triage"

    def ready(self) -> None:
        import_module("triage.workflow")
        import_module("triage.slots").fill_all()
