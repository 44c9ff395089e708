import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster_ehs.core.embedded import Servers


@pytest.fixture(scope="module")
def reachable() -> Iterator[Path]:
    """A folder that other users may pass through, as a project's normally is."""
    folder = Path(tempfile.mkdtemp(prefix="ehs-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def pair(reachable: Path) -> Iterator[Servers]:
    """An embedded pair of its own, whatever servers the other tests use."""
    servers = Servers(reachable / "var")
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def pair_environment(pair: Servers) -> dict[str, str]:
    """The environment of a process that uses that pair."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "DATABASE_URL": pair.postgres_url("app"),
        "DATABASE_OWNER_URL": pair.postgres_url("owner"),
        "REDIS_URL": pair.redis_url(),
    }
