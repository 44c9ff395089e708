"""`make bench`. See `scripts/bench/__init__.py`."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time

from cluster_ehs.core import servers
from scripts.bench import databases
from scripts.bench.report import document, lines

OUT = databases.ROOT / "build" / "bench"
CITIES = {"small": 10_000, "large": 100_000}


def make(city: str) -> None:
    begin = time.monotonic()
    print(f"The {city} city of {CITIES[city]:,} referrals is made …", flush=True)
    databases.make(city, CITIES[city])
    print(f"… in {time.monotonic() - begin:.0f} s.", flush=True)


def measure(cities: list[str]) -> None:
    """Measure the cities in turns, page by page."""
    running = {}
    for city in cities:
        running[city] = subprocess.Popen(  # noqa: S603 - a fixed command
            [sys.executable, "-m", "scripts.bench.measure", str(OUT / f"{city}.json")],
            cwd=databases.ROOT,
            env={**os.environ, **databases.environment(city)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
    going = dict(running)
    while going:
        for city, process in list(going.items()):
            with contextlib.suppress(BrokenPipeError):
                print("", file=process.stdin, flush=True)
            line = process.stdout.readline() if process.stdout else ""
            if line:
                print(f"  {city}: {line.strip()}", flush=True)
            else:
                going.pop(city)
    if any(process.wait() for process in running.values()):
        raise SystemExit("A city could not be measured; the reason is above.")


def make_reports(city: str) -> None:
    """The report suite as a worker makes it, after the pages so that nothing else runs."""
    print(f"The reports of the {city} city are made …", flush=True)
    subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-m", "scripts.bench.suite", str(OUT / f"{city}-reports.json")],
        cwd=databases.ROOT,
        env={**os.environ, **databases.environment(city)},
        check=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench")
    parser.add_argument("--quick", action="store_true", help="The small city alone; writes no document.")
    parser.add_argument("--keep", action="store_true", help="Leave the databases, to look into them.")
    parser.add_argument("--reuse", action="store_true", help="Measure the databases that --keep has left.")
    options = parser.parse_args()
    servers.ensure_started()
    chosen = ["small"] if options.quick else list(CITIES)
    if not options.reuse:
        for city in chosen:
            make(city)
    measure(chosen)
    make_reports(chosen[-1])
    if not options.keep:
        for city in chosen:
            databases.drop(city)
    cities = {city: json.loads((OUT / f"{city}.json").read_text()) for city in chosen}
    print("\n".join(lines(cities[chosen[-1]], cities["small"] if len(chosen) > 1 else None)))
    if not options.quick:
        path = databases.ROOT / "docs" / "performance.md"
        path.write_text(document(cities, json.loads((OUT / f"{chosen[-1]}-reports.json").read_text())))
        print(f"\nWritten to {path.relative_to(databases.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
