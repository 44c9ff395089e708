"""Where database and queue are when the environment does not say: the embedded pair under `var/`.

Used when `DATABASE_URL` or `REDIS_URL` is unset, never in production. Asking for an address starts
nothing; `manage.py` and the tests start what they need, and `make run` and `make stop` stop it.

    python -m cluster_ehs.core.servers start | stop | status
"""

import os
import ssl
import sys
from pathlib import Path

from cluster_ehs.core.embedded import BASE, ServerError, Servers

VAR = Path(os.environ.get("EHS_VAR") or BASE / "var")
_ours = Servers(VAR)


def _embedded(name: str) -> bool:
    return not os.environ.get(name) and os.environ.get("EHS_ENV") != "production"


def database_url() -> str:
    """The application role's address at the embedded server; empty where `DATABASE_URL` decides."""
    return _ours.postgres_url("app") if _embedded("DATABASE_URL") else ""


def database_owner_url() -> str:
    """The owner's address, for `migrate` and the tests' set-up alone."""
    return _ours.postgres_url("owner") if _embedded("DATABASE_URL") else ""


def database_backup_url() -> str:
    """The address of the role that reads everything and writes nothing, for back-ups alone."""
    return _ours.postgres_url("backup") if _embedded("DATABASE_URL") else ""


def redis_url() -> str:
    return _ours.redis_url() if _embedded("REDIS_URL") else ""


def queue_tls(address: str) -> dict[str, ssl.VerifyMode] | bool:
    """What the queue's library is told of TLS: by itself it would take whatever certificate is shown."""
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED} if address.startswith("rediss://") else False


def ensure_started() -> None:
    """Start the embedded servers that this environment needs and that do not run."""
    postgres, valkey = _embedded("DATABASE_URL"), _embedded("REDIS_URL")
    if postgres or valkey:
        _ours.start(postgres=postgres, valkey=valkey)


def main(verb: str) -> int:
    if verb == "start":
        ensure_started()
    elif verb == "stop":
        _ours.stop()
    elif verb == "status":
        for name, url, up in (
            ("PostgreSQL", f"port {_ours.settings()['postgres_port']}", _ours.postgres_answers()),
            ("Valkey", f"port {_ours.settings()['redis_port']}", _ours.valkey_answers()),
        ):
            print(f"{name}: {'running' if up else 'stopped'}, {url}")
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
    except ServerError as error:
        sys.exit(str(error))
