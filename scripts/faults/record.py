"""What the runs came to, kept in build/faults.json, and the page docs/faults.md that is made of it.

Each fault keeps its latest result, so that the hours it takes can be run in pieces.
"""

import fcntl
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from scripts.faults.site import ROOT
from scripts.faults.table import Result

KEPT = Path(os.environ.get("FAULTS_KEPT") or ROOT / "build" / "faults.json")
PAGE = ROOT / "docs" / "faults.md"
HEAD = """\
# Faults, as tried

Written by `make faults` ({system}, {cores} cores shared with other work); each line is the latest run of its fault, and
its day and seed say which (`make faults FAULTS=name SEED=n`). A run counts when the fault met work: a request that had
to be sent again, a packet that was lost, a task that was under way. Others are idle, and are made again. What was
acknowledged must be found, once. A mail may go *again* where the worker was killed after the mail server took it and
before it could say so; both carry the same `Message-ID`, and no program can do better.

| fault | day | seed | runs | of | idle | acknowledged | found | twice | again | unclear | clear 503 | cut off | min |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""


def keep(result: Result, usual: int, seed: int) -> None:
    """Put the result in the place of the last one of its fault. usual: how often it is to be run."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with KEPT.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        kept = json.loads(file.read() or "{}")
        about = {"seed": seed, "usual": usual, "day": date.today().isoformat()}  # noqa: DTZ011
        kept[result.fault] = {**asdict(result), **about, "cores": os.cpu_count(), "system": platform.system()}
        file.truncate(0)
        file.write(json.dumps(kept, indent=1))


def write(usual: Mapping[str, int]) -> None:
    """The page, of the latest result of each fault that was ever run here. usual: how often each is to be run."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    PAGE.write_text(page(kept, usual))


def page(kept: dict[str, dict[str, Any]], usual: Mapping[str, int]) -> str:
    first = next(iter(kept.values()), {"system": platform.system(), "cores": os.cpu_count()})
    text = HEAD.format(system=first["system"], cores=first["cores"])
    missed = [f"- {name}: not run yet, {times} times are wanted" for name, times in usual.items() if name not in kept]
    for name in sorted(kept):
        of = kept[name]
        numbers = [of[key] for key in ("runs", "usual", "idle", "acknowledged", "found", "twice", "again")]
        numbers += [of["unclear"], of["clear"], of["cut"], round(of["seconds"] / 60)]
        text += f"| {name} | {of['day']} | {of['seed']} | " + " | ".join(map(str, numbers)) + " |\n"
        if of["not_checked"]:
            missed.append(f"- {name}: not checked: {of['not_checked']}")
        if of["runs"] < of["usual"]:
            missed.append(f"- {name}: run {of['runs']} times of {of['usual']}")
        if of["acknowledged"] != of["found"]:
            missed.append(f"- {name}: {of['acknowledged'] - of['found']} of what was acknowledged is not there")
        if of["twice"]:
            missed.append(f"- {name}: {of['twice']} things are there twice")
        missed += [f"- {name}: {words}" for words in of["wrong"][:5]]
    text += "\n" + ("## Missed\n\n" + "\n".join(missed) if missed else "Every goal was met.") + "\n"
    return text
