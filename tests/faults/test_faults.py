"""Three of the faults of `make faults`, twice each, so that the run itself is known to work."""

import pytest

from scripts.faults.__main__ import FAULTS, on
from scripts.faults.site import Site
from scripts.faults.table import Result, table
from tests.database import copy_clean_tables


@pytest.mark.fault
@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_there_twice(django_db_setup: None) -> None:
    site = Site(lambda new: copy_clean_tables(new.servers))
    try:
        seeded = site.seed(8)
        for name in ("web-killed", "database-restarted", "redis-emptied"):
            result = on(site, seeded, name, 2, seed=20261123)
            assert result.well, table([result])
            assert result.acknowledged >= 8
    finally:
        site.end()


def test_what_is_lost_twice_unclear_or_not_checked_fails_the_run() -> None:
    well = Result("web-killed", runs=2, acknowledged=14, found=14)
    assert well.well
    for wrong in (
        Result("lost", runs=2, acknowledged=14, found=13),
        Result("twice", runs=2, acknowledged=14, found=14, twice=1),
        Result("unclear", runs=2, acknowledged=14, found=14, unclear=1),
        Result("wrong", runs=2, acknowledged=14, found=14, wrong=["a file is not whole"]),
        Result("none", runs=0),
        Result("summer-time", runs=2, acknowledged=1, found=1, not_checked="libfaketime is not installed"),
    ):
        assert not wrong.well, wrong.fault
    shown = table([well, Result("summer-time", not_checked="libfaketime is not installed")])
    assert "not checked: libfaketime is not installed" in shown
    assert len(FAULTS) == 16
