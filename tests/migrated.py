"""A pytest plugin: with several workers the tables are made once, by a process of its own, while the workers collect.

    python -m tests.migrated test_ehs_made

Each worker copies what that process has made. A single process, or one that is given what an earlier run left
(--reuse-db), migrates by itself.
"""

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
import pytest
from django.db import connection

from tests.database import MADE, drop, make_tables


class Maker:
    """The process that makes the tables. As long as it runs it holds a lock on the file of its words."""

    def __init__(self) -> None:
        self.database = f"test_{connection.settings_dict['NAME']}_{MADE}"
        with tempfile.NamedTemporaryFile(prefix="ehs-tables-", delete=False) as told:
            self.told = Path(told.name)
            # Taken before the first worker is started, and inherited: no worker can come too early.
            fcntl.flock(told, fcntl.LOCK_EX)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.migrated", self.database],
                cwd=Path(__file__).parents[1],
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "cluster_ehs.settings"},
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
            )

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        drop(self.database)
        self.told.unlink()


MAKER = pytest.StashKey[Maker | None]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """For each worker, in the process that deals out the tests."""
    if node.config.getvalue("reuse_db") and not node.config.getvalue("create_db"):
        return
    maker = node.config.stash.setdefault(MAKER, None) or Maker()
    node.config.stash[MAKER] = maker
    node.workerinput["tables"] = (maker.database, str(maker.told))


def pytest_unconfigure(config: pytest.Config) -> None:
    if maker := config.stash.get(MAKER, None):
        maker.end()


if __name__ == "__main__":
    django.setup()
    make_tables(sys.argv[1])
    print(MADE)
