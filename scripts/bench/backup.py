"""How long a back-up, its check and its restore take: `python -m scripts.bench.backup [CONTACTS]`, default a million.

Makes a city with about so many contacts (or takes one that `--keep` of the bench has left: `--city large`), backs it up
into a temporary folder, checks the back-up, restores it beside, prints sizes and seconds and writes them into
docs/operations.md. Of a million contacts it needs some 15 GB of disk for an hour, and gives them back.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from psycopg2 import sql

from cluster_ehs.core import servers
from cluster_ehs.core.backups import restore, sealed
from cluster_ehs.core.backups.place import Folder
from cluster_ehs.core.backups.programs import login
from cluster_ehs.core.backups.take import take
from scripts.bench import databases, marked

# Half of a city's referrals become cases, and a case has about ten contacts.
REFERRALS_PER_CONTACT = 0.2
# Of disk, for each contact: city, its copy, the log of changes of both, the back-up.
ROOM = 15_000
FEWEST = 50_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.backup")
    parser.add_argument("contacts", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--city", help="A city that is there already; its database is left.")
    options = parser.parse_args()
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < options.contacts * ROOM:
        raise SystemExit(f"{options.contacts:,} contacts need {options.contacts * ROOM / 1e9:.0f} GB of disk.")
    servers.ensure_started()
    city = options.city or "backup"
    if not options.city and options.contacts < FEWEST:
        raise SystemExit(f"A city has {FEWEST:,} contacts or more: its current work is the same at any size.")
    owner = databases.environment(city)["DATABASE_OWNER_URL"]
    name, restored = databases.database_name(city), f"{databases.database_name(city)}_restored"
    folder = Path(tempfile.mkdtemp(prefix="ehs-bench-backup-"))
    public, private = sealed.new_keys()
    key = sealed.private_key(private)
    found: dict[str, float | int] = {}
    try:
        if not options.city:
            print(databases.make(city, int(options.contacts * REFERRALS_PER_CONTACT)), flush=True)
        with closing(login(owner)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*), pg_database_size(current_database()) FROM cases_contact")
            found["contacts"], found["database bytes"] = cursor.fetchone()
        (folder / "files").mkdir()
        # The owner reads all of it as the role of back-ups does; the bench need not know that one's password.
        made = take(url=owner, files=folder / "files", place=Folder(folder), key=public)
        found |= {"back-up bytes": made.size, "rows": made.rows, "back-up seconds": round(made.seconds, 1)}
        begin = time.monotonic()
        restore.check(source=folder / made.name, key=key)
        found["check seconds"] = round(time.monotonic() - begin, 1)
        done = restore.restore(
            source=folder / made.name, key=key, owner_url=owner, database=restored, files=folder / "restored"
        )
        found["restore seconds"] = round(done.seconds, 1)
        if done.differences:
            raise SystemExit(f"{name} and {restored} differ: {done.differences[:5]}")
    finally:
        shutil.rmtree(folder)
        for database in (restored, *([] if options.city else [name])):
            with closing(login(owner, restore.ELSEWHERE)) as connection:
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
    print(json.dumps(found))
    marked.put("back-up", in_words(found))
    return 0


def in_words(found: dict[str, float | int]) -> str:
    """The paragraph of docs/operations.md."""
    return (
        f"On {date.today():%-d %B %Y} on {os.cpu_count()} cores, of {found['contacts']:,} contacts "  # noqa: DTZ011
        f"({found['rows'] / 1e6:.2f} million rows, a database of {found['database bytes'] / 1e6:,.0f} MB):\n"
        f"the back-up has {found['back-up bytes'] / 1e6:,.0f} MB and took {found['back-up seconds']:,.0f} seconds, its "
        f"check {found['check seconds']:,.0f},\nits restore with all comparisons but the history's "
        f"{found['restore seconds']:,.0f}."
    )


if __name__ == "__main__":
    sys.exit(main())
