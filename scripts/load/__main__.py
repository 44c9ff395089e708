"""`make load`. See `scripts/load/__init__.py`."""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import date
from typing import Any

from cluster_ehs.core import servers
from scripts.bench import databases

# Two years of the whole city at 5,200 referrals a year, the planning figure for 23 Clusters.
REFERRALS = 10_400
CITY = "load"
OUT = databases.ROOT / "build" / "load.json"
RECOVERS_WITHIN = 60
HEAD = """\
# Many people at once, as measured

By `make load` on {day}: {cores} cores, {system}; gunicorn with two workers of four threads, worker, beat, database,
queue and the people themselves on the same machine. A city of {referrals:,} referrals in 23 Clusters.

| | people | asked | a second | p50 ms | p95 ms | longest ms | 503 with a time to try again | wrong |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""
ROWS = {"usual": ("ten minutes", 100), "overload": ("three times as many", 300), "afterwards": ("again", 100)}


def missed(found: dict[str, Any]) -> list[str]:
    """Each goal that was not met, in words."""
    wrong = []
    if found["usual"]["p95"] >= 1:
        wrong.append(f"95 of 100 answers within {found['usual']['p95']:.2f} s (goal: under 1 s)")
    for phase in ROWS:
        if count := len(found[phase]["wrong"]):
            wrong.append(f"{count} requests without an answer or with a 5xx, {ROWS[phase][0]}")
        if others := found[phase]["refused_otherwise"]:
            wrong.append(f"refused, which nobody should be: {others}")
    after = found["recovered_after"]
    if after is None or after > RECOVERS_WITHIN:
        wrong.append(f"as before after {after} s (goal: {RECOVERS_WITHIN} s)")
    return wrong


def document(found: dict[str, Any]) -> str:
    text = HEAD.format(
        day=f"{date.today():%-d %B %Y}",  # noqa: DTZ011
        cores=os.cpu_count(),
        system=platform.system(),
        referrals=REFERRALS,
    )
    for phase, (title, people) in ROWS.items():
        of = found[phase]
        text += (
            f"| {title} | {people} | {of['asked']} | {of['a_second']:.1f} | {of['p50'] * 1000:.0f} "
            f"| {of['p95'] * 1000:.0f} | {of['longest'] * 1000:.0f} | {of['refused']} | {len(of['wrong'])} |\n"
        )
    text += (
        f"\nAfter the overload everything was as before within {found['recovered_after']} s (goal {RECOVERS_WITHIN}).\n"
    )
    text += "\n| page, with a hundred people | asked | p95 ms |\n|---|--:|--:|\n"
    for what, of in found["usual"]["by_kind"].items():
        text += f"| {what.replace('_', ' ')} | {of['asked']} | {of['p95'] * 1000:.0f} |\n"
    goals = missed(found)
    return text + "\n" + ("Missed: " + "; ".join(goals) + "." if goals else "Every goal was met.") + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.load")
    parser.add_argument("--minutes", type=float, default=10.0, help="How long the hundred work; the goal says ten.")
    parser.add_argument("--keep", action="store_true", help="Leave the database, to look into it.")
    parser.add_argument("--reuse", action="store_true", help="Use the database that --keep has left.")
    options = parser.parse_args()
    servers.ensure_started()
    if not options.reuse:
        print(f"A city of {REFERRALS:,} referrals is made …", flush=True)
        databases.make(CITY, REFERRALS)
    try:
        subprocess.run(  # noqa: S603 - a fixed command
            [sys.executable, "-m", "scripts.load.run", str(OUT), str(options.minutes)],
            cwd=databases.ROOT,
            env={**os.environ, **databases.environment(CITY)},
            check=True,
        )
    finally:
        if not options.keep:
            databases.drop(CITY)
    found = json.loads(OUT.read_text())
    print(document(found))
    if options.minutes >= 10:
        (databases.ROOT / "docs" / "load.md").write_text(document(found))
    return 1 if missed(found) else 0


if __name__ == "__main__":
    sys.exit(main())
