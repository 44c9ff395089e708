"""Faults that the worker meets: two beats, a mail server that hangs, a full disk, the clock."""

import re
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from cluster_ehs.core.backups import sealed
from scripts.faults.processes import limit_files
from scripts.faults.site import FAKETIME
from scripts.faults.trial import UNSENT, Trial, beyond, judge_mails, mails

# The whole of a day's work takes a while, so in one round of ten.
SELDOM, SCHEDULED = 10, 2
REPORTS_OF = "SELECT count(*) FROM monitoring_reportrun WHERE schedule_id = %s"
REPORTS_DONE = f"{REPORTS_OF} AND status = 'done'"
BACKED_UP = "SELECT count(*) FROM core_backup WHERE finished_at IS NOT NULL"
FAILED_OR_DONE = "SELECT count(*) FROM monitoring_reportrun WHERE id = %s AND (last_error <> '' OR status = 'done')"
FILES_TWICE = "SELECT count(*) - count(DISTINCT kind) FROM monitoring_reportfile WHERE run_id = %s"
# Longer than the log's pieces, shorter than what already lies there.
SMALL_DISK = 20 * 1024 * 1024
REPORTED = "SELECT count(*) FROM monitoring_reportrun WHERE id = %s AND status = 'done'"
# A Sunday night: at one o'clock the clocks of Leeds go to two. People write in the last seconds before it and after.
SUMMER = datetime(2027, 3, 28, 1, tzinfo=UTC)
LAST_SECONDS = 5.0


class NotChecked(Exception):
    """Something that this machine does not have is needed for it."""


def two_beats(trial: Trial) -> None:
    """Two beats and two workers at once: each mail goes once, each report and each back-up is made once."""
    site = trial.site
    target, key = site.folder / "backups", sealed.new_keys()[0]
    for worker in ("worker", "worker2"):
        site.start_worker(worker, queues="celery,backup", EHS_BACKUP_KEY=key, EHS_BACKUP_TARGET=str(target))
    site.start_beat()
    site.start_beat("beat2")
    for number in trial.rounds():
        made = mails(trial, 10)
        # What two beats ask for at the same moment of the day; the sweep they ask for by themselves.
        for task in ("cluster_ehs.core.sweep", "cluster_ehs.core.send_messages"):
            site.send(task)
            site.send(task)
        if number % SELDOM == 0:
            _daily_work_twice(trial)
        site.until(lambda: site.one(UNSENT) == 0, "mails were not sent")
        trial.result.runs += 1
        judge_mails(trial, made)
    backups = sum(path.suffix == ".backup" for path in target.iterdir())
    if backups != 1:
        trial.result.wrong.append(f"{backups} back-ups of one day")
    trial.result.twice += site.one("SELECT count(*) - count(DISTINCT seq) FROM core_seal")


def _daily_work_twice(trial: Trial) -> None:
    """A schedule that is due, and the back-up of the day, asked for twice."""
    site = trial.site
    schedule = site.make("schedule", trial.people.seeded)
    for task in ("monitoring.start_due_reports", "cluster_ehs.core.back_up"):
        site.send(task)
        site.send(task)
    trial.result.acknowledged += 1
    site.until(lambda: site.one(REPORTS_DONE, [schedule]) == SCHEDULED, "the reports of a schedule were not made")
    site.until(lambda: site.one(BACKED_UP) == 1, "the back-up of the day was not made")
    trial.result.found += 1
    trial.result.twice += site.one(REPORTS_OF, [schedule]) - SCHEDULED
    with site.rows("owner") as cursor:
        cursor.execute("UPDATE monitoring_schedule SET active = false WHERE id = %s", [schedule])


def mail_hangs(trial: Trial) -> None:
    """The mail server takes the line and says nothing: pages answer as ever, mails go when it is back, each once."""
    site = trial.site
    site.start_web()
    site.start_worker()
    site.start_beat()
    for _ in trial.rounds():
        site.mail.hangs.set()
        made = mails(trial, 3)
        site.send("cluster_ehs.core.send_messages")
        trial.during(
            lambda: time.sleep(trial.rng.uniform(1, 4)),
            trial.next(),
            within=0.5,
            struck=beyond(lambda: site.mail.hung),
        )
        site.mail.hangs.clear()
        judge_mails(trial, made)


def _backup(trial: Trial, **more: str) -> str:
    """The name of a back-up made now; raises RuntimeError with the words of one that failed."""
    said = trial.site.run("manage.py", "backup", **more)
    return (re.match(r"early-help-\S+\.backup", said) or [""])[0]


