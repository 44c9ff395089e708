"""A report and a real worker that is killed in the middle of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from cluster_ehs.core.models import Message
from monitoring import report_files, schedules
from monitoring.models import ReportFile, ReportRun
from tests.fixtures_cast import Cast, as_

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
