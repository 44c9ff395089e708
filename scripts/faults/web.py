"""Faults that people at a page meet: the web killed, the database gone, a spoiled link, a full disk."""

import time
from functools import partial
from typing import Any

from scripts.faults.processes import limit_files
from scripts.faults.proxy import Proxy
from scripts.faults.trial import EVERY_TIME, Trial, beyond, judge_mails, mails

ALL = ("referral", "contact", "decision", "closure", "draft", "document", "api")
REPORTED = "SELECT count(*) FROM monitoring_reportrun WHERE id = %s AND status = 'done'"
WAYS = ({"up"}, {"down"}, {"up", "down"})
SMALL_DISK = 64 * 1024


def web_killed(trial: Trial) -> None:
    """The process that answers is killed in the middle of each kind of write."""
    trial.site.start_web()
    for _ in trial.rounds():
        trial.during(trial.site.kill_web_workers, trial.next(ALL), within=0.6)


def database_restarted(trial: Trial) -> None:
    """Stopped as an administrator does, or at once as a crash does, and started again."""
    site = trial.site
    site.start_web()

    def restart() -> None:
        site.servers.pg_ctl("stop", "-m", trial.rng.choice(["fast", "immediate"]), check=False)
        time.sleep(trial.rng.uniform(0, 1))
        site.servers.start(valkey=False)

    for _ in trial.rounds():
        trial.during(restart, trial.next() + trial.next(), within=1.0)


def _through_a_proxy(trial: Trial, mode: str, lasts: float) -> None:
    site = trial.site
    target = int(site.servers.settings()["postgres_port"])
    proxy = Proxy(target, trial.rng)
    address = site.servers.postgres_url("app").replace(f":{target}/", f":{proxy.port}/")

    def spoil() -> None:
        proxy.deaf = trial.rng.choice(WAYS)
        proxy.mode = mode
        if mode == "reset":
            proxy.cut()
        time.sleep(trial.rng.uniform(lasts / 2, lasts))
        proxy.mode = "well"

    try:
        site.start_web(DATABASE_URL=address)
        for _ in trial.rounds():
            trial.during(spoil, trial.next(), within=0.6, struck=beyond(lambda: proxy.struck))
        site.stop("web", hard=True)
    finally:
        proxy.end()
    if mode == "silent" and not proxy.lost:
        trial.result.wrong.append("no answer of the database was lost on its way")


def link_delayed(trial: Trial) -> None:
    """Each packet between program and database takes up to 0.3 seconds."""
    _through_a_proxy(trial, "delay", 3)


def link_reset(trial: Trial) -> None:
    """Links to the database are reset in the middle of anything."""
    _through_a_proxy(trial, "reset", 1)


def link_silent(trial: Trial) -> None:
    """Half-open links: one way or both nothing arrives any more, and nobody is told; new ones too, for a while."""
    _through_a_proxy(trial, "silent", 3)


def disk_full_uploading(trial: Trial) -> None:
    """Large files do not fit, small ones do; what did not fit leaves nothing behind, and fits later."""
    site = trial.site
    site.start_web()
    for _ in trial.rounds():
        limit_files(SMALL_DISK, *site.web_workers())
        large = {**trial.writes["document"].pop(), "times": 8000}
        small = trial.next()
        refused: list[bool] = []

        def fill(large: dict[str, Any] = large, refused: list[bool] = refused) -> None:
            status, headers, text = trial.people.send(large)
            refused.append(status == 503 and bool(headers.get("retry-after")) and "Try again in a moment" in text)
            if not refused[-1]:
                trial.result.wrong.append(f"a file that does not fit: {status}: {text[:100]}")
            trial.count.clear += refused[-1]

        trial.during(fill, small, within=0.3, struck=partial(any, refused))
        named = site.one("SELECT count(*) FROM families_storedfile")
        there = sum(path.is_file() and "preview" not in path.name for path in (site.files / "families").rglob("*"))
        if named != there:
            trial.result.wrong.append(f"{there} files lie there, rows name {named}")
        limit_files(0, *site.web_workers())
        trial.people.deliver(large, trial.count)


def redis_gone(trial: Trial, seconds: float) -> None:
    """The queue is away for a while: people go on writing, and what the worker is to do is done when it is back."""
    site = trial.site
    site.start_web()
    site.start_worker()
    site.start_beat()
    # A long outage is written through from its beginning to its end, and a report is asked for in it.
    rounds = 1 if seconds < 60 else 2 if seconds < 3600 else 5
    for _ in range(trial.runs):
        site.servers.stop_valkey()
        begin, made, report = time.monotonic(), [], ""
        for number in range(rounds):
            time.sleep(max(0.0, begin + seconds * 0.95 * number / max(1, rounds - 1) - time.monotonic()))
            wrote = time.monotonic()
            made += mails(trial, 3)
            trial.during(lambda: None, trial.next(EVERY_TIME), within=0.3, struck=site.queue_is_gone)
            if (slow := time.monotonic() - wrote) > 20:
                trial.result.wrong.append(f"without the queue four writes took {slow:.0f} s")
            if rounds > 1 and number == 0:
                report = site.make("report", trial.people.seeded)
        # An outage counts once, however often it was written through.
        trial.result.runs -= rounds - 1
        time.sleep(max(0.0, begin + seconds - time.monotonic()))
        site.servers.start(postgres=False)
        judge_mails(trial, made)
        if report:
            site.until(partial(site.is_one, REPORTED, report), "a report was never made", 300)


def redis_emptied(trial: Trial) -> None:
    """The queue forgets everything it was told."""
    site = trial.site
    site.start_web()
    site.start_worker()
    site.start_beat()
    for _ in trial.rounds():
        made = mails(trial, 3)
        lost: list[int] = []

        def empty(lost: list[int] = lost) -> None:
            site.send("cluster_ehs.core.send_messages")
            site.send("cluster_ehs.core.send_messages")
            with site.queue() as client:
                lost.append(int(client.llen("celery")) + int(client.hlen("unacked")))
                client.flushall()

        trial.during(empty, trial.next(), within=0.5, struck=partial(any, lost))
        judge_mails(trial, made)
