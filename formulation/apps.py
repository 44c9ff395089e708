from importlib import import_module

from django.apps import AppConfig


class FormulationConfig(AppConfig):
    name = "formulation"

    def ready(self) -> None:
        import_module("formulation.workflow")
        import_module("formulation.slots").fill_all()
