"""How long 50,000 rows take to import, and how much memory: `python -m scripts.bench.import_50k [ROWS] [FILE.xlsx]`.

Makes a sheet out of the pilot cohort, each time with other people, imports it into a new Cluster in a process of its
own, imports it again, and prints seconds, rows a second and the most memory that each import held.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path

import django
import xlsxwriter
from stdnum.gb import upn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")
django.setup()

from imports.pilot import Cohort, nhs_number  # noqa: E402
from imports.reader import COLUMNS  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
MEMORY_GOAL_MB = 512


def make_sheet(path: Path, wanted: int) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Referrals")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for place, name in enumerate(COLUMNS):
            sheet.write_string(0, place, name)
        line = 0
        while line < wanted:
            turn = line // 187
            for row in Cohort(seed=turn).rows()[: wanted - line]:
                line += 1
                row["reference"] = f"BENCH-{line:06d}"
                row["child_last_name"] = f"{row['child_last_name']}-{turn}"
                row["family"] = row["family"] and f"{turn}-{row['family']}"
                row["narrative"] = row["narrative"] * 5
                if row["upn"]:
                    rest = f"950{4000 + turn:04d}{row['upn'][8:]}"
                    row["upn"] = upn.calc_check_digit(rest) + rest
                if row["nhs_number"]:
                    row["nhs_number"] = nhs_number(10 * line)
                for place, name in enumerate(COLUMNS):
                    value = row.get(name)
                    if isinstance(value, date):
                        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                    elif value not in (None, ""):
                        sheet.write(line, place, value)


def timed_import(path: Path, cluster: str) -> None:
    began = time.monotonic()
    command = [sys.executable, "manage.py", "import_referrals", str(path), "--cluster", cluster]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert child.stdout is not None  # noqa: S101
    said = child.stdout.read().strip()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - began
    rows = int(said.split(" ", 1)[0]) if status == 0 else 0
    print(said)
    print(f"  {seconds:.0f} s, {rows / seconds:.0f} rows a second, at most {used.ru_maxrss / 1024:.0f} MB", flush=True)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder) / "rows.xlsx"
        if not path.exists():
            make_sheet(path, rows)
        print(f"{rows} rows, {path.stat().st_size / 1024 / 1024:.1f} MB; the goal is {MEMORY_GOAL_MB} MB at most")
        cluster = f"Bench {datetime.now().isoformat(timespec='seconds')}"  # noqa: DTZ005
        timed_import(path, cluster)
        timed_import(path, cluster)
    print(f"making the sheet took at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
