"""How long a web process waits for the database: not for ever.

TCP finds a peer that is gone, and PostgreSQL ends a statement that takes too long. What neither sees is a link that is
still open and carries nothing any more (a pooler or a firewall in between that has forgotten us): a thread would wait
for ever, and soon all of them would.
"""

import os
import select
import time
from typing import Any

import psycopg2
from psycopg2 import extensions

# Longer than any statement may take (WEB_LIMITS), shorter than the proxy waits.
SECONDS = 40.0
# A database that is gone is missed after half a minute instead of the hours that TCP takes by itself.
LINK = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# Somebody waits for a page; a task has its own limit, and a migration may take as long as it takes. In milliseconds.
WEB_LIMITS = {"statement_timeout": 30_000, "lock_timeout": 10_000, "idle_in_transaction_session_timeout": 60_000}
_EVENTS = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}


def options(given: Any) -> dict[str, Any]:
    """The options of a connection: those of the address, how soon a dead link is missed, and for web the limits."""
    part = os.environ.get("EHS_PART", "worker")
    found = {**given, **LINK, "application_name": f"early-help {part}"}
    if part == "web":
        limits = " ".join(f"-c {name}={milliseconds}" for name, milliseconds in WEB_LIMITS.items())
        found["options"] = f"{given.get('options', '')} {limits}".strip()
    return found


def install() -> None:
    """From now on every statement of this process is given up after SECONDS. Not for COPY, which libpq does itself."""
    extensions.set_wait_callback(wait)


def wait(connection: Any) -> None:
    """Raises OperationalError when nothing came in time; psycopg2 then closes the connection."""
    end = time.monotonic() + SECONDS
    while (state := connection.poll()) != extensions.POLL_OK:
        waiting = select.poll()
        waiting.register(connection.fileno(), _EVENTS[state])
        if not waiting.poll(max(0.0, end - time.monotonic()) * 1000):
            raise psycopg2.OperationalError(f"the database has not answered for {SECONDS:.0f} seconds")
