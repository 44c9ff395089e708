from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        import_module("monitoring.fillings")
        services = import_module("monitoring.quality.services")
        looks = import_module("monitoring.curiosity.services")
        post_migrate.connect(looks.keep_rules, sender=self, dispatch_uid="rules of looks that are asked about")
        post_migrate.connect(services.keep_rules, sender=self, dispatch_uid="rules of data quality")
