"""A report and a real worker that is killed in the middle of it."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.models import Message
from monitoring import report_files, report_mail, reports, schedules
from monitoring.models import ReportFile, ReportRun
from tests.fixtures_cast import Cast, as_, sign_in

ROOT = Path(__file__).parents[2]
QUEUE = f"reports-of-test-{os.getpid()}"


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker of its own on the tests' database and queue; killed at the end, children too."""
    address = settings.DATABASE_URL.rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    owner = settings.DATABASE_OWNER_URL.rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "cluster_ehs",
            "worker",
            "-Q",
            QUEUE,
            "--concurrency",
            "1",
            "-l",
            "WARNING",
        ],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address, "DATABASE_OWNER_URL": owner, "REDIS_URL": settings.REDIS_URL},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until(true: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_restarted_and_delivered_twice_it_ends_in_one_report(cast: Cast) -> None:
    with as_(cast.manager):
        schedule = schedules.save_schedule(
            by=cast.manager,
            schedule=None,
            name="Monthly monitoring",
            clusters=[cast.cluster],
            recipients=[cast.manager],
            day_of_month=1,
        )
    [run] = schedules.start_due_reports()
    assert schedules.start_due_reports() == []

    def now() -> ReportRun:
        return ReportRun.objects.get(pk=run.pk)

    def deliver() -> None:
        current_app.send_task("monitoring.make_report", [str(run.pk)], queue=QUEUE)

    with worker() as first:
        deliver()
        until(lambda: now().step != "")
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert now().status == ReportRun.Status.RUNNING, "the worker was killed too late for this test to say anything"
    kept = now().snapshot
    assert kept is not None
    # The lease of the dead worker ends; the sweep and the broker both hand the run out again.
    ReportRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    with worker():
        deliver()
        deliver()
        until(lambda: now().status == ReportRun.Status.DONE)
        deliver()
        time.sleep(1)
    assert ReportRun.objects.filter(schedule=schedule).count() == 1
    assert now().snapshot == kept
    assert sorted(ReportFile.objects.filter(run=run).values_list("kind", flat=True)) == sorted(report_files.KINDS)
    assert Message.objects.filter(key__startswith=f"report:{run.pk}").count() == 1


def killed_at(step: str, run_pk: uuid.UUID) -> None:
    """A process of its own that begins the report and is killed at a step."""
    connection.close()
    child = os.fork()
    if child == 0:

        def die(*_args: object) -> bytes:
            os.kill(os.getpid(), signal.SIGKILL)
            return b""

        try:
            if step == "snapshot":
                reports.take_snapshot = die  # type: ignore[assignment]
            elif step == "mail":
                report_mail.tell_readers = die  # type: ignore[assignment]
            else:
                report_files.BUILDERS[step] = die
            reports.make_report(run_pk)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, step


@pytest.mark.django_db(transaction=True)
def test_killed_at_each_step_it_still_ends_in_one_report(cast: Cast) -> None:
    """While the figures are counted, while each file is made, and in the transaction that ends it."""
    with as_(cast.manager):
        schedules.save_schedule(
            by=cast.manager,
            schedule=None,
            name="Waiting lists",
            reports=["waiting"],
            clusters=[cast.cluster],
            recipients=[cast.manager],
        )
    [run] = schedules.start_due_reports()
    kept = None
    for number, step in enumerate(("snapshot", *report_files.KINDS, "mail")):
        killed_at(step, run.pk)
        run.refresh_from_db()
        assert (run.status, run.files.count()) == ("running", max(number - 1, 0))
        assert kept in (None, run.snapshot)
        kept = run.snapshot
        assert reports.make_report(run.pk) is False, "its lease has not ended"
        assert not Message.objects.filter(key__startswith="report:").exists()
        ReportRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert reports.make_report(run.pk) is True
    run.refresh_from_db()
    assert run.status == "done" and run.snapshot == kept
    assert sorted(run.files.values_list("kind", flat=True)) == sorted(report_files.KINDS)
    assert Message.objects.filter(key__startswith="report:").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_start_one_run(cast: Cast) -> None:
    with as_(cast.manager):
        schedules.save_schedule(
            by=cast.manager, schedule=None, name="Waiting lists", clusters=[cast.cluster], recipients=[cast.manager]
        )
    together = threading.Barrier(2)

    def beat() -> int:
        try:
            together.wait()
            return len(schedules.start_due_reports())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(each.result() for each in [pool.submit(beat), pool.submit(beat)]) == [0, 1]
    assert ReportRun.objects.count() == 1


def test_a_full_disk_is_said_and_the_step_is_done_when_there_is_room(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_(cast.leader):
        run = reports.start_report(
            by=cast.leader,
            clusters=[cast.cluster],
            period_from=date(2026, 1, 1),
            period_to=date(2026, 6, 30),
            report="waiting",
        )

    def to_a_full_disk(of: ReportRun) -> bytes:
        with open("/dev/full", "wb", buffering=0) as full:
            full.write(b"figures")
        return b""

    with monkeypatch.context() as patched:
        patched.setitem(report_files.BUILDERS, "xlsx", to_a_full_disk)
        with pytest.raises(OSError, match="No space left"):
            reports.make_report(run.pk)
    run.refresh_from_db()
    assert (run.status, run.step) == ("running", "csv")
    page = sign_in(client, cast.leader).get(f"/reports/runs/{run.pk}/").content.decode()
    assert "A step failed" in page and "No space left on device" in page
    assert "Failed, tried again" in client.get("/reports/schedules/").content.decode()
    assert reports.make_report(run.pk) is False, "not before its time"
    ReportRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert reports.make_report(run.pk) is True
    run.refresh_from_db()
    assert (run.status, run.last_error, run.files.count()) == ("done", "", len(report_files.KINDS))
