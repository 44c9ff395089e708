"""The worker killed in the middle of each task that there is: what was begun is done afterwards, once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cluster_ehs.core.backups import restore, sealed
from scripts.faults.processes import alive, kill
from scripts.faults.site import Site
from scripts.faults.trial import UNSENT, Trial, mails
from tests.clusters.feed_server import Directory, serving

SWEEP = "cluster_ehs.core.sweep"
SERVICES = 12
# Of so many kills one takes the whole worker; the others the process that works, which the worker then starts anew.
WHOLE = 5
LONG_SECONDS = 30.0
SHORTER = 0.8
# Between two tasks that wait in the worker itself it looks idle for a moment.
AT_REST = 0.3


@dataclass(frozen=True)
class Work:
    """Something for a task to do.

    begin: makes it and answers with what it is found by. done: whether all of it is there. twice: how often more than
    once. of_itself: a task is sent for it by what makes it, and need not be sent by the run.
    """

    begin: Callable[["Scene"], str]
    done: Callable[["Scene", str], bool]
    twice: Callable[["Scene", str], int] = lambda scene, made: 0
    of_itself: bool = True


@dataclass
class Scene:
    """A trial, and what the tasks find in it. key: private, for the back-ups. mailed: of this round."""

    trial: Trial
    directory: Directory
    key: str
    target: Path
    mailed: list[str]

    @property
    def site(self) -> Site:
        return self.trial.site

    def make(self, kind: str, argument: str = "") -> str:
        return self.site.make(kind, self.trial.people.seeded, argument)

    def count(self, query: str, *values: Any) -> int:
        return int(self.site.one(f"SELECT count(*) {query}", list(values)))

    def change(self, statement: str, *values: Any) -> None:
        with self.site.rows("owner") as cursor:
            cursor.execute(statement, values)


def made_by(kind: str) -> Callable[[Scene], str]:
    return lambda scene: scene.make(kind)


def status_done(table: str, status: str = "done") -> Callable[[Scene, str], bool]:
    return lambda scene, made: scene.count(f"FROM {table} WHERE id = %s AND status = %s", made, status) == 1


def parts_twice(table: str, parent: str, part: str) -> Callable[[Scene, str], int]:
    query = f"SELECT count(*) - count(DISTINCT {part}) FROM {table} WHERE {parent} = %s"  # noqa: S608 - written here
    return lambda scene, made: int(scene.site.one(query, [made]))


def _mails(scene: Scene) -> str:
    scene.mailed[:] = mails(scene.trial, 20)
    return ""


def _all_mailed(scene: Scene, _: str) -> bool:
    return scene.site.one(UNSENT) == 0 and all(scene.site.mail.ids[each] for each in scene.mailed)


def _mailed_twice(scene: Scene, _: str) -> int:
    """One mail may have been on its way when the process was killed; it goes again under the same Message-ID."""
    again = sum(scene.site.mail.ids[each] - 1 for each in scene.mailed)
    scene.trial.result.again += min(again, 1)
    return max(0, again - 1)


def _sheet_is_in(scene: Scene, made: str) -> bool:
    run, _ = made.split()
    return scene.count("FROM imports_importrun WHERE id = %s AND status = 'done'", run) == 1


def _sheet_twice(scene: Scene, made: str) -> int:
    rows = scene.count("FROM families_person WHERE first_name LIKE 'C' || %s || '%%'", made.split()[1])
    if rows < 60:
        scene.trial.result.wrong.append(f"of 60 rows of a sheet {rows} are there")
    return max(0, rows - 60)


def _feed(scene: Scene) -> str:
    for number, service in enumerate(scene.directory.services):
        service["description"] = f"Tea at {scene.trial.rng.randrange(10**9)}, room {number}"
    return scene.make("feed", scene.directory.url)


def _feed_is_read(scene: Scene, made: str) -> bool:
    return (
        scene.count("FROM clusters_feedrun WHERE id = %s AND status = 'done' AND complete", made) == 1
        and scene.count("FROM clusters_directoryentry WHERE seen_in_id = %s", made) == SERVICES
    )


def _partners_twice(scene: Scene, _: str) -> int:
    return scene.count("FROM clusters_directoryentry") - SERVICES


def _copy_twice(scene: Scene, _: str) -> int:
    query = "SELECT coalesce(sum(c.entries), 0) - (SELECT count(*) FROM keeping_heldentry) FROM keeping_heldcopy c"
    return abs(int(scene.site.one(query))) + scene.count("FROM keeping_heldcopy") - 1


def _reports_started(scene: Scene, made: str) -> bool:
    return scene.count("FROM monitoring_reportrun WHERE schedule_id = %s AND status = 'done'", made) == 2


def _reports_twice(scene: Scene, made: str) -> int:
    """Each of the two reports once; the schedule is then at rest."""
    scene.change("UPDATE monitoring_schedule SET active = false WHERE id = %s", made)
    return scene.count("FROM monitoring_reportrun WHERE schedule_id = %s", made) - 2


def _quality_due(scene: Scene) -> str:
    scene.change("UPDATE monitoring_qualityscore SET checked_at = NULL, leased_until = NULL")
    return ""


def _quality_checked(scene: Scene, _: str) -> bool:
    return scene.count("FROM monitoring_qualityscore") == scene.count(
        "FROM monitoring_qualityscore WHERE checked_at IS NOT NULL"
    )


def _waits_told(scene: Scene, _: str) -> bool:
    return scene.count("FROM core_message WHERE key LIKE 'eight-weeks:%%'") > 0 and scene.site.one(UNSENT) == 0


def _long_wait(scene: Scene) -> str:
    scene.change("DELETE FROM core_message WHERE key LIKE 'eight-weeks:%%'")
    return scene.make("long_wait")


def _reminded(scene: Scene, made: str) -> bool:
    return scene.count("FROM core_message WHERE key LIKE %s", f"survey-reminder:{made}:%") > 0


def _reminded_twice(scene: Scene, made: str) -> int:
    """Each leader once; the survey is then at rest."""
    scene.change("UPDATE outcomes_survey SET ended_at = now() WHERE id = %s", made)
    return scene.count("FROM core_message WHERE key LIKE %s", f"survey-reminder:{made}:%") - 1


def _is_disposed_of(scene: Scene, made: str) -> bool:
    return scene.count("FROM keeping_disposal WHERE id = %s AND status = 'done'", made.split()[0]) == 1


def _left_of_a_disposal(scene: Scene, made: str) -> int:
    _, family, path = made.split()
    left = scene.count("FROM families_family WHERE id = %s", family) + (scene.site.files / path).exists()
    if left:
        scene.trial.result.wrong.append("something of a family is left after its disposal")
    return 0


def _preview_is_there(scene: Scene, made: str) -> bool:
    return scene.count("FROM families_previewjob WHERE path = %s", made) == 0


def _previews_wrong(scene: Scene, made: str) -> int:
    picture = scene.site.files / made
    found = {path.name for path in picture.parent.iterdir()}
    # The folder holds other pictures as well, whose names begin alike.
    pictures = {name for name in found if "." not in name}
    left = found - pictures - {f"{name}.preview.jpg" for name in pictures}
    if left or f"{picture.name}.preview.jpg" not in found:
        scene.trial.result.wrong.append(f"beside {picture.name} lie {sorted(found)}")
    return 0


def _backup_due(scene: Scene) -> str:
    scene.change("DELETE FROM core_backup")
    scene.target.mkdir(exist_ok=True)
    for path in scene.target.iterdir():
        path.unlink()
    return ""


def _backup_is_made(scene: Scene, _: str) -> bool:
    return scene.count("FROM core_backup WHERE finished_at IS NOT NULL") == 1


def _backups_twice(scene: Scene, _: str) -> int:
    """One file that is whole and named by the row; what a killed one left is called .part."""
    whole = [path for path in scene.target.iterdir() if path.suffix == ".backup"]
    for path in whole:
        restore.check(source=path, key=sealed.private_key(scene.key))
    if [path.name for path in whole] != [scene.site.one("SELECT name FROM core_backup")]:
        scene.trial.result.wrong.append(f"{len(whole)} back-ups lie there for one row")
    return max(0, len(whole) - 1)


# Each task that a worker has. A new one without a line here fails tests/faults.
WORK = {
    "cluster_ehs.core.sweep": Work(_mails, _all_mailed, _mailed_twice, of_itself=False),
    "cluster_ehs.core.send_messages": Work(_mails, _all_mailed, _mailed_twice, of_itself=False),
    "cluster_ehs.core.back_up": Work(_backup_due, _backup_is_made, _backups_twice, of_itself=False),
    "clusters.run_feed": Work(_feed, _feed_is_read, _partners_twice),
    "families.make_previews": Work(made_by("picture"), _preview_is_there, _previews_wrong, of_itself=False),
    "imports.run_import": Work(made_by("sheet"), _sheet_is_in, _sheet_twice),
    "keeping.dispose": Work(made_by("disposal"), _is_disposed_of, _left_of_a_disposal),
    "keeping.do_access_job": Work(made_by("copy_of_what_is_held"), status_done("keeping_accessjob"), _copy_twice),
    "monitoring.check_quality": Work(_quality_due, _quality_checked, of_itself=False),
    "monitoring.make_extract": Work(
        made_by("extract"),
        status_done("monitoring_extract"),
        lambda scene, made: scene.count("FROM monitoring_extractfile WHERE extract_id = %s", made) - 1,
    ),
    "monitoring.make_report": Work(
        made_by("report"), status_done("monitoring_reportrun"), parts_twice("monitoring_reportfile", "run_id", "kind")
    ),
    "monitoring.make_return": Work(
        made_by("statutory_return"),
        status_done("monitoring_returnrun"),
        parts_twice("monitoring_returnfile", "run_id", "name"),
    ),
    "monitoring.make_segments": Work(made_by("segments"), status_done("monitoring_needsegments")),
    "monitoring.start_due_reports": Work(made_by("schedule"), _reports_started, _reports_twice, of_itself=False),
    "outcomes.tell_of_survey_reminders": Work(made_by("survey_reminder"), _reminded, _reminded_twice, of_itself=False),
    "triage.tell_of_long_waits": Work(_long_wait, _waits_told, of_itself=False),
}


def at_task(site: Site, task: str) -> int:
    """The process that is at this task now; 0: none."""
    pid, _, name = (site.mark.read_text() if site.mark.exists() else "").partition(" ")
    return int(pid) if name == task else 0


def wait_for_task(site: Site, task: str, seconds: float = LONG_SECONDS) -> bool:
    end = time.monotonic() + seconds
    while not at_task(site, task):
        if time.monotonic() > end:
            return False
        time.sleep(0.0005)
    return True


def at_rest(site: Site) -> None:
    """Wait until the worker has done all that was sent: what was left of a round would do the next one's work."""
    since = time.monotonic()

    def quiet() -> bool:
        nonlocal since
        with site.queue() as queue:
            waiting = queue.llen("celery") + queue.llen("backup")
        pid, _, _ = site.mark.read_text().partition(" ")
        # Who was killed leaves its mark, also when there was nothing left to do.
        if waiting or (pid and alive(int(pid))):
            since = time.monotonic()
        return time.monotonic() - since > AT_REST

    site.until(quiet, "the worker never comes to rest")


