"""A real process that imports and is killed in the middle; another one ends the work, with nothing twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from cluster_ehs.core.scope import NamedActor, acting_as
from imports import running, services
from imports.models import ImportRun, RejectedRow
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_
from tests.imports.sheets import a_row, write_csv

ROOT = Path(__file__).parents[2]
ROWS = 400
CODE = """
import sys, uuid, django
django.setup()
from imports import engine, running
engine.BATCH = 25
running.run_import(uuid.UUID(sys.argv[1]), int(sys.argv[2]))
"""


def start(run: ImportRun) -> subprocess.Popen[bytes]:
    name = connection.settings_dict["NAME"]
    env = {
        **os.environ,
        "DATABASE_URL": configured.DATABASE_URL.rpartition("/")[0] + "/" + name,
        "DATABASE_OWNER_URL": configured.DATABASE_OWNER_URL.rpartition("/")[0] + "/" + name,
        "REDIS_URL": configured.REDIS_URL,
        "FILES_ROOT": str(configured.FILES_ROOT),
        "DJANGO_SETTINGS_MODULE": "cluster_ehs.settings",
    }
    return subprocess.Popen([sys.executable, "-c", CODE, str(run.pk), str(run.cluster_id)], cwd=ROOT, env=env)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_taken_up_again_every_row_is_settled_once(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    rows = [a_row(reference=f"K{n}", child_first_name=f"Child {n}", address=f"{n} Row") for n in range(ROWS)]
    for n in range(7, ROWS, 40):
        rows[n]["received"] = "soon"
    content = write_csv(tmp_path / "s.csv", rows).read_bytes()
    with as_(cast.leader):
        run = services.receive_file(
            by=cast.leader, cluster=cast.cluster, file=SimpleUploadedFile("s.csv", content), by_address=True
        )
        ImportRun.objects.update(status=ImportRun.Status.QUEUED)

    def now() -> ImportRun:
        with as_(cast.leader):
            return ImportRun.objects.get()

    process = start(run)
    end = time.monotonic() + 60
    while now().done_rows == 0:
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = now()
    assert left.status == "running"
    assert 0 < left.done_rows < ROWS, "the process was killed too late for this test to say anything"
    # While the dead one's lease holds, nobody touches its work; then it goes on.
    assert running.run_import(run.pk, run.cluster_id) is False
    with acting_as(NamedActor.IMPORTER, clusters=[run.cluster_id]):
        ImportRun.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert start(run).wait(timeout=120) == 0
    done = now()
    assert (done.status, done.done_rows, done.added, done.known, done.rejected) == ("done", ROWS, 390, 0, 10)
    with as_(cast.leader):
        assert Referral.objects.filter(reference__startswith="K").count() == 390
        assert len({row.row_number for row in RejectedRow.objects.all()}) == RejectedRow.objects.count() == 10
