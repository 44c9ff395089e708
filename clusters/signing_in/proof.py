"""What the council's directory says of somebody is taken only with its proof [OWASP ASVS 5.0 6.8.2, 10.5].

allauth reads an ID token that it fetched itself without looking at the signature, and takes the person's number from
the answer beside it, which nobody has signed. Here the token has to be there, signed with a key that the directory
publishes, made for us, of now, and of the same person as that answer; the directory has to be the one that was set.
"""

from time import time
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest

# Signatures with a key that only the directory holds; none whose key we would hold too.
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
NEEDED = ["iss", "sub", "aud", "exp", "iat"]
# Seconds that two clocks may differ, and that may lie between the directory's question and the way back to us.
CLOCKS, ASKED_WITHIN = 60, 10 * 60


class Directory(OpenIDConnectOAuth2Adapter):
    @property
    def openid_config(self) -> dict[str, Any]:
        """What the directory says of itself. Raises OAuth2Error when it calls itself by another name."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != settings.DIRECTORY_ISSUER:
            raise OAuth2Error("The directory names another issuer than the one that is set.")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("The directory sent no ID token.")
        login: SocialLogin = super().complete_login(request, app, token, **kwargs)
        said = login.account.extra_data
        if said.get("userinfo", said["id_token"]).get("sub") != said["id_token"]["sub"]:
            raise OAuth2Error("The directory's two answers are about two people.")
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                id_token,
                self._key(id_token),
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=CLOCKS,
                options={"require": NEEDED},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("The ID token is not good.") from error

    def _key(self, id_token: str) -> jwt.PyJWK:
        """The published key that the token names; each is for one algorithm, which the token cannot choose."""
        named = jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if key.public_key_use in (None, "sig")]
        # A directory with one key need not name it.
        found = [key for key in keys if key.algorithm_name in ALGORITHMS and named in (None, key.key_id)]
        if len(found) != 1:
            raise OAuth2Error("The directory publishes no such key.")
        return found[0]


def asked_just_now(claims: dict[str, Any]) -> bool:
    """Whether the directory asked who is there for this sign-in. One that does not say when it did is believed."""
    at = claims.get("auth_time")
    return not settings.DIRECTORY_PROMPT or not isinstance(at, int | float) or time() - at < ASKED_WITHIN
