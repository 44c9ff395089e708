"""`make bench`. See `scripts/bench/__init__.py`."""

import argparse
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


def run(city: str, *, keep: bool, reuse: bool) -> None:
    """Make the city, measure it, take it away."""
    begin = time.monotonic()
    if not reuse:
        print(f"The {city} city of {CITIES[city]:,} referrals is made …", flush=True)
        databases.make(city, CITIES[city])
        print(f"… in {time.monotonic() - begin:.0f} s. Its pages:", flush=True)
    ours = {**os.environ, **databases.environment(city)}
    command = [sys.executable, "-m", "scripts.bench.measure", str(OUT / f"{city}.json")]
    subprocess.run(command, cwd=databases.ROOT, env=ours, check=True)  # noqa: S603 - a fixed command
    if not keep:
        databases.drop(city)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench")
    parser.add_argument("--quick", action="store_true", help="The small city alone; writes no document.")
    parser.add_argument("--keep", action="store_true", help="Leave the databases, to look into them.")
    parser.add_argument("--reuse", action="store_true", help="Measure the databases that --keep has left.")
    options = parser.parse_args()
    servers.ensure_started()
    chosen = ["small"] if options.quick else list(CITIES)
    for city in chosen:
        run(city, keep=options.keep, reuse=options.reuse)
    cities = {city: json.loads((OUT / f"{city}.json").read_text()) for city in chosen}
    print("\n".join(lines(cities[chosen[-1]], cities["small"] if len(chosen) > 1 else None)))
    if not options.quick:
        path = databases.ROOT / "docs" / "performance.md"
        path.write_text(document(cities))
        print(f"\nWritten to {path.relative_to(databases.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
