"""A server of our own for a while: on loopback, on a free port, stopped by its own process id."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cluster_ehs.core.embedded import free_ports

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def serving(
    application: str = "cluster_ehs.wsgi", *, workers: int = 2, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Gunicorn with the application; gives its address. Raises RuntimeError when it does not come up."""
    port = next(free_ports())
    process = subprocess.Popen(  # noqa: S603 - a fixed command
        [sys.executable, "-m", "gunicorn", "--log-level", "warning", application],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "WEB_CONCURRENCY": str(workers), **(environment or {})},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            # Longer than the time in which gunicorn ends what it has begun.
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: "subprocess.Popen[bytes]", seconds: int = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/account/login/", timeout=5) as answer:  # noqa: S310 - our own
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not come up; its messages are above")
