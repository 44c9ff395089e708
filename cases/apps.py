from importlib import import_module

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        import_module("cases.workflow")
        import_module("cases.slots").fill_all()
        import_module("cases.meeting_slots").fill_all()
        import_module("cases.slots_workers").fill_all()
        import_module("cases.slots_events").fill_all()
