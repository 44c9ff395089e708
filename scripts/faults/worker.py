"""Faults that the worker meets: killed in each task, two beats, a mail server that hangs, a full disk, the clock."""

import json
import re
import time
from collections.abc import Callable
from functools import partial

from scripts.faults.site import FAKETIME, Site
from scripts.faults.trial import UNSENT, Trial, judge_mails, mails

# Tasks that look for their work themselves: killed anywhere, the next one finds what is left.
LOOKING = (
    "cluster_ehs.core.sweep",
    "monitoring.start_due_reports",
    "monitoring.check_quality",
    "triage.tell_of_long_waits",
    "outcomes.tell_of_survey_reminders",
    "families.make_previews",
)
REPORTED = "SELECT count(*) FROM monitoring_reportrun WHERE id = %s AND status = 'done'"
IMPORTED = "SELECT count(*) FROM imports_importrun WHERE id = %s AND status = 'done'"
# A Sunday night: at one o'clock the clocks of Leeds go to two.
BEFORE_SUMMER = "@2027-03-28 00:59:50"


class NotChecked(Exception):
    """Something that this machine does not have is needed for it."""


def _there(site: Site, query: str, record: str, *, end_leases: bool = False) -> bool:
    if end_leases:
        site.end_leases()
    return site.one(query, [record]) == 1


def _send(trial: Trial, task: str, queue: str = "celery") -> None:
    code = f"from cluster_ehs.celery import app; app.send_task({task!r}, queue={queue!r})"
    trial.site.run("-c", f"import django; django.setup(); {code}")


def _killed(trial: Trial, begun: Callable[[], None], done: Callable[[], bool], words: str, within: float) -> None:
    """Work is begun, the worker is killed in the middle of it, another one ends it."""
    site = trial.site
    if "worker" not in site.running:
        site.start_worker()
    begun()
    time.sleep(trial.rng.uniform(0, within))
    site.stop("worker", hard=True)
    # What the killed one had taken is handed out again after the queue's own time; the sweep does not wait for it.
    site.start_worker()

    def well() -> bool:
        site.end_leases()
        return done()

    trial.result.runs += 1
    trial.result.acknowledged += 1
    try:
        site.until(well, words)
    except RuntimeError as error:
        trial.result.wrong.append(str(error))
    else:
        trial.result.found += 1


def worker_killed(trial: Trial) -> None:
    """In the middle of a report, an import, mails, and each task that looks for its work."""
    site = trial.site
    seeded = json.dumps(trial.people.seeded)
    site.start_beat()
    site.start_worker()
    for number in range(trial.runs):
        report = site.run("-m", "scripts.faults.work", "report", seeded).strip().strip('"')
        _killed(trial, lambda: None, partial(_there, site, REPORTED, report), "a report was never made", 2)
        with site.rows() as cursor:
            cursor.execute(
                "SELECT count(*), count(DISTINCT kind) FROM monitoring_reportfile WHERE run_id = %s", [report]
            )
            each, kinds = cursor.fetchone()
        trial.result.twice += each != kinds

        run, mark = site.run("-m", "scripts.faults.work", "sheet", seeded).strip().strip('"').split()
        _killed(trial, lambda: None, partial(_there, site, IMPORTED, run), "a sheet was never brought in", 2)
        brought = site.one("SELECT count(*) FROM families_person WHERE first_name LIKE 'C' || %s || '%%'", [mark])
        if brought != 60:
            trial.result.wrong.append(f"of 60 rows of a sheet {brought} are there")

        made = mails(trial, 20)
        _killed(trial, lambda: None, lambda: True, "", 2.5)
        judge_mails(trial, made)

        task = LOOKING[number % len(LOOKING)]
        _killed(trial, partial(_send, trial, task), lambda: site.one(UNSENT) == 0, f"{task}: not ended", 1)


def two_beats(trial: Trial) -> None:
    """Two beats and two workers at once: each mail goes once, each report and each back-up is made once."""
    site = trial.site
    site.start_worker()
    site.start_worker("worker2")
    site.start_beat()
    site.start_beat("beat2")
    for _ in range(trial.runs):
        made = mails(trial, 10)
        # Two at once from the beginning, whatever the beats do.
        _send(trial, "cluster_ehs.core.sweep")
        site.until(lambda: site.one(UNSENT) == 0, "mails were not sent")
        trial.result.runs += 1
        judge_mails(trial, made)
    for query in (
        "SELECT count(*) - count(DISTINCT (schedule_id, report, due_on, audience)) FROM monitoring_reportrun "
        "WHERE schedule_id IS NOT NULL",
        "SELECT count(*) - count(DISTINCT seq) FROM core_seal",
    ):
        trial.result.twice += site.one(query)


def mail_hangs(trial: Trial) -> None:
    """The mail server takes the line and says nothing: pages answer as ever, mails go when it is back, each once."""
    site = trial.site
    site.start_web()
    site.start_worker()
    site.start_beat()
    for _ in range(trial.runs):
        site.mail.hangs.set()
        made = mails(trial, 3)
        trial.during(lambda: time.sleep(trial.rng.uniform(0, 5)), trial.next(), within=0.5)
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
    """A worker without room for its scratch files makes the report when there is room again, once."""
    site = trial.site
    seeded = json.dumps(trial.people.seeded)
    tried = "SELECT count(*) FROM monitoring_reportrun WHERE id = %s AND tries > 0"
    for _ in range(trial.runs):
        site.start_worker(largest_file=16 * 1024)
        report = site.run("-m", "scripts.faults.work", "report", seeded).strip().strip('"')
        site.until(partial(_there, site, tried, report), "the report was never tried")
        site.stop("worker", hard=True)
        _killed(trial, lambda: _send(trial, "cluster_ehs.core.sweep"), lambda: True, "", 0.5)
        site.start_beat()
        site.until(partial(_there, site, REPORTED, report, end_leases=True), "the report was never made")
        site.stop("beat", hard=True)
        site.stop("worker", hard=True)


def summer_time(trial: Trial) -> None:
    """While people write the clocks go from one to two: nothing is lost, and what is due once a day is done once."""
    if not FAKETIME.is_file():
        raise NotChecked("libfaketime is not installed (Debian package: libfaketime)")
    site = trial.site
    for _ in range(trial.runs):
        site.clock = BEFORE_SUMMER
        try:
            site.start_web()
            site.start_worker()
            site.start_beat()
            made = mails(trial, 3)
            trial.during(lambda: None, trial.next() + trial.next(), within=15)
            judge_mails(trial, made)
            for name in ("beat", "worker", "web"):
                site.stop(name, hard=True)
        finally:
            site.clock = ""
