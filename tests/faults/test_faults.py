"""Three of the faults of `make faults`, twice each, so that the run itself is known to work."""

import pytest

from cluster_ehs.celery import app
from scripts.faults import record
from scripts.faults.__main__ import FAULTS, OF_THE_WORKER, named, run
from scripts.faults.site import Site
from scripts.faults.table import Result, table
from tests.database import copy_clean_tables
from tests.fixtures_logs import LINE, naming


@pytest.mark.fault
@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_there_twice(django_db_setup: None) -> None:
    site = Site(lambda new: copy_clean_tables(new.servers))
    try:
        for name, at_least in (
            ("web-killed", 14),
            ("redis-emptied", 14),
            (f"{OF_THE_WORKER}cluster_ehs.core.back_up", 3),
        ):
            result = run(name, 2, 20261123, site)
            assert result.well, table([result])
            assert result.acknowledged >= at_least
            assert result.runs == 2
        lines = [line for log in site.folder.glob("*.log") for line in log.read_text(errors="replace").splitlines()]
        assert sum(bool(LINE.match(line)) for line in lines) > 10
        assert naming(lines) == []
    finally:
        site.end()


def test_the_worker_is_killed_in_each_task_that_it_has() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert {name.removeprefix(OF_THE_WORKER) for name in named("worker-killed")} == ours


def test_what_is_lost_twice_unclear_or_not_checked_fails_the_run() -> None:
    well = Result("web-killed", 2, runs=2, acknowledged=14, found=14)
    assert well.well
    for wrong in (
        Result("lost", 2, runs=2, acknowledged=14, found=13),
        Result("twice", 2, runs=2, acknowledged=14, found=14, twice=1),
        Result("unclear", 2, runs=2, acknowledged=14, found=14, unclear=1),
        Result("wrong", 2, runs=2, acknowledged=14, found=14, wrong=["a file is not whole"]),
        Result("none", 0, runs=0),
        Result("met work too seldom", 2, runs=1, idle=5, acknowledged=14, found=14),
        Result("summer-time", 2, runs=2, acknowledged=1, found=1, not_checked="libfaketime is not installed"),
    ):
        assert not wrong.well, wrong.fault
    shown = table([well, Result("summer-time", not_checked="libfaketime is not installed")])
    assert "not checked: libfaketime is not installed" in shown
    assert all(fault.usual == 50 for name, fault in FAULTS.items() if not name.startswith("redis-gone-a"))
    with pytest.raises(KeyError):
        named("web-killed, web-kiled")


def test_the_page_says_what_was_missed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(record, "KEPT", tmp_path / "faults.json")
    monkeypatch.setattr(record, "PAGE", tmp_path / "faults.md")
    record.keep(Result("web-killed", 50, runs=50, acknowledged=350, found=350), 50, 7)
    record.write({"web-killed": 50})
    assert "Every goal was met." in record.PAGE.read_text()
    record.keep(Result("two-beats", 3, runs=3, acknowledged=30, found=29), 50, 7)
    record.write({"web-killed": 50, "two-beats": 50, "mail-hangs": 50})
    text = record.PAGE.read_text()
    assert "mail-hangs: not run yet" in text
    assert "two-beats: run 3 times of 50" in text
    assert "two-beats: 1 of what was acknowledged is not there" in text
    assert "Every goal was met." not in text
