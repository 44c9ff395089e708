"""Speaks with a virus scanner, ClamAV's clamd: `INSTREAM` for a content, `PING` for a sign of life.

A client of our own, since the protocol is this small and none of the packages fits: `clamd` and `pyclamd` have been
left since 2014, and `clamav-client`, which is kept, is licensed under GPL-2.0 alone (this program is AGPL), knows no
IPv6, waits anew for each block, and loses the answer of a scanner that hangs up in the middle of a file.
"""

import socket
import time
from collections.abc import Iterable
from itertools import chain
from urllib.parse import urlsplit

PORT = 3310
BLOCK = 1 << 16
LONGEST_ANSWER = 4096
TOO_LONG = b"INSTREAM size limit exceeded"


class ScannerAway(Exception):
    """It cannot be reached, does not answer in time, or answers that it could not look."""


class TooLong(Exception):
    """The content is longer than the scanner takes (`StreamMaxLength` in its configuration)."""


def is_address(address: str) -> bool:
    """Whether it is `tcp://host:3310` or `unix:///path`."""
    try:
        parts = urlsplit(address)
        by_network = parts.scheme == "tcp" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return by_network or (parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/"))


def scan(address: str, content: Iterable[bytes], *, seconds: float) -> str:
    """What the scanner calls the virus in it; empty when it found none. Raises ScannerAway, TooLong.

    seconds: for all of it, from the connection to the answer.
    """
    answer = _ask(address, b"zINSTREAM\0", _in_blocks(content), seconds)
    if answer == b"stream: OK":
        return ""
    if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
        return answer[len(b"stream: ") : -len(b" FOUND")].decode("utf-8", "replace")
    if answer.startswith(TOO_LONG):
        raise TooLong
    raise ScannerAway("it gave no verdict")


def answers(address: str, *, seconds: float = 2) -> bool:
    """Whether the scanner is there."""
    try:
        return _ask(address, b"zPING\0", (), seconds) == b"PONG"
    except ScannerAway:
        return False


def _in_blocks(content: Iterable[bytes]) -> Iterable[bytes]:
    """Each with its length before it; one of no length is the end, so none may come earlier."""
    for chunk in content:
        for start in range(0, len(chunk), BLOCK):
            block = chunk[start : start + BLOCK]
            yield len(block).to_bytes(4, "big") + block
    yield bytes(4)


def _ask(address: str, command: bytes, blocks: Iterable[bytes], seconds: float) -> bytes:
    end = time.monotonic() + seconds

    def left() -> float:
        return max(0.001, end - time.monotonic())

    try:
        with _connected(address, left()) as line:
            try:
                for part in chain((command,), blocks):
                    line.settimeout(left())
                    line.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                pass  # It hung up in the middle, and has said why before.
            answer = b""
            while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
                line.settimeout(left())
                if not (more := line.recv(LONGEST_ANSWER)):
                    break
                answer += more
    except (OSError, ValueError) as error:
        raise ScannerAway(type(error).__name__) from error
    return answer.partition(b"\0")[0].strip()


def _connected(address: str, seconds: float) -> socket.socket:
    parts = urlsplit(address)
    if not is_address(address):
        raise ValueError("the address is neither tcp://host:3310 nor unix:///path")
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or PORT), timeout=seconds)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(seconds)
    try:
        line.connect(parts.path)
    except OSError:
        line.close()
        raise
    return line
