"""The back-up of each night: beat asks for it at half past one, the part `backup` makes it, and its age is shown."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.backups import restore, sealed
from cluster_ehs.core.models import Backup
from scripts.faults.site import FAKETIME, Site
from tests.database import copy_clean_tables
from tests.fixtures_cast import sign_in

# The clock is moved on when beat, the worker and the web are up, and beat looks at it each second. The sweep asks a
# minute after beat began.
BEGUN, NEARLY = datetime(2026, 11, 24, 1, 29, 20, tzinfo=UTC), datetime(2026, 11, 24, 1, 29, 57, tzinfo=UTC)
BEAT_ASKED, SWEEP_ASKED = NEARLY.replace(minute=30, second=0), BEGUN + timedelta(minutes=1)
TOKEN = "a-token-of-the-tests"


def health(site: Site) -> tuple[str, int | None]:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    told = json.loads(site.people({}).ask("GET", "/healthz", headers=shown)[2])
    return told["backup"], told["backup_hours"]


@pytest.mark.slow
@pytest.mark.skipif(not FAKETIME.is_file(), reason="libfaketime is not installed (Debian package: libfaketime)")
def test_at_half_past_one_beat_asks_the_worker_makes_it_and_health_says_so(django_db_setup: None) -> None:
    site = Site(lambda new: copy_clean_tables(new.servers))
    try:
        public, private = sealed.new_keys()
        target = site.folder / "backups"
        site.turn_clock(BEGUN)
        # The program's own settings and hours: of the run's site only servers and clock.
        more = {"DJANGO_SETTINGS_MODULE": "cluster_ehs.settings", "FAULTS_MARK": ""}
        more |= {"EHS_METRICS_TOKEN": TOKEN, "EHS_BACKUP_KEY": public, "EHS_BACKUP_TARGET": str(target)}
        often = ("--loglevel", "CRITICAL", "--max-interval", "1")
        site.start("beat", "celery", "-A", "cluster_ehs", "beat", *often, **more)
        site.start_worker("backup", queues="backup", **more)
        site.start_web(**more)
        assert health(site) == ("late", None)
        site.until(lambda: list(site.servers.var.glob("celerybeat-schedule*")), "beat did not begin")
        site.turn_clock(NEARLY)
        site.until(lambda: health(site) == ("ok", 0), "no back-up was made", 60)
        made, count = site.one("SELECT name FROM core_backup"), site.one("SELECT count(*) FROM core_backup")
        assert count == 1
        # A worker of the queue `celery` does not run here, so that no sweep has asked for it.
        begun = "SELECT created_at >= %s AND created_at < %s FROM core_backup"
        assert site.one(begun, [BEAT_ASKED, SWEEP_ASKED])
        assert [path.name for path in target.iterdir()] == [made]
        assert restore.check(source=target / made, key=sealed.private_key(private)).files == 0
    finally:
        site.end()


@pytest.mark.django_db
def test_the_page_of_live_data_says_how_old_the_last_good_back_up_is(cast, client, settings, tmp_path: Path) -> None:
    settings.BACKUP_TARGET, settings.BACKUP_KEY = str(tmp_path), sealed.new_keys()[0]
    page = reverse("settings-live")
    sign_in(client, cast.manager)
    assert "There has been none." in client.get(page).content.decode()
    Backup.objects.create(key="2026-11-20", finished_at=timezone.now() - timedelta(hours=27))
    text = client.get(page).content.decode()
    assert "1 day, 3 hours" in text.replace("\xa0", " ")
    assert "Late" in text
    Backup.objects.create(key="2026-11-21", finished_at=timezone.now() - timedelta(hours=3))
    text = client.get(page).content.decode()
    assert "3 hours ago" in text.replace("\xa0", " ")
    assert "Late" not in text
