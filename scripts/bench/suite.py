"""How long the report suite takes in the worker, and how much memory: `python -m scripts.bench.suite OUT.json`.

Every report with its PDF and XLSX, in a process of its own as a worker is, for one Cluster over a year and for all
Clusters over ten years, in the city of the environment.
"""

import json
import resource
import sys
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from cluster_ehs.core.scope import NamedActor, acting_as  # noqa: E402
from clusters.models import Cluster  # noqa: E402
from monitoring.shapes import Period  # noqa: E402
from monitoring.suite import REPORTS  # noqa: E402
from monitoring.suite.engine import snapshot_of  # noqa: E402
from monitoring.suite.files import build_pdf, build_xlsx  # noqa: E402
from monitoring.suite.shapes import Asked  # noqa: E402


def asked(clusters: list[Cluster], years: int) -> Asked:
    today = timezone.localdate()
    period = Period(date(today.year - years, today.month, 1), today)
    return Asked(tuple(c.pk for c in clusters), tuple(c.name for c in clusters), period, timezone.now())


def measure() -> dict[str, Any]:
    clusters = list(Cluster.objects.filter(retired_on__isnull=True))
    found: dict[str, Any] = {"reports": {}}
    for which, about in (("one", asked(clusters[:1], 1)), ("city", asked(clusters, 10))):
        for report in REPORTS:
            begin = perf_counter()
            with acting_as(NamedActor.FIGURES):
                snapshot = snapshot_of(report, about)
            counted = perf_counter()
            build_pdf(snapshot)
            build_xlsx(snapshot)
            whole = perf_counter() - begin
            found["reports"].setdefault(report.key, {})[which] = [counted - begin, whole]
            print(f"{report.key}, {which}: {counted - begin:.2f} s counted, {whole:.2f} s in all", flush=True)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most {found['memory']:.0f} MB", flush=True)
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(measure()))
