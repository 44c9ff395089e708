"""`make faults`. See `scripts/faults/__init__.py`."""

import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from scripts.faults import record, tasks, web, worker
from scripts.faults.people import Count
from scripts.faults.site import KINDS, Site
from scripts.faults.table import Result, table
from scripts.faults.trial import Trial

USUAL = 50
# Writes beyond those of the runs: some runs meet nothing and are made again.
SPARE = 24


@dataclass(frozen=True)
class Fault:
    """make: does it. usual: how often. writes: of each of the kinds so many for each run."""

    make: Callable[[Trial], None]
    usual: int = USUAL
    kinds: tuple[str, ...] = KINDS
    writes: int = 2


OF_THE_WORKER = "worker-killed/"
FAULTS: dict[str, Fault] = {
    "web-killed": Fault(web.web_killed, kinds=web.ALL),
    "database-restarted": Fault(web.database_restarted, writes=3),
    "link-delayed": Fault(web.link_delayed),
    "link-reset": Fault(web.link_reset),
    "link-half-open": Fault(web.link_silent),
    "redis-gone-a-second": Fault(lambda trial: web.redis_gone(trial, 1)),
    "redis-gone-a-minute": Fault(lambda trial: web.redis_gone(trial, 60), 5),
    "redis-gone-an-hour": Fault(lambda trial: web.redis_gone(trial, 3600), 1),
    "redis-emptied": Fault(web.redis_emptied),
    **{
        OF_THE_WORKER + task: Fault(partial(tasks.killed_in, task=task), kinds=("draft",), writes=0)
        for task in sorted(tasks.WORK)
    },
    "two-beats": Fault(worker.two_beats, kinds=("draft",), writes=0),
    "mail-hangs": Fault(worker.mail_hangs),
    "disk-full-uploading": Fault(web.disk_full_uploading, writes=3),
    "disk-full-reporting": Fault(worker.disk_full_reporting, kinds=("draft",), writes=0),
    "disk-full-backing-up": Fault(worker.disk_full_backing_up, kinds=("draft",), writes=0),
    "summer-time": Fault(worker.summer_time, writes=3),
}


def run(name: str, runs: int, seed: int, site: Site) -> Result:
    """One fault on a site made new. What goes wrong on the way is a finding, not an end of everything."""
    begin = time.monotonic()
    fault = FAULTS[name]
    try:
        site.renew()
        site.clock = worker.before_summer(worker.LAST_SECONDS) if name == "summer-time" else ""
        seeded = site.seed(runs * fault.writes + SPARE, fault.kinds)
        site.clock = ""
        result = on(site, seeded, name, runs, seed)
    except Exception as error:
        result = Result(name, runs, wrong=[f"it could not be begun: {type(error).__name__}: {error}"])
    result.seconds = time.monotonic() - begin
    return result


def on(site: Site, seeded: dict[str, Any], name: str, runs: int, seed: int) -> Result:
    """One fault on a site that is there. Writes that it has used are taken out of `seeded`."""
    result, writes = Result(name, runs), defaultdict(list)
    for write in seeded["writes"]:
        writes[write["kind"]].append(write)
    trial = Trial(site, runs, random.Random(seed), site.people(seeded), writes, result, Count())  # noqa: S311
    try:
        FAULTS[name].make(trial)
        trial.judge()
    except worker.NotChecked as why:
        result.not_checked = str(why)
    except Exception as error:
        result.wrong.append(f"it could not be ended: {type(error).__name__}: {error}")
    finally:
        site.stop_all()
        seeded["writes"] = [write for left in writes.values() for write in left]
    if result.runs < runs and not result.not_checked:
        result.not_checked = f"it met work in {result.runs} of {runs} runs"
    return result


def named(words: str) -> list[str]:
    """The faults that are asked for; `worker-killed` is each of the worker's. Raises KeyError for one there is not."""
    found: list[str] = []
    for word in words.replace(",", " ").split():
        some = [name for name in FAULTS if name == word or name.startswith(f"{word}/")]
        if not some:
            raise KeyError(word)
        found += some
    return found or list(FAULTS)


def main() -> int:
    words = os.environ.get("FAULTS", "")
    if words == "list":
        print("\n".join(FAULTS))
        return 0
    if words == "page":
        record.write({name: fault.usual for name, fault in FAULTS.items()})
        return 0
    try:
        asked = named(words)
    except KeyError as unknown:
        print(f"There is no fault {unknown}. FAULTS=list says which there are.", file=sys.stderr)
        return 2
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"SEED={seed}", flush=True)
    # Told to stop, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    results = []
    site = Site()
    try:
        for name in asked:
            runs = min(int(os.environ.get("RUNS") or USUAL), FAULTS[name].usual)
            print(f"{name}, {runs} times …", flush=True)
            results.append(run(name, runs, seed, site))
            record.keep(results[-1], FAULTS[name].usual, seed)
            print(table(results[-1:]), flush=True)
    finally:
        site.end()
    record.write({name: fault.usual for name, fault in FAULTS.items()})
    print("\n" + table(results))
    return 0 if all(result.well for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
