"""What the program itself connects to: a server whose certificate nobody vouches for is not spoken with."""

import ipaddress
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from cluster_ehs.core.backups.programs import environment, login
from cluster_ehs.core.embedded import free_ports
from clusters.directory.fetch import FeedError, fetch
from tests.core.test_mail_server_away import mail_server
from tests.setup.test_production import REQUIRED

ROOT = Path(__file__).resolve().parents[2]
# The one that comes with the packages speaks no TLS.
QUEUE = shutil.which("redis-server")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Certificate and key of 127.0.0.1, signed by nobody but itself."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    certificate, private = folder / "certificate.pem", folder / "private.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*plain))
    return certificate, private


def served(papers: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*papers)
    return context


# --- the queue and the database ---
@pytest.fixture
def queue(papers: tuple[Path, Path], tmp_path: Path) -> Iterator[str]:
    if QUEUE is None:
        pytest.skip("redis-server is not installed (Debian package: redis-server)")
    port = next(free_ports())
    asked = {"--port": "0", "--tls-port": str(port), "--bind": "127.0.0.1", "--dir": str(tmp_path)}
    asked |= {"--tls-cert-file": str(papers[0]), "--tls-key-file": str(papers[1]), "--tls-auth-clients": "no"}
    process = subprocess.Popen([QUEUE, *(part for pair in asked.items() for part in pair)], stdout=subprocess.DEVNULL)
    address = f"rediss://127.0.0.1:{port}/0"
    try:
        for _ in range(100):
            try:
                redis.Redis.from_url(f"{address}?ssl_ca_certs={papers[0]}").ping()
                break
            except redis.ConnectionError:
                assert process.poll() is None
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(10)


SPEAKS = """
import ssl
from django.db import OperationalError, connection
from django.core.cache import cache
from redis import RedisError
from cluster_ehs.celery import app
for name, speak in (
    ("queue", lambda: app.connection().connect()),
    ("cache", lambda: cache._cache.get_client().ping()),
    ("database", connection.ensure_connection),
):
    try:
        speak()
        print(name, "in")
    except (OSError, RedisError, OperationalError) as error:
        print(name, "out", "certificate" in str(error) or "SSL was required" in str(error))
from django.conf import settings
print("mail", settings.EMAIL_USE_TLS)
"""


def spoken(**given: str) -> dict[str, str]:
    """To whom a process in production speaks, whose environment says this."""
    kept = {**REQUIRED, "FILES_ROOT": str(settings.FILES_ROOT), "DATABASE_URL": settings.DATABASE_URL, **given}
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{SPEAKS}"],
        cwd=ROOT,
        env={**kept, "EHS_ENV": "production", "DJANGO_SETTINGS_MODULE": "cluster_ehs.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_queue_cache_and_database_are_not_spoken_with_unless_their_certificate_is_vouched_for(
    queue: str, papers: tuple[Path, Path], tmp_path: Path
) -> None:
    said = spoken(
        REDIS_URL=queue, DATABASE_URL=f"{settings.DATABASE_URL}?sslmode=verify-full&sslrootcert={tmp_path}/none.pem"
    )
    assert said == {"queue": "out True", "cache": "out True", "database": "out True", "mail": "True"}
    said = spoken(REDIS_URL=queue, SSL_CERT_FILE=str(papers[0]))
    assert (said["queue"], said["cache"]) == ("in", "in")


def test_a_back_up_goes_by_what_the_address_says_of_tls(tmp_path: Path) -> None:
    address = f"{settings.DATABASE_URL}?sslmode=verify-full&sslrootcert={tmp_path}/none.pem"
    with pytest.raises(psycopg2.OperationalError, match=r"certificate|SSL was required"):
        login(address)
    given = environment(address)
    assert (given["PGSSLMODE"], given["PGSSLROOTCERT"]) == ("verify-full", f"{tmp_path}/none.pem")
    assert "PGSSLMODE" not in environment(settings.DATABASE_URL)


# --- feeds and mail ---
class Feed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.heard.append(self.path)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        pass


def test_a_feed_with_a_certificate_of_its_own_making_is_asked_nothing(papers: tuple[Path, Path], settings: Any) -> None:
    settings.FEEDS_MAY_BE_LOCAL = True
    server = HTTPServer(("127.0.0.1", 0), Feed)
    server.heard = []  # type: ignore[attr-defined]
    server.socket = served(papers).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with pytest.raises(FeedError, match="certificate"):
            fetch(f"https://127.0.0.1:{server.server_port}/services")
        assert server.heard == []  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_mail(port: int) -> None:
    """As in production: with STARTTLS."""
    backend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port, use_tls=True, timeout=10
    )
    EmailMessage("A referral needs you now", "Sign in.", to=["dee@example.org"], connection=backend).send()


def test_a_mail_server_without_tls_or_with_a_certificate_of_its_own_making_is_given_no_mail(
    papers: tuple[Path, Path], tmp_path: Path
) -> None:
    port = next(free_ports())
    with mail_server(port, "accept", tmp_path / "taken"), pytest.raises(smtplib.SMTPNotSupportedError):
        a_mail(port)
    assert not (tmp_path / "taken").exists()
    heard: list[bytes] = []

    def answer(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line, line.makefile("rb") as said:
            line.sendall(b"220 mail.example ready\r\n")
            heard.append(said.readline())
            line.sendall(b"250-mail.example\r\n250 STARTTLS\r\n")
            heard.append(said.readline())
            line.sendall(b"220 go on\r\n")
            try:
                with served(papers).wrap_socket(line, server_side=True) as tls:
                    heard.append(tls.recv(100))
            except (ssl.SSLError, OSError):
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=[listening])
        thread.start()
        with pytest.raises(ssl.SSLCertVerificationError):
            a_mail(listening.getsockname()[1])
        thread.join(10)
    assert [line[:4].upper() for line in heard if line] == [b"EHLO", b"STAR"]
