from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "cluster_ehs.core"
    label = "core"
