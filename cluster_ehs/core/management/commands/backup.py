import os
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from cluster_ehs.core.backups import schedule, sealed


class Command(BaseCommand):
    """Database and files of one moment, sealed for `EHS_BACKUP_KEY`, put where `EHS_BACKUP_TARGET` says."""

    help = "Make a back-up now, as the role that only reads (DATABASE_BACKUP_URL)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new-key", metavar="FILE", help="Make a pair of keys; the private one goes into FILE.")
        parser.add_argument("--to", metavar="TARGET", default="", help="A folder, or |command, instead of the setting.")

    def handle(self, *, new_key: str | None, to: str, **_: object) -> None:
        if new_key:
            return self._new_key(Path(new_key))
        for name, value in (
            ("EHS_BACKUP_KEY", settings.BACKUP_KEY),
            ("EHS_BACKUP_TARGET", to or settings.BACKUP_TARGET),
            ("DATABASE_BACKUP_URL", settings.DATABASE_BACKUP_URL),
        ):
            if not value:
                raise CommandError(f"{name} is not set (docs/operations.md, Back up and restore).")
        try:
            done = schedule.make(f"by hand {timezone.now():%Y-%m-%d %H:%M:%S.%f}", target=to)
        except schedule.FAILURES as error:
            raise CommandError(f"No back-up was made. {error}") from error
        if done is None:
            raise CommandError("Another process is making this back-up.")
        self.stdout.write(
            f"{done.name}: {done.size:,} bytes, {done.rows:,} rows, {done.files:,} files, {done.seconds:.1f} s\n"
            f"SHA-256 {done.sha256}"
        )
        for path in done.missing:
            self.stderr.write(f"A row names this file, and it is not there: {path}")

    def _new_key(self, path: Path) -> None:
        public, private = sealed.new_keys()
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(private + "\n")
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Nothing was made.") from error
        self.stdout.write(
            f"EHS_BACKUP_KEY={public}\n\n{path} opens what is sealed for it. Put it where this machine is not: "
            "without it no back-up can be read, with it every one."
        )
