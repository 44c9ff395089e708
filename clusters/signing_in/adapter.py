"""How allauth's second factor behaves here: sealed keys, and the last factor stays where one is required."""

from base64 import b32encode, urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from cluster_ehs.core.boxes import Box, NotOpened
from clusters.models import User
from clusters.signing_in import second_factor
from clusters.signing_in.devices import device

SEALED = "box:"
# Of before: read until `manage.py reseal_second_factors` has run.
FERNET = "sealed:"


def _keys() -> list[str]:
    """The secret key, and the older ones, so that it can be changed."""
    return [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _box() -> Box:
    return Box(_keys(), purpose="second factor")


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(f"second-factor:{key}".encode()).digest())) for key in _keys()])


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "Your work needs a second factor. Add another one first, then remove this one.",
    }

    def encrypt(self, text: str) -> str:
        """A copy of the database alone makes nobody's codes [OWASP ASVS 5.0 13.3]."""
        return SEALED + _box().seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            if encrypted_text.startswith(SEALED):
                return _box().open(encrypted_text.removeprefix(SEALED))
            if encrypted_text.startswith(FERNET):
                return _fernet().decrypt(encrypted_text.removeprefix(FERNET).encode()).decode()
        except (NotOpened, InvalidToken):
            # The key was lost: no code is right, and nobody can work one out.
            return b32encode(token_bytes(20)).decode()
        return encrypted_text

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user: User = authenticator.user
        if authenticator.type not in second_factor.FACTORS or not second_factor.is_required(user):
            return True
        return len(second_factor.factors_of(user)) > 1

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """Told apart by where they were made: “Chrome on Android”, nearer than a number."""
        return device(context.request.headers.get("User-Agent", ""))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name of the service, and in production its public host, whatever host the request named."""
        entity = super().get_public_key_credential_rp_entity()
        public = urlsplit(settings.PUBLIC_URL).hostname
        return {"id": public if settings.PRODUCTION and public else entity["id"], "name": settings.LABELS["service"]}
