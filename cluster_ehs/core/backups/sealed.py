"""A stream sealed for one key: who holds the public half can write it, who holds the private half can read it.

X25519 with a key of its own for each stream, HKDF-SHA256, then AES-256-GCM over pieces of one MiB. The number of a
piece and whether it is the last are part of its nonce: one that is changed, moved, left out or cut off is found.
"""

import base64
import binascii
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"ehs-backup 1\n"
PIECE = 1 << 20
TAG = 16
PUBLIC, PRIVATE = "ehs-public-", "ehs-private-"


class SealError(Exception):
    """The stream cannot be read; the message says whether the key is another one or what is wrong with it."""


def new_keys() -> tuple[str, str]:
    """A public and a private key, as texts."""
    private = X25519PrivateKey.generate()
    return (
        PUBLIC + base64.urlsafe_b64encode(private.public_key().public_bytes_raw()).decode(),
        PRIVATE + base64.urlsafe_b64encode(private.private_bytes_raw()).decode(),
    )


def _raw(text: str, kind: str) -> bytes:
    text = text.strip()
    if not text.startswith(kind):
        raise SealError(f"This is not a key of this program: it begins with {kind!r}.")
    try:
        raw = base64.urlsafe_b64decode(text.removeprefix(kind))
    except binascii.Error:
        raw = b""
    if len(raw) != 32:
        raise SealError("The key is not whole: copy all of it.")
    return raw


def public_key(text: str) -> X25519PublicKey:
    """Raises SealError for what is not a whole public key."""
    return X25519PublicKey.from_public_bytes(_raw(text, PUBLIC))


def private_key(text: str) -> X25519PrivateKey:
    """Raises SealError for what is not a whole private key."""
    return X25519PrivateKey.from_private_bytes(_raw(text, PRIVATE))


def _derive(shared: bytes, own: bytes, recipient: bytes) -> tuple[AESGCM, bytes]:
    """The cipher of one stream, and the mark by which a reader knows that it is his."""
    made = HKDF(hashes.SHA256(), 48, salt=own + recipient, info=MAGIC).derive(shared)
    return AESGCM(made[:32]), made[32:]


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


class Sealer:
    """Writes sealed what is written to it. Without `finish()` the stream has no last piece, and no reader takes it."""

    def __init__(self, out: BinaryIO, recipient: X25519PublicKey) -> None:
        own = X25519PrivateKey.generate()
        public, theirs = own.public_key().public_bytes_raw(), recipient.public_bytes_raw()
        self.cipher, mark = _derive(own.exchange(recipient), public, theirs)
        self.out, self.number, self.waiting = out, 0, bytearray()
        self.head = MAGIC + public + mark
        out.write(self.head)

    def write(self, data: bytes) -> int:
        self.waiting += data
        # One piece is held back: only at the end is it known whether it was the last.
        while len(self.waiting) > PIECE:
            self._piece(bytes(self.waiting[:PIECE]), last=False)
            del self.waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        self._piece(bytes(self.waiting), last=True)
        self.waiting.clear()

    def _piece(self, plain: bytes, *, last: bool) -> None:
        self.out.write(self.cipher.encrypt(_nonce(self.number, last), plain, self.head))
        self.number += 1


class Opener:
    """Reads what a `Sealer` wrote. Raises SealError at the first piece that is not what was written."""

    def __init__(self, source: BinaryIO, key: X25519PrivateKey) -> None:
        size = len(MAGIC) + 32 + 16
        self.head = source.read(size)
        if self.head[: len(MAGIC)] != MAGIC[: len(self.head)]:
            raise SealError("This is not a back-up of this program.")
        if len(self.head) < size:
            raise SealError("The back-up is cut short: not even its head is whole.")
        public = self.head[len(MAGIC) : -16]
        shared = key.exchange(X25519PublicKey.from_public_bytes(public))
        self.cipher, mark = _derive(shared, public, key.public_key().public_bytes_raw())
        if mark != self.head[-16:]:
            raise SealError("The key is another one than this back-up was sealed for (or its head is damaged).")
        self.source, self.number, self.ready, self.ended = source, 0, bytearray(), False
        self.coming = self._take()

    def _take(self) -> bytes:
        found = bytearray()
        while len(found) < PIECE + TAG and (more := self.source.read(PIECE + TAG - len(found))):
            found += more
        return bytes(found)

    def read(self, size: int = -1) -> bytes:
        while not self.ended and (size < 0 or len(self.ready) < size):
            self._next()
        size = len(self.ready) if size < 0 else size
        found = bytes(self.ready[:size])
        del self.ready[:size]
        return found

    def _next(self) -> None:
        piece, self.coming = self.coming, self._take()
        last = not self.coming
        try:
            self.ready += self.cipher.decrypt(_nonce(self.number, last), piece, self.head)
        except InvalidTag:
            raise SealError(self._why(piece, last)) from None
        self.number += 1
        self.ended = last

    def _why(self, piece: bytes, last: bool) -> str:
        if last:
            try:
                self.cipher.decrypt(_nonce(self.number, False), piece, self.head)
            except InvalidTag:
                pass
            else:
                piece = b""
            if len(piece) < TAG:
                return f"The back-up is cut short after {self.number} MiB: it was never finished, or its end is lost."
        return f"The back-up is damaged between {self.number} and {self.number + 1} MiB from its start."
