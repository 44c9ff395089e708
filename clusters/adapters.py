"""How allauth behaves here: nobody signs up, mail goes through our own queue, and nothing tells who has an account."""

import uuid
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from cluster_ehs.core.tasks import queue_message
from clusters.confirmed import is_recent
from clusters.signing_in import attempts, council, logged

WRONG = "The e-mail address or the password is not right. Check both, or choose a new password."


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "too_many_login_attempts": "Too many attempts. Wait five minutes, use a passkey, or choose a new password.",
        "enter_current_password": "That is not your present password.",
        "incorrect_password": "That is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: people are invited."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into our own queue: as quick for an address that has an account as for one that has none."""
        message = self.render_mail(template_prefix, email, {**context, "service_name": settings.LABELS["service"]})
        queue_message(
            key=f"account:{uuid.uuid4()}", to=email, subject=str(message.subject), body=f"{message.body.strip()}\n"
        )

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The public address of the service, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", key)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self.counted = attempts.begin(request, str(credentials.get("email", "")))
        if self.counted is None:
            logged.refused("password", email=str(credentials.get("email", "")), why="too many attempts")
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth's name for: the password was right."""
        attempts.take_back(self.counted or [])

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Every step is done: this browser is known from now on."""
        response = super().post_login(request, user, **kwargs)
        council.note_strength(request, user)
        if user.email:
            attempts.remember(request, response, user.email)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who signed in a moment ago is not asked at once for the same password again."""
        return not is_recent(context.request)

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use your app or a recovery code",
            "mfa_reauthenticate:webauthn": "Use your passkey",
        }
        methods = super().get_reauthentication_methods(user)
        if settings.DIRECTORY_ISSUER and council.is_connected(user):
            # For many the only way: they have no password here.
            url = reverse("openid_connect_login", kwargs={"provider_id": council.PROVIDER})
            methods.append({"id": "council", "description": f"Use {settings.DIRECTORY_NAME}", "url": url})
        return [{**one, "description": words.get(one["id"], one["description"])} for one in methods]

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """The e-mail address is on the user; there is no separate table of addresses to find it in."""
        found = self.authenticate(context.request, email=getattr(user, "email", ""), password=password)
        return found is not None and found.pk == user.pk
