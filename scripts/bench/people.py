"""200,000 people in 23 Clusters, searched by a worker of all of them: `python -m scripts.bench.people [--keep]`.

Prints the database's time of each search under the row policies; the plan of the slowest statement comes to lie in
`build/bench/search-plan.txt`. Goal: within 50 ms.
"""

import argparse
import os
import subprocess
import sys

from cluster_ehs.core import servers
from scripts.bench import databases

CITY = "people"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.people")
    parser.add_argument("--keep", action="store_true", help="Leave the database, to look into it.")
    parser.add_argument("--reuse", action="store_true", help="Measure the database that --keep has left.")
    options = parser.parse_args()
    servers.ensure_started()
    ours = {**os.environ, **databases.environment(CITY)}
    command = [sys.executable, "-m", "scripts.bench.search"]
    if not options.reuse:
        databases.empty(CITY)
        command.append("--fill")
    done = subprocess.run(command, cwd=databases.ROOT, env=ours, check=False)  # noqa: S603 - a fixed command
    if not options.keep:
        databases.drop(CITY)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
