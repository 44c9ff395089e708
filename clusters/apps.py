from importlib import import_module

from django.apps import AppConfig


class ClustersConfig(AppConfig):
    name = "clusters"

    def ready(self) -> None:
        import_module("clusters.slots").fill_all()
        # A new password is told to its owner.
        import_module("clusters.signing_in.telling")
        import_module("clusters.signing_in.renewal")
        import_module("clusters.signing_in.sessions")
        # Each attempt to get in is in the log.
        import_module("clusters.signing_in.logged")
