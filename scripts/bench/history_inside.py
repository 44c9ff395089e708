"""The measure of `scripts.bench.history`, in a process whose settings point to the database made for it."""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scripts.bench.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from cluster_ehs.core import chain  # noqa: E402
from cluster_ehs.core.db import as_owner  # noqa: E402
from cluster_ehs.core.scope import NamedActor, acting_as  # noqa: E402
from clusters.models import Cluster  # noqa: E402
from families.models import Family, Flag  # noqa: E402
from scripts.bench import marked  # noqa: E402

BATCH = 500
SINGLE = 200
# A write with all of the history, against one with none.
BUDGET = 1.5


def timed(work: Callable[[], object]) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


class Writing:
    def __init__(self) -> None:
        self.cluster = Cluster.objects.create(name="Bench", prefix="BE")
        with acting_as(NamedActor.IMPORTER, clusters=[self.cluster.pk]):
            self.family = Family.objects.create(cluster=self.cluster, reference="BE-F1", name="Bench")

    def rows(self, number: int) -> list[Flag]:
        text = "The dog is shut in when somebody rings before"
        return [Flag(cluster=self.cluster, family=self.family, kind="other", text=text) for _ in range(number)]

    def one(self) -> None:
        with acting_as(NamedActor.IMPORTER, clusters=[self.cluster.pk]):
            self.rows(1)[0].save(force_insert=True)

    def many(self, number: int) -> None:
        for _ in range(max(1, number // BATCH)):
            with acting_as(NamedActor.IMPORTER, clusters=[self.cluster.pk]):
                Flag.objects.bulk_create(self.rows(BATCH))

    def singles(self) -> tuple[float, float, float]:
        """Milliseconds of one write: what the quickest tenth stays within, the middle, what 95 of 100 stay within."""
        times = sorted(timed(self.one) * 1000 for _ in range(SINGLE))
        return quantiles(times, n=10)[0], median(times), quantiles(times, n=20)[-1]


def trigger(on: bool) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE families_flag {'ENABLE' if on else 'DISABLE'} TRIGGER history")


def sealing(stop: threading.Event) -> None:
    while not stop.wait(1):
        chain.seal()
    connection.close()


def weight() -> str:
    names = ("core_change", "core_link", "core_seal")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'pg_total_relation_size({name!r})' for name in names)}")
        return ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in zip(names, cursor.fetchone(), strict=True))


def run(entries: int) -> None:
    settings.AUDIT_HEADS = Path(tempfile.mkdtemp()) / "heads.jsonl"
    writing, half = Writing(), max(BATCH, entries // 2)
    writing.singles()
    quick, empty, empty_95 = writing.singles()
    print(f"One write, no history yet: middle {empty:.1f} ms, 95 of 100 within {empty_95:.1f} ms", flush=True)
    trigger(on=False)
    bare = timed(lambda: writing.many(half))
    trigger(on=True)
    print(f"Rows a second without history: {half / bare:,.0f}")
    alone = timed(lambda: writing.many(half))
    print(f"with history: {half / alone:,.0f}")
    print(f"Seal of {half:,} entries: {timed(chain.seal):.1f} s")
    stop = threading.Event()
    beside = threading.Thread(target=sealing, args=[stop])
    beside.start()
    both = timed(lambda: writing.many(half))
    stop.set()
    beside.join()
    print(f"Rows a second with history, sealed each second beside it: {half / both:,.0f}")
    chain.seal()
    still, full, full_95 = writing.singles()
    # By the quickest tenth: the others tell how busy the machine was.
    ratio = still / quick
    print(f"One write, {2 * half:,} entries: middle {full:.1f} ms, 95 of 100 within {full_95:.1f} ms")
    print(f"That is {ratio:.2f} times by the quickest tenth; the budget is {BUDGET}.")
    chain.seal()
    with as_owner():
        found: list[chain.Finding] = []
        took = timed(lambda: found.extend(chain.verify()))
    if found:
        raise SystemExit(f"The history is not whole: {found[0]}")
    print(f"Check of everything: {took:.1f} s")
    print(f"On disk: {weight()}")
    marked.put(
        "history",
        f"On {date.today():%-d %B %Y} on {os.cpu_count()} cores, {2 * half:,} entries. One write takes "  # noqa: DTZ011
        f"{empty:.1f} ms with no history and {full:.1f} ms\nwith all of it (95 of 100 within {empty_95:.1f} and "
        f"{full_95:.1f} ms; {ratio:.2f} times by the quickest tenth, whom no other work held up).\n"
        f"Rows a second, 500 in a transaction: {half / bare:,.0f} without history, {half / alone:,.0f} with it, "
        f"{half / both:,.0f} while it is sealed beside.\nThe check of everything took {took:.0f} s. On disk: "
        f"{weight()}.",
    )
    if ratio > BUDGET:
        raise SystemExit(f"Over the budget of {BUDGET} times.")


if __name__ == "__main__":
    run(int(sys.argv[1]))
