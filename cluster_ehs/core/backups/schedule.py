"""One back-up a day: a row with a lease, so that a killed one is taken up again and two beats make one."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta

import psycopg2
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import F, Max, Q
from django.utils import timezone

from cluster_ehs.core.backups.place import PlaceError, place
from cluster_ehs.core.backups.programs import ProgramError
from cluster_ehs.core.backups.sealed import SealError
from cluster_ehs.core.backups.take import BackupError, Taken, take
from cluster_ehs.core.models import Backup

TASK = "cluster_ehs.core.back_up"
DUE_FROM = time(1, 30)
LEASE = timedelta(minutes=15)
RENEW = timedelta(minutes=1)
TRY_AGAIN = timedelta(minutes=30)
ASK_SECONDS = 15 * 60
# A day, and the time that one may take.
LATE = timedelta(hours=26)
FAILURES = (BackupError, PlaceError, ProgramError, SealError, DatabaseError, psycopg2.Error, OSError)

log = logging.getLogger("ehs.backup")


class LostLease(Exception):
    """Another process has taken the back-up up: this one was thought to be dead."""


def configured() -> bool:
    """Whether there is somewhere to put back-ups and a key to seal them for."""
    return bool(settings.BACKUP_TARGET and settings.BACKUP_KEY)


def last_backup_at() -> datetime | None:
    """When the last good back-up was finished; None when there never was one."""
    return Backup.objects.aggregate(last=Max("finished_at"))["last"]


def state() -> str:
    """`none` (nowhere to put one), `late` (none in 26 hours) or `ok`."""
    if not configured():
        return "none"
    last = last_backup_at()
    return "ok" if last and timezone.now() - last < LATE else "late"


def due(now: datetime) -> str:
    """The key of the back-up that is to be there by now; empty before the hour and where none is configured."""
    local = timezone.localtime(now)
    return local.date().isoformat() if configured() and local.time() >= DUE_FROM else ""


def carry_on() -> None:
    """For the sweep: ask the process that makes back-ups, a few times an hour, while today's is not there."""
    now = timezone.now()
    key = due(now)
    if (
        not key
        or Backup.objects.filter(key=key).filter(Q(finished_at__isnull=False) | Q(leased_until__gt=now)).exists()
    ):
        return
    if cache.add("backup-asked", 1, ASK_SECONDS):
        current_app.send_task(TASK, expires=ASK_SECONDS)


def back_up_today() -> bool:
    """Make today's back-up, unless it is there or another process is at it. Raises what the making raises."""
    key = due(timezone.now())
    return bool(key) and make(key) is not None


def make(key: str, *, target: str = "") -> Taken | None:
    """Make the back-up of this key and put away the old ones. None when it is made, or being made elsewhere.

    What goes wrong is kept with the row and raised; it is tried again after half an hour.
    """
    owner = uuid.uuid4().hex
    Backup.objects.bulk_create([Backup(key=key)], ignore_conflicts=True)
    mine = Backup.objects.filter(key=key, finished_at__isnull=True)
    now = timezone.now()
    free = mine.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
    if not free.update(leased_until=now + LEASE, lease_owner=owner, tries=F("tries") + 1):
        return None
    mine = mine.filter(lease_owner=owner)
    where = place(target or settings.BACKUP_TARGET)
    try:
        done = take(
            url=settings.DATABASE_BACKUP_URL,
            files=settings.FILES_ROOT,
            place=where,
            key=settings.BACKUP_KEY,
            tell=_renewing(key, owner),
        )
    except FAILURES as error:
        words = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        mine.update(last_error=words, leased_until=timezone.now() + TRY_AGAIN)
        log.error("back-up %s failed: %s", key, words)
        raise
    if not mine.update(
        finished_at=timezone.now(),
        leased_until=None,
        last_error="",
        name=done.name,
        size=done.size,
        sha256=done.sha256,
        rows=done.rows,
        files=done.files,
        missing=len(done.missing),
    ):
        raise LostLease(key)
    log.info("back-up %s: %s, %s bytes, %s rows, %s files", key, done.name, done.size, done.rows, done.files)
    if done.missing:
        log.error("back-up %s: %s files that rows name are missing", key, len(done.missing))
    for name in where.forget(older_than=timedelta(days=settings.BACKUP_DAYS), now=timezone.now()):
        log.info("back-up %s put away: it is older than %s days", name, settings.BACKUP_DAYS)
    return done


def _renewing(key: str, owner: str) -> Callable[[], None]:
    """Called while a back-up goes on: holds its lease. Raises LostLease when another process has it."""
    renewed = timezone.now()

    def tell() -> None:
        nonlocal renewed
        now = timezone.now()
        if now - renewed < RENEW:
            return
        renewed = now
        if not Backup.objects.filter(key=key, lease_owner=owner).update(leased_until=now + LEASE):
            raise LostLease(key)

    return tell
