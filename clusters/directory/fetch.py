"""Asking a server that somebody typed in: only where it may lead, only so much, only so long.

The name is resolved once and the connection goes to the address that was checked, so that a name which answers
differently the second time leads nowhere else. Redirects are checked like the first address.
"""

import http.client
import ipaddress
import json
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings

TIMEOUT = 10.0  # seconds for one step: connecting, one read
DEADLINE = 45.0  # seconds for one answer in all
LIMIT = 8 * 1024 * 1024  # bytes of one answer
REDIRECTS = 3
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AGENT = "cluster-early-help partner directory"


class FeedError(Exception):
    """Nothing usable came. The message is for people; `passing` says that another try may help."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


@dataclass(frozen=True)
class Answer:
    data: Any
    etag: str = ""
    unchanged: bool = False


def check_url(url: str) -> str:
    """The address, when a feed may have it. Raises FeedError: https only, no user name within, a host."""
    parts = urlsplit(url)
    allowed = {"https", "http"} if settings.FEEDS_MAY_BE_LOCAL else {"https"}
    if parts.scheme not in allowed:
        raise FeedError("The address must begin with https://.")
    if not parts.hostname or parts.username or parts.password:
        raise FeedError("The address must name a server, without a user name or a password.")
    try:
        _ = parts.port
    except ValueError:
        raise FeedError("The port in the address is not a number.") from None
    return url


def resolve(host: str, port: int) -> str:
    """One address of the host. Raises FeedError when any of them is inside a private network."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise FeedError(f"The server {host} is not known.", passing=True) from None
    for address in found:
        ip = reached(ipaddress.ip_address(address.partition("%")[0]))
        if settings.FEEDS_MAY_BE_LOCAL and ip.is_loopback:
            continue
        if not ip.is_global or ip.is_multicast or ip.is_reserved:
            raise FeedError(f"The server {host} is inside a private network.")
    return sorted(found, key=lambda address: ":" in address)[0]


def reached(ip: Address) -> Address:
    """Where an address leads in the end: one of IPv6 may carry one of IPv4, also one of our own network."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def fetch(url: str, *, etag: str = "") -> Answer:
    """The JSON at an address, or `unchanged` when it is the one known by `etag`. Raises FeedError."""
    for _ in range(REDIRECTS + 1):
        parts = urlsplit(check_url(url))
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = _connect(parts.scheme, host, port)
        # Against a server that sends a byte now and then: after the deadline its line is cut.
        cut = threading.Timer(DEADLINE, _cut, [connection])
        cut.start()
        try:
            answer = _ask(connection, parts, etag)
            if answer.status in {301, 302, 303, 307, 308}:
                url = urljoin(url, answer.headers.get("Location", ""))
                continue
            return _judge(answer)
        except (TimeoutError, ssl.SSLError, OSError, http.client.HTTPException) as error:
            raise FeedError(f"The server did not answer properly: {_words(error)}.", passing=True) from error
        finally:
            cut.cancel()
            connection.close()
    raise FeedError("The server sends from one address to another without end.")


def _connect(scheme: str, host: str, port: int) -> http.client.HTTPConnection:
    address = resolve(host, port)
    try:
        line: socket.socket = socket.create_connection((address, port), timeout=TIMEOUT)
        if scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
    except (TimeoutError, ssl.SSLError, OSError) as error:
        raise FeedError(f"The server {host} cannot be reached: {_words(error)}.", passing=True) from error
    connection = http.client.HTTPConnection(host, port)
    connection.sock = line
    return connection


def _cut(connection: http.client.HTTPConnection) -> None:
    line = connection.sock
    if line is not None:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            line.close()


def _ask(connection: http.client.HTTPConnection, parts: Any, etag: str) -> http.client.HTTPResponse:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": AGENT, "Connection": "close"}
    if etag:
        headers["If-None-Match"] = etag
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers=headers | {"Host": parts.netloc})
    return connection.getresponse()


def _judge(answer: http.client.HTTPResponse) -> Answer:
    if answer.status == http.client.NOT_MODIFIED:
        return Answer(None, unchanged=True)
    if answer.status != http.client.OK:
        raise FeedError(
            f"The server answered with status {answer.status}.", passing=answer.status >= 500 or answer.status == 429
        )
    kind = answer.headers.get_content_type()
    if kind != "application/json" and not kind.endswith("+json"):
        raise FeedError(f"The server sent {kind} instead of JSON.")
    raw = answer.read(LIMIT + 1)
    if len(raw) > LIMIT:
        raise FeedError(f"The answer is larger than {LIMIT // 1024 // 1024} MB.")
    if answer.length:
        raise FeedError("The answer broke off.", passing=True)
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise FeedError("The answer is not JSON, or broke off.", passing=True) from None
    return Answer(data, etag=(answer.headers.get("ETag") or "")[:200])


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not valid"
    return type(error).__name__
