"""allauth's pages of the second factor, with what they do said in the history and told to the person."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy

from cluster_ehs.core.denied import Denied
from clusters.signing_in import logged, second_factor
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


class SecondStep(AuthenticateView):
    """After the password: what is asked for first is what the person has."""

    def _build_forms(self) -> Any:
        # The words are set before the fields are bound: a bound one keeps those that it found.
        sent = super()._build_forms()
        self.held = {factor.type for factor in second_factor.factors_of(self.stage.login.user)}
        if Authenticator.Type.TOTP not in self.held:
            code = self.auth_form.fields["code"]
            code.label, code.help_text = "Recovery code", "One of those that you kept when you added the passkey."
        return sent

    def form_invalid(self, form: Any) -> HttpResponse:
        # A code that is wrong says so by itself (`logged.code_refused`).
        if form is self.webauthn_form:
            logged.refused("passkey", user=self.stage.login.user)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "has_passkey": Authenticator.Type.WEBAUTHN in self.held,
            "has_app": Authenticator.Type.TOTP in self.held,
        }


class SignInByPasskey(LoginWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        logged.refused("passkey")
        return super().form_invalid(form)


class AddPasskey(AddWebAuthnView):
    """Always one that also signs in by itself: kept by the device, and opened with its PIN, finger or face."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["js_data"] = {"creation_options": auth.begin_registration(self.request.user, passwordless=True)}
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        second_factor.note_set_up(self.request, Authenticator.Type.WEBAUTHN)
        say(self.request.user, f"a passkey was added ({form.cleaned_data['name']})")
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        self.request.form_refused = True
        return super().form_invalid(form)


class ConfirmByPasskey(ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        """Back to the same question; allauth would lead to the sign-in page, and lose where one was going."""
        logged.refused("passkey", user=self.request.user)
        messages.error(self.request, "The passkey was not accepted. Try again, or use another way.")
        return redirect(self.request.get_full_path())


class RemovePasskey(RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = self.get_object()
        if not get_adapter().can_delete_authenticator(passkey):
            raise Denied(str(get_adapter().error_messages["cannot_delete_authenticator"]))
        answer = super().form_valid(form)
        say(self.request.user, f"a passkey was removed ({passkey})")
        return answer
