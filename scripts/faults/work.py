"""Work for the worker, made in the database of the environment: `python -m scripts.faults.work KIND [SITE]`.

Prints what was made, one line of JSON.
"""

import json
import sys
import uuid
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402

from cluster_ehs.core.scope import acting_as_user  # noqa: E402
from clusters.models import Cluster, User  # noqa: E402
from imports import services  # noqa: E402
from imports.models import ImportRun  # noqa: E402
from monitoring.reports import start_report  # noqa: E402
from tests.imports.sheets import a_row, write_csv  # noqa: E402

ROWS = 60


def report(site: dict[str, Any]) -> str:
    """A report that the leader asks for."""
    leader = User.objects.get(pk=site["leader"])
    with acting_as_user(leader.pk):
        clusters = list(Cluster.objects.filter(pk=site["cluster"]))
        run = start_report(by=leader, clusters=clusters, period_from=date(2026, 1, 1), period_to=date(2026, 3, 31))
    return str(run.pk)


def sheet(site: dict[str, Any]) -> str:
    """A sheet of sixty referrals, received and started."""
    leader, mark = User.objects.get(pk=site["leader"]), uuid.uuid4().hex[:8]
    rows = [a_row(reference=f"{mark}-{n}", child_first_name=f"C{mark}{n}", address=f"{n} Row") for n in range(ROWS)]
    with TemporaryDirectory() as folder:
        content = write_csv(Path(folder) / "s.csv", rows).read_bytes()
    file = SimpleUploadedFile("s.csv", content)
    with acting_as_user(leader.pk):
        run = services.receive_file(
            by=leader, cluster=Cluster.objects.get(pk=site["cluster"]), file=file, by_address=True
        )
        ImportRun.objects.filter(pk=run.pk).update(status=ImportRun.Status.QUEUED)
    services.run_soon(run.pk, run.cluster_id)
    return f"{run.pk} {mark}"


if __name__ == "__main__":
    print(json.dumps({"report": report, "sheet": sheet}[sys.argv[1]](json.loads(sys.argv[2]))))
