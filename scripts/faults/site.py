"""A whole site for a run: servers, web, worker, beat, mail; on loopback, in one folder, ended with the run."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import psycopg2
import redis
from celery import Celery

from cluster_ehs.core.embedded import Servers, held_port
from scripts.faults.mail import Mail
from scripts.faults.people import People
from scripts.faults.processes import children, kill

ROOT = Path(__file__).resolve().parents[2]
UP_SECONDS = 120
# Tables of work with a lease, and its minutes.
LEASES = {
    "clusters_feedrun": 5,
    "core_backup": 15,
    "core_message": 5,
    "families_previewjob": 2,
    "imports_importrun": 5,
    "keeping_accessjob": 5,
    "keeping_disposal": 15,
    "monitoring_extract": 5,
    "monitoring_needsegments": 5,
    "monitoring_qualityscore": 10,
    "monitoring_reportrun": 6,
    "monitoring_returnrun": 10,
}
KINDS = ("contact", "api", "draft", "document")
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


class Site:
    """prepare: makes the tables, given the servers and the environment; default: `migrate`."""

    def __init__(self, prepare: Callable[["Site"], None] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ehs-faults-"))
        self.folder.chmod(0o711)
        self.servers = Servers(self.folder / "var")
        self.mail = Mail()
        # Held, since the web comes up long after, and again and again.
        self.held = held_port()
        self.port: int = self.held.getsockname()[1]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        # As libfaketime takes it; `turn_clock` turns it while processes run.
        self.clock, self.ahead = "", -math.inf
        self.maker: subprocess.Popen[str] | None = None
        try:
            self.servers.start()
            (prepare or Site.migrate)(self)
            self.change_database("CREATE DATABASE ehs_clean TEMPLATE ehs")
            self.renew()
        except BaseException:
            self.end()
            raise

    def change_database(self, *statements: str) -> None:
        """As the owner, from another database than the one that is meant."""
        connection = psycopg2.connect(self.servers.postgres_url("owner").removesuffix("/ehs") + "/postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    self.until(partial(self._done, cursor, statement), f"{statement}: somebody is still in it")
        finally:
            connection.close()

    @staticmethod
    def _done(cursor: Any, statement: str) -> bool:
        """Whether it could be done; not while the server still has a link whose process was killed."""
        try:
            cursor.execute(statement)
        except psycopg2.errors.ObjectInUse:
            return False
        return True

    def renew(self) -> None:
        """Everything as it was at the beginning: servers run alone, tables are empty, no file is there."""
        self.stop_all()
        self.servers.start()
        self.change_database(
            "DROP DATABASE IF EXISTS ehs",
            "CREATE DATABASE ehs TEMPLATE ehs_clean",
            "REVOKE ALL ON DATABASE ehs FROM PUBLIC",
            "GRANT CONNECT ON DATABASE ehs TO ehs_app, ehs_backup",
        )
        with self.queue() as client:
            client.flushall()
        for folder in (self.files, self.folder / "backups"):
            shutil.rmtree(folder, ignore_errors=True)
        # The numbers of mails begin anew as well.
        self.mail.ids.clear()
        self.mail.hangs.clear()
        self.clock, self.ahead = "", -math.inf

    def migrate(self) -> None:
        self.run("manage.py", "migrate", "--verbosity", "0")

    def end(self) -> None:
        self.stop_all()
        self.mail.end()
        self.held.close()
        with suppress(Exception):
            self.servers.stop()
        if self.servers.record.exists():
            shutil.rmtree(self.servers.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- its processes ---

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        clock = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        if self.clock == str(self.clock_file):
            clock |= {"FAKETIME_TIMESTAMP_FILE": self.clock, "FAKETIME_CACHE_DURATION": "1"}
        else:
            clock["FAKETIME"] = self.clock
        clock["PYTHONPATH"] = f"{ROOT / 'scripts/faults/clock'}{os.pathsep}{ROOT}"
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "scripts.faults.settings",
            "PYTHONPATH": str(ROOT),
            **(clock if self.clock else {}),
            "DEBUG": "0",
            "DATABASE_URL": self.servers.postgres_url("app"),
            "DATABASE_OWNER_URL": self.servers.postgres_url("owner"),
            "DATABASE_BACKUP_URL": self.servers.postgres_url("backup"),
            "REDIS_URL": self.servers.redis_url(),
            "EHS_PG_BIN": str(Path(self.servers.pg("pg_dump")).parent),
            "EHS_VAR": str(self.folder / "var"),
            "FILES_ROOT": str(self.files),
            "EHS_AUDIT_HEADS": str(self.folder / "heads.jsonl"),
            "FAULTS_MAIL_PORT": str(self.mail.port),
            "FAULTS_MARK": str(self.mark),
            "FAULTS_BEAT_FILE": str(self.folder / "beat"),
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "WEB_THREADS": "8",
            **more,
        }

    @property
    def mark(self) -> Path:
        """The process and the task that the worker is at; empty between two."""
        return self.folder / "mark"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    def turn_clock(self, to: datetime) -> None:
        """Move all processes' clocks on to this moment: of those that run (within two seconds) and of those to come."""
        self.ahead = max(self.ahead, (to - datetime.now(UTC)).total_seconds())
        new = self.clock_file.with_suffix(".new")
        new.write_text(f"{self.ahead:+.3f}")
        new.replace(self.clock_file)
        self.clock = str(self.clock_file)

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def run(self, *words: str, **more: str) -> str:
        """A command to its end. Raises RuntimeError with its words when it fails."""
        done = subprocess.run(  # noqa: S603 - fixed commands
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def start(self, name: str, *words: str, **more: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - fixed commands
                [sys.executable, "-m", *words],
                cwd=ROOT,
                env=self.environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, name: str, *, hard: bool = False) -> None:
        """Told to stop, or with `hard` killed together with what it has started."""
        process = self.running.pop(name)
        if hard:
            for pid in (process.pid, *children(process.pid)):
                kill(pid)
        else:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            for pid in (process.pid, *children(process.pid)):
                kill(pid)
            process.wait()

    def stop_all(self) -> None:
        for name in list(self.running):
            self.stop(name, hard=True)
        if self.maker is not None:
            self.maker.kill()
            self.maker.wait()
            self.maker = None

    def start_web(self, **more: Any) -> None:
        self.start("web", "gunicorn", "--log-level", "warning", "cluster_ehs.wsgi", **more)
        try:
            self.until(self._web_answers, "the web did not come up")
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {(self.folder / 'web.log').read_text()[-600:]}") from None

    def _web_answers(self) -> bool:
        try:
            status = self.people({}).ask("GET", "/account/login/")[0]
        except OSError:
            return False
        if status != 200:
            raise RuntimeError(f"the sign-in page answers {status}")
        return True

    def start_worker(self, name: str = "worker", *, queues: str = "celery", **more: Any) -> None:
        words = (
            "--concurrency",
            "1",
            "--loglevel",
            "CRITICAL",
            "--without-gossip",
            "--without-mingle",
            "--queues",
            queues,
            "--hostname",
            f"{name}@%h",
        )
        self.start(name, "celery", "-A", "cluster_ehs", "worker", *words, **more)

    def start_beat(self, name: str = "beat") -> None:
        file = str(self.folder / f"{name}-file")
        self.start(name, "celery", "-A", "cluster_ehs", "beat", "--loglevel", "CRITICAL", FAULTS_BEAT_FILE=file)

    def kill_web_workers(self) -> None:
        """Those that answer requests; gunicorn's master makes new ones."""
        for pid in self.web_workers():
            kill(pid)

    def web_workers(self) -> list[int]:
        return children(self.running["web"].pid)

    # --- its records ---

    def seed(self, number: int, kinds: Iterable[str] = KINDS) -> dict[str, Any]:
        return json.loads(self.run("-m", "scripts.faults.seed", str(number), ",".join(kinds)).splitlines()[-1])

    def people(self, seeded: dict[str, Any]) -> People:
        return People(self.port, seeded)

    @contextmanager
    def rows(self, role: str = "backup") -> Iterator[Any]:
        connection = psycopg2.connect(self.servers.postgres_url(role))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def one(self, query: str, values: list[Any] | None = None, role: str = "backup") -> Any:
        with self.rows(role) as cursor:
            cursor.execute(query, values)
            return (cursor.fetchone() or (None,))[0]

    def end_leases(self) -> None:
        """As if the time of every lease that was taken ten seconds ago had passed: the killed do not come back."""
        with self.rows("owner") as cursor:
            for table, minutes in LEASES.items():
                cursor.execute(
                    f"UPDATE {table} SET leased_until = now() WHERE leased_until > now() "  # noqa: S608 - fixed names
                    f"AND leased_until < now() + interval '{minutes} minutes' - interval '10 seconds'"
                )

    def is_one(self, query: str, record: str) -> bool:
        """Whether a query that counts finds one for this record."""
        return self.one(query, [record]) == 1

    def pass_leases(self, before: datetime) -> None:
        """As if the time of every lease had passed that was taken before this moment, and what is asked seldom due."""
        with self.rows("owner") as cursor:
            for table, minutes in LEASES.items():
                cursor.execute(
                    f"UPDATE {table} SET leased_until = now() WHERE leased_until > now() "  # noqa: S608 - fixed names
                    "AND leased_until < %s::timestamptz + make_interval(mins => %s)",
                    [before, minutes],
                )
        with self.queue() as client:
            client.delete(*(client.keys("*backup-asked*") or ["none"]))

    def send(self, task: str, *values: str) -> None:
        """Ask the worker for a task."""
        self.celery.send_task(task, list(values), queue="backup" if task.endswith("back_up") else "celery")

    @cached_property
    def celery(self) -> Celery:
        return Celery(broker=self.servers.redis_url(), set_as_current=False)

    def make(self, kind: str, seeded: dict[str, Any], argument: str = "") -> str:
        """A piece of work for the worker (`scripts.faults.work`)."""
        maker = self.maker
        if maker is None or maker.poll() is not None:
            maker = self.maker = subprocess.Popen(  # noqa: S603 - a fixed command
                [sys.executable, "-m", "scripts.faults.work", json.dumps({**seeded, "writes": []})],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=(self.folder / "maker.log").open("ab"),
                text=True,
            )
        if maker.stdin is None or maker.stdout is None:
            raise RuntimeError("what makes the work cannot be asked")
        maker.stdin.write(json.dumps([kind, argument]) + "\n")
        maker.stdin.flush()
        if not (line := maker.stdout.readline()):
            raise RuntimeError(f"no {kind} could be made: {(self.folder / 'maker.log').read_text()[-600:]}")
        return json.loads(line)

    def queue(self) -> redis.Redis:
        return self.servers.valkey()

    def queue_is_gone(self) -> bool:
        try:
            with self.queue() as client:
                client.ping()
        except redis.RedisError:
            return True
        return False

    def until(self, well: Callable[[], Any], otherwise: str, seconds: float = UP_SECONDS) -> None:
        """Wait for something that comes soon. Raises RuntimeError with `otherwise` when it does not."""
        end = time.monotonic() + seconds
        while not well():
            if time.monotonic() > end:
                raise RuntimeError(otherwise)
            time.sleep(0.1)
