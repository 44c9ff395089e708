"""Tokens of the API: who acts, and what the token may be used for."""

import hashlib
import logging
from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from cluster_ehs.core import request_ids, scope
from clusters.models import ApiToken, User
from clusters.signing_in import keys

if TYPE_CHECKING:  # rest_framework.views itself imports this module, by its setting
    from rest_framework.views import APIView

log = logging.getLogger("ehs.sign_in")

# What a token may be used for, with what its owner is told when making one.
SCOPES = {
    "referrals:read": "Read referrals",
    "referrals:write": "Make referrals",
    "intake:write": "Send notifications from outside (police, MindMate SPA, CSWS)",
    "families:read": "Read families and people",
    "decisions:read": "Read screening decisions",
    "decisions:write": "Decide referrals",
    "cases:read": "Read cases",
    "cases:write": "Open cases from the waiting list",
    "contacts:read": "Read contacts and notes",
    "contacts:write": "Log contacts",
    "plans:read": "Read plans, goals and scores",
    "plans:write": "Change plans and goals",
    "monitoring:read": "Read the monitoring tables",
}

# What a view names that any living token opens: code lists, nothing of a family.
ANY = "any"


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`. Opens the user's scope, as the middleware does for pages."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not value:
            return None
        token = (
            ApiToken.objects.select_related("user")
            .filter(keys.has_role(), digest=digest_of(value.strip()), revoked_at__isnull=True, user__is_active=True)
            .first()
        )
        if token is None or (token.expires_on and token.expires_on < timezone.localdate()):
            log.warning("refused", extra={"fields": {"factor": "token"}})
            raise exceptions.AuthenticationFailed("This token is unknown, ended or withdrawn.")
        request_ids.note_user(token.user.pk)
        scope.act_as_user(token.user.pk, request_id=getattr(request, "request_id", ""))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(permissions.BasePermission):
    """The view names `scopes = {"GET": "referrals:read", …}`; what it does not name is refused."""

    message = "This token does not have the scope for that."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, ApiToken):
            return False
        method = "GET" if request.method == "HEAD" else request.method
        needed = getattr(view, "scopes", {}).get(method)
        return needed is not None and (needed == ANY or needed in request.auth.scopes)
