from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from clusters.signing_in.adapter import MFAAdapter


class Command(BaseCommand):
    help = "Seal the keys of second factors with the present SECRET_KEY, so that the one of before can be taken out."

    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        adapter, count = MFAAdapter(), 0
        for factor in Authenticator.objects.select_for_update().order_by("pk"):
            for name in {"secret", "seed"} & factor.data.keys():
                factor.data[name] = adapter.encrypt(adapter.decrypt(factor.data[name]))
                factor.save(update_fields=["data"])
                count += 1
        self.stdout.write(f"{count} keys are sealed anew.")
