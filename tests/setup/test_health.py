"""`/healthz` with real servers: 200 when all is up, 503 naming what is not."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster_ehs.core.embedded import free_ports

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


@contextmanager
def running(environment: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


TOKEN = "a-token-of-the-tests"


def ask(port: int) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        # A name of no host of ours: who asks for health knows an address, not a name.
        headers = {"Host": "10.0.0.7", "Authorization": f"Bearer {TOKEN}"}
        connection.request("GET", "/healthz", headers=headers)
        response = connection.getresponse()
        assert response.getheader("Set-Cookie") is None
        assert response.getheader("Cache-Control") == "no-store"
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def until(port: int, told: Callable[[int, dict[str, str]], bool]) -> tuple[int, dict[str, str]]:
    """Ask until the answer is as told, and give the last answer either way."""
    last: tuple[int, dict[str, str]] = (0, {})
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            last = ask(port)
        except OSError:
            last = (0, {})
        if last[1] and told(*last):
            break
        time.sleep(0.2)
    return last


WELL = {"status": "ok", "database": "ok", "queue": "ok", "worker": "ok", "backup": "none", "backup_hours": None}


@pytest.mark.fault
@pytest.mark.slow
def test_each_part_that_stops_is_named_and_its_return_is_seen(pair, pair_environment):
    port = next(free_ports())
    environment = {**pair_environment, "PORT": str(port), "WEB_CONCURRENCY": "1", "EHS_METRICS_TOKEN": TOKEN}
    worker = ("celery", "-A", "cluster_ehs", "worker", "--concurrency", "1", "--loglevel", "WARNING")
    with running(environment, "gunicorn", "cluster_ehs.wsgi"):
        assert until(port, lambda *_: True) == (503, {**WELL, "status": "not ok", "worker": "down"})

        with running(environment, *worker):
            assert until(port, lambda status, _: status == 200) == (200, WELL)

            pair.pg_ctl("stop", "-m", "fast")
            assert until(port, lambda status, _: status == 503) == (
                503,
                {**WELL, "status": "not ok", "database": "down"},
            )
            pair.start()
            assert until(port, lambda status, _: status == 200) == (200, WELL)

            pair.stop_valkey()
            down = {**WELL, "status": "not ok", "queue": "down", "worker": "unknown"}
            assert until(port, lambda status, _: status == 503) == (503, down)
            pair.start()
            assert until(port, lambda status, _: status == 200) == (200, WELL)

        # A worker that is told to stop says so; one that is killed is missed when its sign runs out.
        assert until(port, lambda status, _: status == 503) == (503, {**WELL, "status": "not ok", "worker": "down"})
