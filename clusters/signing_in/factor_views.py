"""allauth's pages of the second factor, with what they do said in the history and told to the person."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.http import HttpResponse

from clusters.signing_in import second_factor
from clusters.signing_in.telling import say


class AddApp(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        second_factor.note_set_up(self.request, Authenticator.Type.TOTP)
        say(self.request.user, "an authenticator app was added")
        return answer


class RemoveApp(DeactivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        say(self.request.user, "the authenticator app was removed")
        return answer


class NewRecoveryCodes(GenerateRecoveryCodesView):
    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        say(self.request.user, "new recovery codes were made, and the old ones no longer work")
        return answer
