"""Production settings: secrets come from the environment, and one that is missing stops the start by name."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cluster_ehs.core.embedded import free_ports

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = {
    "SECRET_KEY": "Tq8x-only-for-this-test-0d3ZkLm5vW2yB7nR9cH4fJ6sA1eGuPiX",
    "ALLOWED_HOSTS": "early-help.example.org",
    "PUBLIC_URL": "https://early-help.example.org",
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "FILES_ROOT": "",
    "DEFAULT_FROM_EMAIL": "early-help@example.org",
    "EMAIL_HOST": "mail.example.org",
}

# What live data needs beyond them (core/gate.py).
LIVE = {
    "EHS_LIVE_DATA": "yes",
    "EHS_BACKUP_TARGET": "/mnt/elsewhere",
    "EHS_BACKUP_KEY": "ehs-public-invented",
    "EHS_RETENTION_OWNER": "owner@example.org",
    "EHS_ERRORS_TO": "errors@example.org",
    "EHS_VIRUS_SCANNER": "tcp://clamav:3310",
}


@pytest.fixture
def live() -> Iterator[dict[str, str]]:
    """The heads of the history in a folder on another file system."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield {**LIVE, "EHS_AUDIT_HEADS": f"{folder}/heads.jsonl"}


@pytest.fixture
def production(pair_environment, tmp_path) -> dict[str, str]:
    given = {name: value for name, value in pair_environment.items() if name != "DATABASE_OWNER_URL"}
    values = {**REQUIRED, **given, "FILES_ROOT": str(tmp_path / "files"), "EHS_VAR": str(tmp_path / "var")}
    return {**values, "EHS_ENV": "production"}


