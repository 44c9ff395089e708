"""Measures the pages in the city of the environment: `python -m scripts.bench.measure OUT.json`.

Before each page it waits for a line on its standard input.
"""

import json
import os
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import django
import psycopg2

django.setup()

from django.conf import settings  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.urls import NoReverseMatch, reverse  # noqa: E402

from cases.models import Case, GoalStatus  # noqa: E402
from cluster_ehs.core.scope import acting_as_user  # noqa: E402
from clusters.api_auth import digest_of  # noqa: E402
from clusters.models import ApiToken, Cluster, User  # noqa: E402
from families.models import Family  # noqa: E402
from referrals.models import Referral  # noqa: E402
from scripts.bench.city import PASSWORD, counts  # noqa: E402
from scripts.bench.client import Answer, Client, Fields, of_form, repeat, times, together  # noqa: E402
from scripts.bench.meter import CAPTURES  # noqa: E402
from scripts.serving import serving  # noqa: E402
from triage.models import Meeting  # noqa: E402

TOKEN = "a bench token"  # noqa: S105
COUNT, EIGHT, SECONDS = 40, 12, 12.0


@dataclass
class Page:
    """One page to measure. kind: which goal for the number of statements holds. fields: made anew for each post."""

    title: str
    who: str
    path: str
    kind: str
    fields: Callable[[], Fields] | None = None


def pages(clients: dict[str, Client]) -> list[Page]:
    """The main pages, each with a record of the first Cluster in the middle of the history."""
    practitioner, leader = User.objects.get(email="w0-1@example.org"), User.objects.get(email="w0-0@example.org")
    cluster = Cluster.objects.get(prefix="B01")
    every = "&".join(f"cluster={pk}" for pk in Cluster.objects.values_list("pk", flat=True))
    with acting_as_user(leader.pk):
        referral = Referral.objects.filter(status="ended", cluster=cluster).order_by("received_on")[20]
        meeting = Meeting.objects.get(cluster=cluster)
        item = meeting.items.order_by("position")[5]
    with acting_as_user(practitioner.pk):
        mine = Case.objects.filter(lead_workers__worker=practitioner, status="open").order_by("opened_on")[0]
        family = Family.objects.get(pk=mine.family_id)
        child = family.persons.filter(is_child=True)[0]
        long = Case.objects.filter(lead_workers__worker=practitioner, status="open").annotate(n=Count("contacts"))
        longest = long.order_by("-n")[0]
        goals = [str(pk) for pk in mine.plan.goals.filter(status=GoalStatus.LIVE).values_list("pk", flat=True)]
        with_it = str(child.pk)
    new = reverse("contact-new", args=[mine.pk])
    form = of_form(clients["practitioner"].ask(new).body, "note")
    search = of_form(clients["practitioner"].ask("/referrals/").body, "q")

    def contact() -> Fields:
        typed = [(name, value) for name, value in form if name not in ("once", "people")]
        scores = [(f"score_{goal}", "6") for goal in goals]
        typed = [(name, value) for name, value in typed if name not in dict(scores)]
        return [
            *typed,
            *scores,
            ("once", str(uuid.uuid4())),
            ("people", with_it),
            ("note", "Seen at home; a calm week."),
        ]

    year, ten = date.today() - timedelta(days=365), date.today() - timedelta(days=3652)  # noqa: DTZ011

    def tables(which: str, start: date, *more: str) -> str:
        end = date.today()  # noqa: DTZ011
        days = "&".join(
            f"{name}-day={day.day}&{name}-month={day.month}&{name}-year={day.year}"
            for name, day in (("start", start), ("end", end))
        )
        return f"{reverse('monitoring-tables')}?{which}&{days}{''.join(more)}"

    dashboard = f"{reverse('dashboard')}?period=last-120&compare=before"
    waiting = reverse("dashboard-figure", args=["waiting_long"])
    found = [
        Page("Empty page of the layout", "practitioner", "/bench/empty/", "other"),
        Page("Home, practitioner", "practitioner", reverse("home"), "case"),
        Page("Home, leader", "leader", reverse("home"), "case"),
        Page("Home, manager", "manager", reverse("home"), "case"),
        Page("Referrals", "practitioner", f"{reverse('referral-list')}?status=ended", "list"),
        Page("Referral", "leader", reverse("referral", args=[referral.pk]), "case"),
        Page("Screening board", "leader", reverse("board", args=[meeting.pk, item.referral_id]), "case"),
        Page("Waiting list", "leader", reverse("waiting-list"), "list"),
        Page("Cases, open", "leader", f"{reverse('case-list')}?show=open", "list"),
        Page("Cases, closed", "leader", f"{reverse('case-list')}?show=closed", "list"),
        Page("Case", "practitioner", reverse("case", args=[mine.pk]), "case"),
        Page("Case: contacts", "practitioner", reverse("case-contacts", args=[mine.pk]), "case"),
        Page("Case: chronology, 1,000 entries", "practitioner", reverse("case-chronology", args=[longest.pk]), "case"),
        Page(
            "Case: chronology to print, 1,000 entries",
            "practitioner",
            reverse("case-chronology-print", args=[longest.pk]),
            "other",
        ),
        Page("Case: log a contact (form)", "practitioner", new, "case"),
        Page("Log a contact (create)", "practitioner", new, "create", contact),
        Page("Family", "practitioner", reverse("family", args=[family.pk]), "case"),
        Page("Families", "practitioner", reverse("family-list"), "list"),
        Page("Search by name", "practitioner", reverse("search"), "list", lambda: [*search, ("q", child.last_name)]),
        Page("Tables, one Cluster, a year", "leader", tables(f"cluster={cluster.pk}", year), "other"),
        Page(
            "Tables, one Cluster, a year, figures alone",
            "leader",
            tables(f"cluster={cluster.pk}", year, "&as=json"),
            "other",
        ),
        Page("Tables, city, ten years", "manager", tables(every, ten), "other"),
        Page("Dashboard, city, ten years", "manager", dashboard, "other"),
        Page("Dashboard, city, ten years, counted afresh", "manager", f"{dashboard}&now=1", "other"),
        Page("Dashboard, one figure, city, ten years", "manager", f"{waiting}?period=last-120", "other"),
        Page("Tables, city, ten years, figures alone", "manager", tables(every, ten, "&as=json"), "other"),
    ]
    for name in ("api-referrals", "api:referral-list", "referral-list-api", "api-referral-list"):
        try:
            found.append(Page("API: referrals", "api", reverse(name), "list"))
            break
        except NoReverseMatch:
            continue
    return found


