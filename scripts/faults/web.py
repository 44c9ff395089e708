"""Faults that people at a page meet: the web killed, the database gone, a spoiled link, a full disk."""

import time

from scripts.faults.proxy import Proxy
from scripts.faults.trial import EVERY_TIME, Trial, judge_mails, mails

ALL = ("referral", "contact", "decision", "closure", "draft", "document", "api")
SMALL_DISK = 64 * 1024


def web_killed(trial: Trial) -> None:
    """The process that answers is killed in the middle of each kind of write."""
    trial.site.start_web()
    for _ in range(trial.runs):
        trial.during(trial.site.kill_web_workers, trial.next(ALL), within=0.6)


def database_restarted(trial: Trial) -> None:
    """Stopped as an administrator does, or at once as a crash does, and started again."""
    site = trial.site
    site.start_web()

    def restart() -> None:
        site.servers.pg_ctl("stop", "-m", trial.rng.choice(["fast", "immediate"]), check=False)
        time.sleep(trial.rng.uniform(0, 1))
        site.servers.start(valkey=False)

    for _ in range(trial.runs):
        trial.during(restart, trial.next() + trial.next(), within=1.0)


def _through_a_proxy(trial: Trial, mode: str, lasts: float) -> None:
    site = trial.site
    target = int(site.servers.settings()["postgres_port"])
    proxy = Proxy(target, trial.rng)
    address = site.servers.postgres_url("app").replace(f":{target}/", f":{proxy.port}/")

    def spoil() -> None:
        proxy.mode = mode
        if mode == "reset":
            proxy.cut()
        time.sleep(trial.rng.uniform(lasts / 2, lasts))
        proxy.mode = "well"

    try:
        site.start_web(DATABASE_URL=address)
        for _ in range(trial.runs):
            trial.during(spoil, trial.next(), within=0.6)
        site.stop("web", hard=True)
    finally:
        proxy.end()


def link_delayed(trial: Trial) -> None:
    """Each packet between program and database takes up to 0.3 seconds."""
    _through_a_proxy(trial, "delay", 3)


def link_reset(trial: Trial) -> None:
    """Links to the database are reset in the middle of anything."""
    _through_a_proxy(trial, "reset", 1)


def link_silent(trial: Trial) -> None:
    """Links stay open and carry nothing, for longer than a web process waits."""
    _through_a_proxy(trial, "silent", 12)


def disk_full_uploading(trial: Trial) -> None:
    """Large files do not fit, small ones do; what did not fit leaves nothing behind, and fits later."""
    site = trial.site
    for _ in range(trial.runs):
        site.start_web(largest_file=SMALL_DISK)
        large = {**trial.writes["document"].pop(), "times": 8000}
        small = trial.next()
        trial.during(lambda: None, small, within=0.3)
        status, headers, text = trial.people.send(large)
        if status != 503 or not headers.get("retry-after") or "Try again in a moment" not in text:
            trial.result.wrong.append(f"a file that does not fit: {status}: {text[:100]}")
        else:
            trial.count.clear += 1
        named = site.one("SELECT count(*) FROM families_storedfile")
        there = sum(path.is_file() and "preview" not in path.name for path in (site.files / "families").rglob("*"))
        if named != there:
            trial.result.wrong.append(f"{there} files lie there, rows name {named}")
        site.stop("web", hard=True)
        site.start_web()
        trial.people.deliver(large, trial.count)
        site.stop("web", hard=True)


def redis_gone(trial: Trial, seconds: float) -> None:
    """The queue is away for a while: people go on writing, and what the worker is to do is done when it is back."""
    site = trial.site
    site.start_web()
    site.start_worker()
    site.start_beat()
    for _ in range(trial.runs):
        site.servers.stop_valkey()
        begin = time.monotonic()
        made = mails(trial, 3)
        trial.during(lambda: None, trial.next(EVERY_TIME), within=0.3)
        slow = time.monotonic() - begin
        if slow > 20:
            trial.result.wrong.append(f"without the queue four writes took {slow:.0f} s")
        time.sleep(max(0.0, seconds - slow))
        site.servers.start(postgres=False)
        judge_mails(trial, made)


def redis_emptied(trial: Trial) -> None:
    """The queue forgets everything it was told."""
    site = trial.site
    site.start_web()
    site.start_worker()
    site.start_beat()
    for _ in range(trial.runs):
        made = mails(trial, 3)

        def empty() -> None:
            with site.queue() as client:
                client.flushall()

        trial.during(empty, trial.next(), within=0.5)
        judge_mails(trial, made)
