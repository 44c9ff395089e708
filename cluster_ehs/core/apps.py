from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from cluster_ehs.core import slots


class CoreConfig(AppConfig):
    name = "cluster_ehs.core"
    label = "core"

    def ready(self) -> None:
        import_module("cluster_ehs.core.error_reports")
        import_module("cluster_ehs.core.metrics")
        # Its check of `check --deploy` is known by being imported.
        import_module("cluster_ehs.core.gate")
        home = {"label": "Home", "url_name": "home"}
        slots.fill("nav", order=10, template="core:nav", selector=lambda request: home)


class TechnicalConfig(AdminConfig):
    """Django's admin with a site that only reads."""

    default_site = "cluster_ehs.core.technical.TechnicalSite"