def killed_in(trial: Trial, task: str) -> None:
    """The worker killed in the middle of one task, again and again."""
    site, work = trial.site, WORK[task]
    public, private = sealed.new_keys()
    target = site.folder / "backups"
    more = {"EHS_BACKUP_KEY": public, "EHS_BACKUP_TARGET": str(target)}
    with serving() as directory:
        directory.services = [
            {"id": f"s{n}", "name": f"Invented group {n}", "status": "active", "description": "Tea"}
            for n in range(SERVICES)
        ]
        scene = Scene(trial, directory, private, target, [])
        # The worker of another fault may have been killed at a task.
        site.mark.write_text("")
        site.start_worker(queues="celery,backup", **more)
        # Twice in peace: the second says how long it takes, once all is loaded; idle rounds tell that it is less.
        _round(scene, task, work, None, more)
        lasts = _round(scene, task, work, None, more)
        for number in trial.rounds():
            idle = trial.result.idle
            _round(scene, task, work, (lasts * trial.rng.uniform(0, 1), number % WHOLE == 0), more)
            lasts *= SHORTER if trial.result.idle > idle else 1
        site.stop("worker", hard=True)


def _round(scene: Scene, task: str, work: Work, how: tuple[float, bool] | None, more: dict[str, str]) -> float:
    """Begin, kill (how: after so many seconds, the whole worker or the process at work), and see that it is done.

    Answers with the seconds that the task took when it was not killed, else 0.
    """
    site, result = scene.site, scene.trial.result
    at_rest(site)
    made = work.begin(scene)
    if not work.of_itself:
        site.send(task)
    struck, taken = False, 0.0
    if wait_for_task(site, task):
        begin = time.monotonic()
        if how:
            time.sleep(how[0])
            struck = _kill(site, task, whole=how[1])
        else:
            while at_task(site, task) and time.monotonic() - begin < 120:
                time.sleep(0.0005)
            taken = time.monotonic() - begin
    if struck and "worker" not in site.running:
        site.start_worker(queues="celery,backup", **more)
    if struck:
        result.runs += 1
    elif how:
        result.idle += 1
    moment, asked = datetime.now(UTC), 0.0

    def well() -> bool:
        nonlocal asked
        if struck:
            site.pass_leases(moment)
        if work.done(scene, made):
            return True
        if time.monotonic() - asked > 2:
            # The sweep of the next minutes; and for what looks for its work itself, the next asking.
            site.send(SWEEP)
            if not work.of_itself:
                site.send(task)
            asked = time.monotonic()
        return False

    result.acknowledged += 1
    try:
        site.until(well, f"{task}: never ended")
    except RuntimeError as error:
        result.wrong.append(str(error))
    else:
        result.found += 1
        result.twice += max(0, work.twice(scene, made))
    return taken


def _kill(site: Site, task: str, *, whole: bool) -> bool:
    """Kill, if it is at this task; whether it was still at it when it died."""
    pid = at_task(site, task)
    if not pid:
        return False
    kill(pid)
    while alive(pid):
        time.sleep(0.001)
    struck = at_task(site, task) == pid
    if struck and whole:
        site.stop("worker", hard=True)
    return struck
