"""Find migrations that hold people up, or fail on a populated table; docs/migrations.md says how to write them.

Each migration that is in no release yet is written out as SQL and read by squawk. Those of a release are past: every
database has gone through them. A rule that a migration breaks on purpose is named in it, with the reason:

    # squawk: require-concurrent-index-creation: the table has a row for each Cluster

`python -m scripts.migration_lint` ends with 1 when something is found; `--release` writes down what is released now.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django

from cluster_ehs.core import servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")
servers.ensure_started()
django.setup()

from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.migration import Migration  # noqa: E402

from cluster_ehs.core.quick_state import drawing_only_what_is_added  # noqa: E402

RELEASED = Path(__file__).with_name("released_migrations.txt")
OURS = (
    "cluster_ehs",
    "clusters",
    "families",
    "referrals",
    "triage",
    "cases",
    "formulation",
    "outcomes",
    "imports",
    "monitoring",
    "keeping",
)
SQUAWK = Path(sys.executable).with_name("squawk")
NOT_ASKED = ",".join(
    (
        # `migrate` waits for no lock longer than ten seconds; a statement may be long, only its locks hold others up.
        "require-lock-timeout",
        "require-statement-timeout",
        # How Django writes its fields; nobody waits for it.
        "prefer-text-field",
        "prefer-bigint-over-int",
        "prefer-bigint-over-smallint",
        "prefer-identity",
        "prefer-robust-stmts",
        # Django gives a new column a default while it fills it and takes it away at once.
        "ban-drop-default",
    )
)
FINDING = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+):\d+: \w+: (?P<rule>[\w-]+) (?P<words>.*)$", re.MULTILINE)
ALLOWED = re.compile(r"^# squawk: (?P<rule>[\w-]+): \S.*$", re.MULTILINE)
CREATED = re.compile(r'CREATE TABLE "?(\w+)"?')
TABLE = re.compile(r'(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX \S+ ON) "?(\w+)"?')


@dataclass(frozen=True)
class Finding:
    """What squawk says of a migration (`app.name`)."""

    migration: str
    rule: str
    words: str


def read(folder: Path) -> list[Finding]:
    """What squawk finds in the `.sql` files of a folder, one statement on a line. Tables that are made there are empty.

    Raises RuntimeError when squawk itself did not run.
    """
    files = sorted(folder.glob("*.sql"))
    if not files:
        return []
    asked = ["--assume-in-transaction", "--pg-version=15.0", "--reporter=gcc", f"--exclude={NOT_ASKED}"]
    command = [str(SQUAWK), *asked, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    lines = {str(path): path.read_text().splitlines() for path in files}
    made = {table for text in lines.values() for line in text for table in CREATED.findall(line)}
    found = list(FINDING.finditer(done.stdout))
    if done.returncode and not found:
        raise RuntimeError(f"squawk did not run: {done.stdout}{done.stderr}")
    of_old_tables = []
    for line in found:
        table = TABLE.search(lines[line["file"]][int(line["line"])])
        if not table or table[1] not in made:
            of_old_tables.append(Finding(Path(line["file"]).stem, line["rule"], line["words"]))
    return of_old_tables


def new_migrations() -> Iterator[tuple[Migration, str]]:
    """Each of our migrations that is in no release yet, and its SQL with one statement on a line."""
    released = set(RELEASED.read_text().split())
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    new = [migration for migration, _ in plan if named(migration) not in released]
    old = [(migration.app_label, migration.name) for migration, _ in plan if named(migration) in released]
    state = executor.loader.project_state(old)
    with drawing_only_what_is_added():
        for migration in new:
            with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
                state = migration.apply(state, editor, collect_sql=True)
            yield (
                migration,
                "\n".join(" ".join(sql.split()) for sql in editor.collected_sql if not sql.startswith("--")),
            )


def named(migration: Migration) -> str:
    return f"{migration.app_label}.{migration.name}"


def allowed(migration: Migration) -> set[str]:
    """The rules that the migration's file says it breaks on purpose."""
    source = Path(str(sys.modules[type(migration).__module__].__file__)).read_text()
    return {line["rule"] for line in ALLOWED.finditer(source)}


def check() -> list[Finding]:
    """What is wrong with the migrations that are not released yet."""
    on_purpose = {}
    with tempfile.TemporaryDirectory() as folder:
        for migration, sql in new_migrations():
            if type(migration).__module__.split(".")[0] in OURS:
                on_purpose[named(migration)] = allowed(migration)
                (Path(folder) / f"{named(migration)}.sql").write_text(sql)
        return [finding for finding in read(Path(folder)) if finding.rule not in on_purpose[finding.migration]]


def release() -> None:
    loader = MigrationExecutor(connection).loader
    RELEASED.write_text("".join(f"{app}.{name}\n" for app, name in sorted(loader.disk_migrations)))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--release", action="store_true", help="write down which migrations are released now")
    if arguments.parse_args().release:
        release()
        return
    found = check()
    for finding in found:
        print(f"{finding.migration}: {finding.rule}: {finding.words}")
    if found:
        sys.exit("docs/migrations.md says how to write these without holding anybody up.")


if __name__ == "__main__":
    main()
