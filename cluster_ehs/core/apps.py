from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CoreConfig(AppConfig):
    name = "cluster_ehs.core"
    label = "core"


class TechnicalConfig(AdminConfig):
    """Django's admin with a site that only reads."""

    default_site = "cluster_ehs.core.technical.TechnicalSite"
