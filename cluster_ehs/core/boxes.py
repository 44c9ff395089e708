"""Short texts that are kept sealed: AES-256-GCM, under a key that HKDF-SHA256 makes of a secret for one purpose.

The secret has to be random and long: nothing here stretches a password.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12  # bytes, random: of texts sealed under one key there are far fewer than would make two alike


class NotOpened(Exception):
    """What was sealed with another secret, for another purpose, or was changed."""


class Box:
    """Seals with the first secret, opens with any of them, so that a secret can be replaced."""

    def __init__(self, secrets_: Sequence[str], *, purpose: str) -> None:
        self.purpose = purpose.encode()
        self.ciphers = [AESGCM(self._key(secret)) for secret in secrets_]

    def _key(self, secret: str) -> bytes:
        return HKDF(hashes.SHA256(), 32, salt=None, info=b"ehs box: " + self.purpose).derive(secret.encode())

    def seal(self, text: str) -> str:
        nonce = secrets.token_bytes(NONCE)
        return base64.urlsafe_b64encode(nonce + self.ciphers[0].encrypt(nonce, text.encode(), self.purpose)).decode()

    def open(self, sealed: str) -> str:
        """Raises NotOpened."""
        try:
            raw = base64.urlsafe_b64decode(sealed.encode())
        except (binascii.Error, ValueError):
            raise NotOpened from None
        for cipher in self.ciphers:
            try:
                return cipher.decrypt(raw[:NONCE], raw[NONCE:], self.purpose).decode()
            except (InvalidTag, ValueError):
                continue
        raise NotOpened
