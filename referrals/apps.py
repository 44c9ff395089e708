from importlib import import_module

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"

    def ready(self) -> None:
        import_module("referrals.workflow")
        import_module("referrals.slots").fill_all()
