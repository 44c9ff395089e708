"""nginx itself with `deploy/nginx.conf`, other ports and names alone, in front of a web that says what it was asked."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cluster_ehs.core.embedded import free_ports

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
MEGABYTE = 1024 * 1024

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian package: nginx-light)")


class Web(BaseHTTPRequestHandler):
    """Says what it was asked; `/own-503` is the program's own page for a part that is away."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        busy = self.path == "/own-503"
        said = b"Try again in a moment, says the program" if busy else b""
        body = said or json.dumps({"path": self.path, "length": length, "headers": dict(self.headers)}).encode()
        self.send_response(503 if busy else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-From-The-Web", "yes")
        if self.path == "/own-policy":
            self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_TRACE = answer

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Proxy:
    plain: int
    secure: int
    web: ThreadingHTTPServer
    log: Path

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], str]:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.secure, timeout=20, context=trusting)
        try:
            connection.request(method, path, body, {"Host": "help.example", **headers})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "help.example")])
    day = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), day, day + timedelta(1))
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(*plain))


def configuration(folder: Path, plain: int, secure: int, web: int) -> str:
    """As it is, but for ports, folders and the web's name; before 1.25.1 `http2` was said with `listen`."""
    text = CONFIGURATION.read_text()
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    said = subprocess.run([NGINX, "-v"], capture_output=True, text=True, check=True).stderr
    old = tuple(map(int, re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said).groups())) < (1, 25, 1)
    for before, after in (
        ("http {\n", f"http {{\n{temporary}"),
        ("listen 80 default_server;", f"listen 127.0.0.1:{plain} default_server;"),
        ("listen 443 ssl default_server;", f"listen 127.0.0.1:{secure} ssl {'http2 ' * old}default_server;"),
        ("http2 on;", "" if old else "http2 on;"),
        ("/etc/nginx/tls", str(folder)),
        ("set $web web:8000;", f"set $web 127.0.0.1:{web};"),
        ("/dev/stdout", str(folder / "access.log")),
        ("/dev/stderr", str(folder / "error.log")),
    ):
        assert before in text, before
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    # Its processes are another user's when it is started by root, whose folders of pytest they may not enter.
    folder = Path(tempfile.mkdtemp(prefix="ehs-proxy-"))
    folder.chmod(0o755)
    certificate(folder)
    web = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    ports = free_ports()
    plain, secure = next(ports), next(ports)
    (folder / "nginx.conf").write_text(configuration(folder, plain, secure, web.server_port))
    words = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", f"daemon off; pid {folder}/pid;"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    running = Proxy(plain, secure, web, folder / "access.log")
    try:
        for _ in range(100):
            try:
                running.ask("GET", "/")
                break
            except OSError:
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.05)
        yield running
    finally:
        process.terminate()
        process.wait(10)
        web.shutdown()
        web.server_close()
        shutil.rmtree(folder)


