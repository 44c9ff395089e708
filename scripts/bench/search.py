"""Fills a database with people and measures the search in it; see `scripts.bench.people`."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import django
import psycopg2

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from cluster_ehs.core.scope import acting_as_user  # noqa: E402
from clusters.models import User  # noqa: E402
from clusters.people import duties  # noqa: E402
from families.models import Person  # noqa: E402
from families.search import Asked, find, find_alike, known_elsewhere, read_line  # noqa: E402
from scripts.bench import city  # noqa: E402

PEOPLE, CLUSTERS, RUNS, GOAL = 200_000, 23, 25, 50.0
SQL = Path(__file__).with_name("people.sql")
PLAN = Path(settings.BASE_DIR) / "build" / "bench" / "search-plan.txt"

Search = Callable[[], object]


def fill() -> None:
    owner = psycopg2.connect(settings.DATABASE_OWNER_URL)
    with owner, owner.cursor() as cursor:
        city._words(cursor)
        with city._bare_tables(cursor):
            cursor.execute(SQL.read_text(), {"people": PEOPLE, "clusters": CLUSTERS})
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    owner.close()


def searches(user: User) -> dict[str, Search]:
    """What people type. The record asked for is one in the middle; commoner names than these there are none."""
    clusters = duties(user).clusters
    child = Person.objects.filter(is_child=True).exclude(upn="").select_related("family").order_by("pk")[500]
    name, born, family = f"{child.first_name} {child.last_name}", child.birth_date, child.family
    first, last = child.first_name, child.last_name
    slip = f"{first[:2]}{first[3:]} {last[:-2]}{last[-1]}{last[-2]}"
    return {
        "search page: a name": lambda: find(clusters=clusters, asked=read_line(name)),
        "search page: a last name": lambda: find(clusters=clusters, asked=read_line(child.last_name)),
        "search page: an address": lambda: find(clusters=clusters, asked=read_line(family.address)),
        "search page: three letters": lambda: find(clusters=clusters, asked=read_line(child.last_name[:3])),
        "before a referral: name and birth date": lambda: find_alike(clusters=clusters, asked=Asked(name, born)),
        "before a referral: slips of the keys": lambda: find_alike(clusters=clusters, asked=Asked(slip, born)),
        "before a referral: slips, no birth date": lambda: find_alike(clusters=clusters, asked=Asked(slip)),
        "before a referral: birth date alone": lambda: find_alike(clusters=clusters, asked=Asked(birth_date=born)),
        "before a referral: UPN": lambda: find_alike(clusters=clusters, asked=Asked(upn=child.upn)),
        "before a referral: name, date, address": lambda: find_alike(
            clusters=clusters, asked=Asked(name, born, address=family.address, postcode=family.postcode)
        ),
        "known in another Cluster": lambda: known_elsewhere(query_name=name, birth_date=born),
    }


class Meter:
    """The time of the statements, and the slowest of them with its plan."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.slowest: tuple[float, str, Any] = (0.0, "", None)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - begin
            self.spent += took
            if took > self.slowest[0] and ("families_" in sql or "ehs_known" in sql) and not sql.startswith("EXPLAIN"):
                self.slowest = (took, sql, params)


def measure(user: User, title: str, search: Search) -> tuple[float, float, float]:
    """Milliseconds in the database: the least, the middle and the 95th of a hundred; the slowest plan is kept."""
    spent, meter = [], Meter()
    with acting_as_user(user.pk), connection.execute_wrapper(meter):
        for _ in range(RUNS + 2):
            meter.spent = 0.0
            search()
            spent.append(meter.spent * 1000)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + meter.slowest[1], meter.slowest[2])
            lines = [row[0] for row in cursor.fetchall()]
    with PLAN.open("a") as file:
        file.write(f"== {title}\n" + "\n".join(lines) + "\n\n")
    steady = spent[2:]
    return min(steady), median(steady), quantiles(steady, n=20, method="inclusive")[18]


def main() -> int:
    if "--fill" in sys.argv:
        begin = time.monotonic()
        fill()
        print(f"{PEOPLE:,} people made in {time.monotonic() - begin:.0f} s", flush=True)
    PLAN.parent.mkdir(parents=True, exist_ok=True)
    PLAN.write_text("")
    worst = 0.0
    for email, words in (("everywhere@example.org", "all 23 Clusters"), ("one@example.org", "one Cluster")):
        user = User.objects.get(email=email)
        print(f"\nA worker of {words}; milliseconds in the database, least, p50 and p95 of {RUNS}:")
        with acting_as_user(user.pk):
            asked = searches(user)
        for title, search in asked.items():
            least, middle, late = measure(user, f"{words}: {title}", search)
            worst = max(worst, middle)
            print(
                f"  {title:42} {least:6.1f} {middle:6.1f} {late:6.1f}{'  over the goal' if middle > GOAL else ''}",
                flush=True,
            )
    print(f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return int(worst > GOAL)


if __name__ == "__main__":
    sys.exit(main())
