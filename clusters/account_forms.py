"""The forms of signing in and of one's own account: allauth's checks in our markup."""

from datetime import timedelta
from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, EhsModelForm, FormParts
from clusters.api_auth import SCOPES
from clusters.models import User
from clusters.services.accounts import TOKEN_DAYS
from clusters.signing_in import keys

HINT = f"At least {settings.PASSWORD_LENGTH} characters. Three or four words that do not belong together are good."


ENDS = "With it you are signed out everywhere else."


def what_ends(user: User) -> str:
    """Before a new password: what it ends beside the other sign-ins."""
    return f"{ENDS} {keys.of(user).own}".strip()


class Ours(FormParts):
    """A form of allauth's in our markup: our labels and hints, no placeholders, no token of our own."""

    with_token = False
    mark_optional = False
    labels: dict[str, str] = {}
    hints: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **self.take_options(kwargs))
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
        self.finish(None)


class SignInForm(Ours, account.LoginForm):
    submit_label = "Sign in"
    labels = {"login": "E-mail address", "password": "Password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "spellcheck": "false"}


class ResetPasswordForm(Ours, account.ResetPasswordForm):
    submit_label = "Send me a link"
    labels = {"email": "E-mail address"}


class NewPasswordForm(Ours, account.ResetPasswordKeyForm):
    submit_label = "Save password"
    labels = {"password1": "New password", "password2": "New password again"}
    hints = {"password1": f"{HINT} It signs you out everywhere, and ends API tokens and the calendar’s address."}


class ChangePasswordForm(Ours, account.ChangePasswordForm):
    submit_label = "Save password"
    cancel_url = "/account/"
    labels = {"oldpassword": "Present password", "password1": "New password", "password2": "New password again"}
    hints = {"password1": HINT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = f"{HINT} {what_ends(self.user)}"

    def clean_oldpassword(self) -> str:
        """Counted as an attempt, like every other place where a password is asked for."""
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class SetPasswordForm(Ours, account.SetPasswordForm):
    submit_label = "Save password"
    labels = {"password1": "Password", "password2": "Password again"}
    hints = {"password1": HINT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = f"{HINT} {what_ends(self.user)}"


class ReauthenticateForm(Ours, account.ReauthenticateForm):
    submit_label = "Continue"
    labels = {"password": "Password"}


CODE = {
    "inputmode": "numeric",
    "autocomplete": "one-time-code",
    "class": "govuk-input--width-10",
}


class CodeForm(Ours):
    labels = {"code": "Code"}
    hints = {"code": "Six digits from your authenticator app, or one of your recovery codes."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= CODE


class AuthenticateForm(CodeForm, mfa.AuthenticateForm):
    submit_label = "Sign in"


class ReauthenticateCodeForm(CodeForm, mfa.ReauthenticateForm):
    submit_label = "Continue"


class ActivateForm(CodeForm, ActivateTOTPForm):
    submit_label = "Turn on"
    cancel_url = "/account/"
    hints = {"code": "Six digits that the app shows now."}


NO_PASSKEY = "No passkey came from your browser. Use the button, and follow what your device shows."


class AddPasskeyForm(AddWebAuthnForm):
    """Sent by the script with the device's answer; the name is that of the device."""

    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages |= {"required": NO_PASSKEY, "invalid": NO_PASSKEY}


class DeactivateForm(Ours, DeactivateTOTPForm):
    submit_label = "Turn off"
    submit_class = "govuk-button--warning"
    cancel_url = "/account/"


class RecoveryCodesForm(Ours, GenerateRecoveryCodesForm):
    submit_label = "Make new codes"
    cancel_url = "/account/"


class FirstPasswordForm(EhsForm):
    """What an invitation asks for."""

    submit_label = "Save password"
    mark_optional = False
    with_token = False
    username = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "username"}))
    password1 = forms.CharField(
        label="Password",
        help_text=HINT,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="Password again", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"username": user.email}, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password, again = cleaned.get("password1"), cleaned.get("password2")
        if password:
            try:
                validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password1", error)
        if password and again and password != again:
            self.add_error("password2", "The two passwords are not the same.")
        return cleaned


class ProfileForm(EhsModelForm):
    class Meta:
        model = User
        fields = ["name", "telephone"]
        labels = {"name": "Your name", "telephone": "Work telephone"}
        help_texts = {
            "name": "As families and colleagues know you.",
            "telephone": "Shown to colleagues, and to families you work with.",
        }


class TokenForm(EhsForm):
    submit_label = "Make the token"
    name = forms.CharField(label="What is it for?", max_length=80, help_text="For example: our attendance sheet.")
    scopes = forms.MultipleChoiceField(
        label="What may it be used for?",
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="It never reaches further than you do yourself.",
    )

    expires_on = DatePartsField(
        label="Last day",
        initial=lambda: timezone.localdate() + timedelta(days=90),
        earliest=timezone.localdate,
        latest=lambda: timezone.localdate() + timedelta(days=TOKEN_DAYS),
    )