def test_plain_http_leads_to_https(proxy):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=10)
    connection.request("POST", "/cases/?page=2", headers={"Host": "help.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (308, "https://help.example/cases/?page=2")
    connection.close()


def agreed(proxy: Proxy, version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> tuple[str, str]:
    """The protocol and cipher that the proxy takes of those that are offered. Raises ssl.SSLError for none."""
    offering = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    offering.check_hostname, offering.verify_mode = False, ssl.CERT_NONE
    offering.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        offering.minimum_version = offering.maximum_version = version
    with socket.create_connection(("127.0.0.1", proxy.secure), 10) as line, offering.wrap_socket(line) as tls:
        return str(tls.version()), tls.cipher()[0]


def test_only_tls_1_2_and_1_3_with_forward_secret_authenticated_ciphers_the_strongest_first(proxy):
    assert agreed(proxy, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
    weakest_first = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384"
    assert agreed(proxy, ssl.TLSVersion.TLSv1_2, weakest_first) == ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384")
    # The same client, old protocols and then ciphers without authentication of what is sealed.
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            agreed(proxy, version)
    for weak in ("ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA"):
        with pytest.raises(ssl.SSLError, match=r"(?i)handshake failure"):
            agreed(proxy, ssl.TLSVersion.TLSv1_2, f"{weak}:@SECLEVEL=0")


def test_a_program_without_tls_is_refused_and_not_led_on(proxy):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=10)
    connection.request("GET", "/api/v1/codes/", headers={"Host": "help.example", "Authorization": "Bearer ehs_x"})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (403, None)
    assert "https" in json.loads(answer.read())["detail"]
    connection.close()


def test_what_the_proxy_answers_by_itself_protects_the_browser_too(proxy):
    for method, path, status in (
        ("GET", "/metrics", 404),
        ("GET", "/" + "x" * 9_000, 414),
        ("TRACE", "/cases/", 405),
        ("GET", "/cases/%", 400),
    ):
        found, headers, _ = proxy.ask(method, path)
        assert found == status, path[:20]
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["content-type"] == "text/html; charset=utf-8"
    _, headers, _ = proxy.ask("GET", "/own-policy")
    assert headers["content-security-policy"] == "default-src 'self'", "what the program says is said once, and alone"


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Content-Length: 4\r\nContent-Length: 5",
        "Transfer-Encoding: xchunked",
    ],
)
def test_a_request_whose_end_can_be_read_in_two_ways_goes_no_further(proxy, framing):
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", proxy.secure), timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname="help.example") as line,
    ):
        hidden = "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: help.example\r\n\r\n"
        line.sendall(f"POST /cases/ HTTP/1.1\r\nHost: help.example\r\n{framing}\r\n\r\n{hidden}".encode())
        answer = b""
        while block := line.recv(65536):
            answer += block
    assert answer.split(b" ")[1] in (b"400", b"501")
    assert b"hidden" not in answer


def test_the_web_is_told_who_asks_and_not_what_the_asker_says_of_it(proxy):
    spoken = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "http", "X-Request-ID": "mine"}
    status, _, text = proxy.ask("GET", "/cases/", **spoken)
    told = {name.lower(): value for name, value in json.loads(text)["headers"].items()}
    assert status == 200
    assert (told["host"], told["x-forwarded-for"], told["x-forwarded-proto"]) == ("help.example", "127.0.0.1", "https")
    assert re.fullmatch("[0-9a-f]{32}", told["x-request-id"])


def test_a_file_of_20_megabytes_passes_and_a_larger_one_is_told_so(proxy):
    status, _, text = proxy.ask("POST", "/imports/", b"x" * (20 * MEGABYTE + 4096))
    assert (status, json.loads(text)["length"]) == (200, 20 * MEGABYTE + 4096)
    status, headers, text = proxy.ask("POST", "/imports/", b"x" * (21 * MEGABYTE + 1))
    assert status == 413
    assert "Files of up to 20 MB can be sent. Nothing was saved" in text
    assert headers["x-content-type-options"] == "nosniff"


def test_the_figures_stay_inside_and_private_links_stay_out_of_the_log(proxy):
    assert proxy.ask("GET", "/metrics")[0] == 404
    proxy.ask("GET", "/survey/opens-it/?child=Invented")
    proxy.ask("GET", "/cases/?q=Invented")
    end = time.monotonic() + 5
    while "/cases/ HTTP" not in (log := proxy.log.read_text()) and '"GET /cases/"' not in log:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "/survey/-" in log
    assert "opens-it" not in log
    assert "Invented" not in log


def test_the_programs_own_page_passes_and_without_a_web_people_are_told_when_to_try_again(proxy):
    status, headers, text = proxy.ask("GET", "/own-503")
    assert (status, headers["x-from-the-web"], text) == (503, "yes", "Try again in a moment, says the program")
    proxy.web.shutdown()
    proxy.web.server_close()
    for method in ("GET", "POST"):
        status, headers, text = proxy.ask(method, "/cases/")
        assert (status, headers["retry-after"], headers["cache-control"]) == (503, "15", "no-store")
        assert headers["content-type"].startswith("text/html")
        assert "Try again in a moment" in text
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "nginx/" not in headers.get("server", "")
