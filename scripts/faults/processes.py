"""Processes of our own: who belongs to whom, and ending them the hard way by their ids, never by a name."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from cluster_ehs.core.embedded import Servers


def children(pid: int) -> list[int]:
    """The ids of the processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name, which may hold anything, come the state and the parent.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def kill(pid: int) -> None:
    """SIGKILL; one that is gone already is no error."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def limit_files(size: int, *pids: int) -> None:
    """From now on no file of these processes can become longer than so many bytes, as if the disk were full. 0: any."""
    words = f"--fsize={size or 'unlimited'}:unlimited"
    for pid in pids:
        with suppress(FileNotFoundError):
            # As the one whose process it is: root is not let do it everywhere.
            owner = Path(f"/proc/{pid}").stat()
            subprocess.run(  # noqa: S603 - fixed words
                ["/usr/bin/prlimit", "--pid", str(pid), words],
                user=owner.st_uid if os.getuid() == 0 else None,
                group=owner.st_gid if os.getuid() == 0 else None,
                extra_groups=[] if os.getuid() == 0 else None,
                check=Path(f"/proc/{pid}").exists(),
            )


def kill_postgres(servers: Servers) -> None:
    """As if the machine had lost its power: the server and each of its processes at once."""
    pid = int((servers.postgres_data / "postmaster.pid").read_text().split()[0])
    own = children(pid)
    for each in (pid, *own):
        kill(each)
    while any(alive(each) for each in (pid, *own)):
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether it runs still; a dead one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
