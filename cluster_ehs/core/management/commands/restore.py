from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connection

from cluster_ehs.core import chain
from cluster_ehs.core.backups import restore, sealed
from cluster_ehs.core.backups.programs import ProgramError
from cluster_ehs.core.backups.restore import Restored, RestoreError
from cluster_ehs.core.db import as_owner


class Command(BaseCommand):
    """Into a new database and a folder, then compared: rows, walls, files, history. The live database is not touched
    unless its name is typed, and then it is kept under another one."""

    help = "Bring a back-up back (with DATABASE_OWNER_URL and the private key)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", help="The file of the back-up.")
        parser.add_argument("--key", required=True, metavar="FILE", help="The file of the private key.")
        parser.add_argument("--check", action="store_true", help="Only read and prove all of it; nothing is written.")
        parser.add_argument("--database", help="The database to make: one that is not there yet, or is empty.")
        parser.add_argument("--files", help="The folder for the files: empty, or with the same files in it.")
        parser.add_argument("--replace", metavar="NAME", help="Then put it in the place of the database of this name.")

    def handle(
        self,
        *,
        backup: str,
        key: str,
        check: bool,
        database: str | None,
        files: str | None,
        replace: str | None,
        **_: object,
    ) -> None:
        source = Path(backup)
        try:
            private = sealed.private_key(Path(key).read_text(encoding="ascii"))
            if check:
                found = restore.check(source=source, key=private)
                self._say(found, "The back-up is whole")
                return
            if not settings.DATABASE_OWNER_URL:
                raise CommandError("DATABASE_OWNER_URL is not set. Only the owner of the tables can restore them.")
            if not files or not (database or replace):
                raise CommandError("Say --files FOLDER, and --database NAME or --replace NAME.")
            self._refuse(replace)
            name = database or f"{replace}_restored_{datetime.now(UTC):%Y%m%dt%H%M%S}"
            found = restore.restore(
                source=source, key=private, owner_url=settings.DATABASE_OWNER_URL, database=name, files=Path(files)
            )
            self._say(found, f"Restored into the database {name} and the folder {files}")
            wrong = found.differences + self._history(name, found)
            for line in wrong:
                self.stderr.write(line)
            if wrong:
                raise CommandError(f"{name} is not what was backed up: {len(wrong)} findings. Nothing was replaced.")
            self.stdout.write("Rows, walls, files and history are what was backed up.")
            if replace:
                kept = restore.put_in_place(owner_url=settings.DATABASE_OWNER_URL, restored=name, name=replace)
                self.stdout.write(f"It is {replace} now. What was there is kept as {kept}: drop it when all is well.")
        except (sealed.SealError, RestoreError, ProgramError) as error:
            raise CommandError(str(error)) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot be read or written: {error}") from error

    def _refuse(self, replace: str | None) -> None:
        live = urlsplit(settings.DATABASE_OWNER_URL).path.strip("/")
        if replace and replace != live:
            raise CommandError(f"--replace {replace}: the database of this environment is not called that.")

    def _say(self, found: Restored, what: str) -> None:
        made = found.manifest["made"][:16].replace("T", " ")
        self.stdout.write(
            f"{what}: made {made} UTC, {found.rows:,} rows, {found.files:,} files, {found.seconds:.1f} s."
        )
        for path in found.manifest["missing"]:
            self.stdout.write(f"A row names this file, and it was missing already: {path}")

    def _history(self, database: str, found: Restored) -> list[str]:
        """The findings of `verify_history` in the restored database. Heads written since the back-up are not its."""
        with as_owner():
            before = connection.settings_dict["NAME"]
            connection.settings_dict["NAME"] = database
            try:
                return [str(finding) for finding in chain.verify(heads_upto=found.manifest["seal"])]
            finally:
                connection.close()
                connection.settings_dict["NAME"] = before
