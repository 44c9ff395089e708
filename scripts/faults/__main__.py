"""`make faults`. See `scripts/faults/__init__.py`."""

import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from scripts.faults import web, worker
from scripts.faults.people import Count
from scripts.faults.site import Site
from scripts.faults.table import Result, table
from scripts.faults.trial import Trial

USUAL = 50
# What each is called, what does it, and how often when that is not the usual.
FAULTS: dict[str, tuple[Callable[[Trial], None], int]] = {
    "web-killed": (web.web_killed, USUAL),
    "database-restarted": (web.database_restarted, USUAL),
    "link-delayed": (web.link_delayed, USUAL),
    "link-reset": (web.link_reset, USUAL),
    "link-silent": (web.link_silent, USUAL),
    "redis-gone-a-second": (lambda trial: web.redis_gone(trial, 1), USUAL),
    "redis-gone-a-minute": (lambda trial: web.redis_gone(trial, 60), 5),
    "redis-gone-an-hour": (lambda trial: web.redis_gone(trial, 3600), 1),
    "redis-emptied": (web.redis_emptied, USUAL),
    "worker-killed": (worker.worker_killed, USUAL),
    "two-beats": (worker.two_beats, USUAL),
    "mail-hangs": (worker.mail_hangs, USUAL),
    "disk-full-uploading": (web.disk_full_uploading, USUAL),
    "disk-full-reporting": (worker.disk_full_reporting, USUAL),
    "disk-full-backing-up": (worker.disk_full_backing_up, USUAL),
    "summer-time": (worker.summer_time, USUAL),
}


def run(name: str, runs: int, seed: int, prepare: Callable[[Site], None] | None = None) -> Result:
    """One fault on a site of its own. What goes wrong on the way is a finding, not an end of everything."""
    begin = time.monotonic()
    try:
        site = Site(prepare)
    except Exception as error:
        return Result(name, not_checked=f"no site: {error}")
    try:
        if name == "summer-time":
            site.clock = worker.BEFORE_SUMMER
        seeded = site.seed(runs * 2 + 4)
        site.clock = ""
        result = on(site, seeded, name, runs, seed)
    except Exception as error:
        result = Result(name, wrong=[f"it could not be begun: {type(error).__name__}: {error}"])
    finally:
        site.end()
    result.seconds = time.monotonic() - begin
    return result


def on(site: Site, seeded: dict[str, Any], name: str, runs: int, seed: int) -> Result:
    """One fault on a site that is there. Writes that it has used are taken out of `seeded`."""
    result, writes = Result(name), defaultdict(list)
    for write in seeded["writes"]:
        writes[write["kind"]].append(write)
    trial = Trial(site, runs, random.Random(seed), site.people(seeded), writes, result, Count())  # noqa: S311
    try:
        FAULTS[name][0](trial)
        trial.judge()
    except worker.NotChecked as why:
        result.not_checked = str(why)
    except Exception as error:
        result.wrong.append(f"it could not be ended: {type(error).__name__}: {error}")
    finally:
        for part in list(site.running):
            site.stop(part, hard=True)
        seeded["writes"] = [write for left in writes.values() for write in left]
    return result


def main() -> int:
    asked = [name for name in os.environ.get("FAULTS", "").replace(",", " ").split() if name]
    if asked == ["list"]:
        print("\n".join(FAULTS))
        return 0
    unknown = set(asked) - FAULTS.keys()
    if unknown:
        print(f"There is no fault {', '.join(sorted(unknown))}. FAULTS=list says which there are.", file=sys.stderr)
        return 2
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"SEED={seed}", flush=True)
    # Told to stop, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    results = []
    for name in asked or FAULTS:
        runs = int(os.environ.get("RUNS") or FAULTS[name][1])
        print(f"{name}, {min(runs, FAULTS[name][1])} times …", flush=True)
        results.append(run(name, min(runs, FAULTS[name][1]), seed))
        print(table(results[-1:]), flush=True)
    print("\n" + table(results))
    return 0 if all(result.well for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
