from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KeepingConfig(AppConfig):
    name = "keeping"

    def ready(self) -> None:
        import_module("keeping.requests.workflow")
        import_module("keeping.slots").fill_all()
        import_module("keeping.requests.slots").fill_all()
        places = import_module("keeping.disposal.places")
        post_migrate.connect(places.copy_to_database, sender=self, dispatch_uid="places of disposal")