def manage(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_deployment_check_has_nothing_to_say(production, live):
    done = manage({**production, **live}, "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_the_deployment_check_names_what_live_data_needs(production, live):
    done = manage(production, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode != 0
    for name in live:
        assert (name in done.stderr) == (name != "EHS_LIVE_DATA"), name
    assert done.stderr.count("Not for live data. Missing: ") == 4


@pytest.mark.parametrize("command", [["gunicorn", "cluster_ehs.wsgi"], ["celery", "-A", "cluster_ehs", "worker"]])
def test_with_live_data_nothing_starts_while_something_is_missing(production, live, command):
    absent = {"EHS_BACKUP_TARGET": "", "EHS_SECOND_FACTOR": "offered"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**production, **live, **absent, "PORT": str(next(free_ports())), "WEB_CONCURRENCY": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "not everything is in place for live data" in said
    assert "Set EHS_BACKUP_TARGET" in said
    assert "Set EHS_SECOND_FACTOR to required" in said
    assert "EHS_ERRORS_TO" not in said


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_secret_stops_the_start_and_is_named(production, name):
    for absent in ({}, {name: ""}):
        environment = {key: value for key, value in production.items() if key != name} | absent
        done = manage(environment, "check")
        assert done.returncode != 0
        assert f"{name} is not set. It is required when EHS_ENV=production." in done.stderr


def test_a_secret_may_be_a_file_and_is_never_both(production, tmp_path):
    """As a vault mounts it: what is in the environment is told by whoever describes the container."""
    key = tmp_path / "key"
    key.write_text(f"{production['SECRET_KEY']}\n")
    code = "from django.conf import settings; print(settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS)"
    with_file = {**{n: v for n, v in production.items() if n != "SECRET_KEY"}, "SECRET_KEY_FILE": str(key)}
    said = manage(with_file, "shell", "--no-imports", "-c", code)
    assert said.stdout.split() == [production["SECRET_KEY"], "[]"], said.stderr
    both = manage({**production, "SECRET_KEY_FILE": str(key)}, "check")
    assert both.returncode != 0
    assert "SECRET_KEY and SECRET_KEY_FILE are both set" in both.stderr
    absent = manage({**with_file, "SECRET_KEY_FILE": str(tmp_path / "none")}, "check")
    assert "SECRET_KEY_FILE cannot be read: FileNotFoundError." in absent.stderr


def test_production_never_starts_or_names_an_embedded_server(production, tmp_path):
    assert manage(production, "check").returncode == 0
    assert not (tmp_path / "var" / "servers.json").exists()


def test_the_web_serves_hashed_files_and_asks_for_a_safe_line(production, tmp_path):
    collected = manage(production, "collectstatic", "--noinput")
    assert collected.returncode == 0, collected.stderr
    names = [path.name for path in (tmp_path / "var" / "static" / "build").glob("app.*.css")]
    assert len(names) == 1, "one hashed style sheet"

    port = next(free_ports())
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "cluster_ehs.wsgi"],
        cwd=ROOT,
        env={**production, "PORT": str(port), "WEB_CONCURRENCY": "1"},
    )
    host = {"Host": "early-help.example.org"}
    try:
        for _ in range(300):
            try:
                get(port, "/healthz", {})
                break
            except OSError:
                time.sleep(0.1)
        status, headers = get(port, f"/static/build/{names[0]}", {**host, "X-Forwarded-Proto": "https"})
        assert (status, headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')
        assert "immutable" in headers["Cache-Control"]
        assert "max-age=31536000" in headers["Strict-Transport-Security"]
        assert "Access-Control-Allow-Origin" not in headers
        icon = next(path.name for path in (tmp_path / "var" / "static").glob("icon.*.svg"))
        secure = {**host, "X-Forwarded-Proto": "https"}
        for path in (f"/static/build/{names[0]}", f"/static/{icon}", "/healthz", "/metrics", "/no-such-page/", "/api/"):
            _, headers = get(port, path, secure)
            assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload", path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            policy = headers["Content-Security-Policy"]
            assert {"frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"} <= set(policy.split("; ")), path
            kind = headers["Content-Type"]
            assert "charset=" in kind or kind == "application/json", path
        status, headers = get(port, "/", host)
        assert (status, headers["Location"]) == (301, "https://early-help.example.org/")
        status, headers = get(port, "/api/v1/codes/", {**host, "Authorization": "Bearer ehs_sent_in_the_clear"})
        assert (status, headers.get("Location")) == (403, None), "a program is not led on"
        assert get(port, "/", {"Host": "elsewhere.example.org", "X-Forwarded-Proto": "https"})[0] == 400
        for framing in (
            b"Content-Length: 4\r\nTransfer-Encoding: chunked",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            b"Transfer-Encoding: xchunked",
            b"Content-Length: 4\r\nContent-Length: 5",
            b"Content-Length: +4",
        ):
            assert raw(port, framing) in (b"400", b"501"), framing
        _, headers = get(port, "/account/login/", {**host, "X-Forwarded-Proto": "https"})
        assert headers["Set-Cookie"].startswith("__Host-csrftoken="), "no neighbour's page can set it"
        assert {"Secure", "SameSite=Lax", "Path=/"} <= set(headers["Set-Cookie"].split("; "))
    finally:
        web.terminate()
        web.wait(30)


def get(port: int, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders())
    finally:
        connection.close()


def raw(port: int, framing: bytes) -> bytes:
    """The status of a request whose end can be read in two ways, with another one hidden behind it."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(
            b"POST /healthz HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n"
        )
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while block := line.recv(65536):
            answer += block
    assert answer.count(b"HTTP/1.1 ") == 1
    return answer.split(b" ")[1]


def test_development_needs_no_variable_at_all(tmp_path):
    environment = {name: os.environ[name] for name in ("PATH",)}
    program = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'cluster_ehs.settings'\n"
        "from django.conf import settings; print(settings.DATABASES['default']['USER'], settings.REDIS_URL[:8])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**environment, "EHS_VAR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["ehs_app", "redis://"], done.stderr


def test_cookies_go_over_https_to_this_host_alone_and_no_script_reads_the_session(production):
    names = "SESSION_COOKIE_NAME SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE "
    names += (
        "SESSION_COOKIE_DOMAIN SESSION_COOKIE_PATH CSRF_COOKIE_SECURE CSRF_COOKIE_SAMESITE DEBUG USE_X_FORWARDED_HOST"
    )
    code = f"from django.conf import settings; print(*[getattr(settings, n) for n in {names.split()!r}]);"
    code += "from clusters.signing_in import attempts; from referrals.public import draft;"
    code += "from outcomes.family_page import views; from cluster_ehs.core.sealed_messages import SealedCookieStorage;"
    code += "print(attempts.COOKIE, draft.COOKIE, views.cookie_of('x')[:19], SealedCookieStorage.cookie_name)"
    said = manage(production, "shell", "--no-imports", "-c", code)
    assert said.stdout.split() == [
        "__Host-sessionid",
        "True",
        "True",
        "Lax",
        "None",
        "/",
        "True",
        "Lax",
        "False",
        "False",
        "__Host-known_browser",
        "__Host-ask",
        "__Host-family-page-",
        "__Host-messages",
    ], said.stderr


def test_production_logs_json_without_words_of_others(production):
    code = "import logging; logging.getLogger('x').warning('of %s', 'Zdenka'); logging.getLogger('ehs').info('said')"
    said = manage(production, "shell", "--no-imports", "-c", code).stderr
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [line["says"].split(" (")[0] for line in lines[-2:]] == ["of …", "said"]
    assert "Zdenka" not in said