def disk_full_backing_up(trial: Trial) -> None:
    """A back-up for which there is no room says so, leaves nothing and hurts none of the earlier ones."""
    site = trial.site
    key, target = site.folder / "private.key", site.folder / "backups"
    made = site.run("manage.py", "backup", "--new-key", str(key))
    more = {"EHS_BACKUP_KEY": made.split()[0].partition("=")[2], "EHS_BACKUP_TARGET": str(target)}
    first = target / _backup(trial, **more)
    whole = first.read_bytes()
    for _ in range(trial.runs):
        room = trial.rng.randrange(1, len(whole) - 1)
        limited = (
            f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); "
            "from django.core.management import execute_from_command_line as run; run(['manage.py', 'backup'])"
        )
        try:
            site.run("-c", limited, **more)
        except RuntimeError as error:
            if "No back-up was made" not in str(error):
                trial.result.wrong.append(f"it does not say why: {str(error)[-200:]}")
        else:
            trial.result.wrong.append("a back-up without room was called made")
        if [path.name for path in target.iterdir()] != [first.name] or first.read_bytes() != whole:
            trial.result.wrong.append("the folder holds something else than the first back-up")
        trial.result.runs += 1
    trial.result.acknowledged = 1
    site.run("manage.py", "restore", str(first), "--key", str(key), "--check")
    trial.result.found = 1


def disk_full_reporting(trial: Trial) -> None:
    """The database has no room for what the worker has made; when there is room again the report is made, once."""
    site = trial.site
    site.start_worker()
    first = site.make("report", trial.people.seeded)
    site.until(lambda: site.one(REPORTED, [first]) == 1, "the first report was never made")
    # The files of the reports are made longer than the limit, which the log of changes (16 MB a piece) stays below.
    with site.rows("owner") as cursor:
        cursor.execute(
            "INSERT INTO monitoring_reportfile (run_id, kind, content, sha256, created_at) SELECT "
            "%s, 'fill', (SELECT string_agg(uuid_send(gen_random_uuid()), '') FROM generate_series(1, 1600000)), '', "
            "now()",
            [first],
        )
    server = int((site.servers.postgres_data / "postmaster.pid").read_text().split()[0])
    for _ in trial.rounds():
        with site.rows("owner") as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'early-help worker'")
            links = [pid for (pid,) in cursor.fetchall()]
        limit_files(SMALL_DISK, server, *links)
        report = site.make("report", trial.people.seeded)
        site.until(partial(site.is_one, FAILED_OR_DONE, report), "the report was never tried")
        struck = site.one(REPORTED, [report]) == 0
        trial.result.runs += struck
        trial.result.idle += not struck
        time.sleep(trial.rng.uniform(0, 1))
        with site.rows("owner") as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'early-help%%'")
            limit_files(0, server, *(pid for (pid,) in cursor.fetchall()))

        def well(pk: str = report) -> bool:
            site.pass_leases(datetime.now(UTC))
            if site.one(REPORTED, [pk]) == 1:
                return True
            site.send("cluster_ehs.core.sweep")
            time.sleep(1)
            return False

        site.until(well, "the report was never made")
        trial.result.acknowledged += 1
        trial.result.found += 1
        trial.result.twice += site.one(FILES_TWICE, [report])


def before_summer(seconds: float) -> str:
    """The clock of a process that begins so long before the change."""
    return f"@{SUMMER - timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def summer_time(trial: Trial) -> None:
    """While people write the clocks go from one to two: nothing is lost, and what is due once a day is done once."""
    if not FAKETIME.is_file():
        raise NotChecked("libfaketime is not installed (Debian package: libfaketime)")
    site, earlier = trial.site, 20.0
    for _ in trial.rounds():
        site.clock = before_summer(earlier)
        try:
            site.start_worker()
            site.start_beat()
            started = time.monotonic()
            site.start_web()
            made = mails(trial, 3)
            took = time.monotonic() - started
            left = max(0.0, earlier - took)
            time.sleep(max(0.0, left - LAST_SECONDS))
            writes, left = trial.next() + trial.next(), min(left, LAST_SECONDS)
            trial.during(lambda: None, writes, within=left + 2, struck=partial(bool, left))
            # A machine that is busy needs longer to begin.
            earlier = 1.5 * took + LAST_SECONDS
            judge_mails(trial, made)
            site.stop_all()
        finally:
            site.clock = ""