def sign_in_all(address: str) -> dict[str, Client]:
    clients = {}
    for who, email in (("practitioner", "w0-1"), ("leader", "w0-0"), ("manager", "manager")):
        clients[who] = Client(address)
        clients[who].sign_in(f"{email}@example.org", PASSWORD)
    user = User.objects.get(email="w0-1@example.org")
    ApiToken.objects.get_or_create(
        digest=digest_of(TOKEN), defaults={"user": user, "name": "bench", "scopes": ["referrals:read"]}
    )
    clients["api"] = Client(address, headers={"Authorization": f"Bearer {TOKEN}"})
    return clients


def measure(page: Page, client: Client) -> dict[str, object]:
    """The page alone and by eight at once, its statements, and the same statements run raw."""

    def asker(who: Client) -> Callable[[], Answer]:
        return lambda: who.ask(page.path, page.fields() if page.fields else None)

    first = [asker(client)() for _ in range(4)][-1]
    expected = (302,) if page.kind == "create" else (200,)
    if first.status not in expected:
        return {"title": page.title, "wrong": f"{page.title}: status {first.status}"}
    alone = times(repeat(asker(client), count=COUNT, seconds=SECONDS))
    eight = times(together(lambda: asker(client.again()), people=8, count=EIGHT, seconds=SECONDS))
    name = "".join(c if c.isalnum() else "-" for c in page.title.lower())
    client.ask(page.path, page.fields() if page.fields else None, headers={"X-Bench-Capture": name})
    statements = json.loads((CAPTURES / f"{name}.json").read_text())
    return {
        "title": page.title,
        "kind": page.kind,
        "queries": alone.queries,
        "summary": f"{page.title}: {alone.queries} queries, {alone.p50:.0f} ms, database {alone.db:.1f} ms",
        "alone": asdict(alone),
        "eight": asdict(eight),
        "raw": raw(statements),
        "slowest": slowest(statements),
    }


def raw(statements: list[str], runs: int = 22) -> float:
    """Milliseconds in the middle for the page's own statements, by the driver alone in one transaction."""
    connection = psycopg2.connect(settings.DATABASE_URL)
    spent = []
    for _ in range(runs):
        with connection.cursor() as cursor:
            begin = perf_counter()
            for statement in statements:
                cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()
            spent.append(perf_counter() - begin)
        connection.rollback()
        if sum(spent) > 20:
            break
    connection.close()
    return median(spent[2:] or spent) * 1000


def slowest(statements: list[str]) -> list[tuple[float, str]]:
    """The three statements that take longest, for whoever has to mend them."""
    connection = psycopg2.connect(settings.DATABASE_URL)
    found = []
    with connection.cursor() as cursor:
        for statement in statements:
            begin = perf_counter()
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()
            found.append(((perf_counter() - begin) * 1000, statement[:4000]))
    connection.rollback()
    connection.close()
    return sorted(found, reverse=True)[:3]


def main(out: Path) -> None:
    with serving("scripts.bench.wsgi", workers=2, environment={"WEB_THREADS": "4"}) as address:
        clients = sign_in_all(address)
        results = []
        for page in pages(clients):
            # The cities take turns, page by page, so that what else the machine does meets both.
            sys.stdin.readline()
            results.append(measure(page, clients[page.who]))
            said = results[-1]
            print(said.get("wrong") or said["summary"], flush=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    with psycopg2.connect(settings.DATABASE_URL) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = str((cursor.fetchone() or ("",))[0]).split()[0]
    load = os.getloadavg()[0]
    out.write_text(json.dumps({"pages": results, "rows": counts(), "postgres": server, "load": load}, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
