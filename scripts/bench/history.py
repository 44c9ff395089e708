"""What the history costs: `python -m scripts.bench.history [entries]`, 50,000 unless said.

In a database of its own, through the program's own role, so that trigger, row policies and salt are in the figures:
how long one write takes when there is no history and when there is all of it, how many changes a second go in with
nothing else and while they are sealed, how long the seal of a day takes, the check of everything, and what it weighs.
"""

import subprocess
import sys

from cluster_ehs.core import servers
from scripts.bench import databases

DAY = 50_000


def main(entries: int) -> None:
    servers.ensure_started()
    ours = databases.empty("history")
    try:
        subprocess.run(  # noqa: S603 - a fixed command
            [sys.executable, "-m", "scripts.bench.history_inside", str(entries)],
            cwd=databases.ROOT,
            env=ours,
            check=True,
        )
    finally:
        databases.drop("history")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DAY)
