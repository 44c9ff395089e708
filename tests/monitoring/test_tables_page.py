"""The page of the evaluation's tables: who may open it, what it shows, what it downloads."""

import csv
import io
import json
from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor, acting_as
from monitoring.asking import whole_months_before
from monitoring.suite import REPORTS
from monitoring.tables import Period
from tests.fixtures_cast import Cast, as_, sign_in

URL = "/reports/tables/"

BESIDE = {"6b", "partners", "hands_back", "family", "fathers"}


def query(*clusters: int, start: date, end: date, **more: str) -> str:
    pairs: list[tuple[str, object]] = [("cluster", pk) for pk in clusters]
    for name, day in (("start", start), ("end", end)):
        pairs += [(f"{name}-day", day.day), (f"{name}-month", day.month), (f"{name}-year", day.year)]
    return URL + "?" + urlencode([*pairs, *more.items()])


@pytest.fixture
def this_year() -> dict[str, date]:
    today = timezone.localdate()
    return {"start": date(today.year - 1, 1, 1), "end": today}


def test_a_manager_sees_every_cluster_and_a_leader_the_own(cast: Cast, client: Client, this_year: dict) -> None:
    both = query(cast.cluster.pk, cast.other_cluster.pk, **this_year)
    page = sign_in(client, cast.manager).get(both)
    assert page.status_code == 200
    assert page.context["made"].referrals == 6
    page = sign_in(client, cast.leader).get(URL)
    assert [label for _, label in page.context["form"].fields["cluster"].choices] == ["Riverside Invented"]
    own = client.get(query(cast.cluster.pk, **this_year))
    # A restricted family is counted like any other.
    assert own.context["made"].referrals == 4
    refused = client.get(both)
    assert refused.status_code == 403
    assert "own Clusters only" in refused.content.decode()


@pytest.mark.parametrize("who", ["practitioner", "therapist", "supervisor", "guest", "referrer"])
def test_others_are_told_why_not(cast: Cast, client: Client, who: str) -> None:
    page = sign_in(client, getattr(cast, who)).get(URL)
    assert page.status_code == 403
    assert "Reports are for managers and Cluster leaders" in page.content.decode()
    assert client.get(reverse("reports")).status_code == 403


def test_the_page_names_no_child(cast: Cast, client: Client, this_year: dict) -> None:
    text = sign_in(client, cast.manager).get(query(cast.cluster.pk, **this_year)).content.decode()
    for name in ("Novák", "Zdeňka", "Wójcik", "Jakub", "Smith-Jones"):
        assert name not in text


def test_downloads_carry_the_rows_of_the_page_and_are_noted(cast: Cast, client: Client, this_year: dict) -> None:
    sign_in(client, cast.leader)
    page = client.get(query(cast.cluster.pk, **this_year))
    shown = [(s.table.key, r.row.name, str(r.row.count)) for s in page.context["tables"] for r in s.rows]
    got = client.get(query(cast.cluster.pk, **this_year, **{"as": "csv"}))
    assert got["Content-Disposition"].startswith('attachment; filename="evaluation-tables-')
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert [(r["table"], r["row"], r["count"]) for r in rows] == [s for s in shown if s[0] not in BESIDE]
    said = json.loads(client.get(query(cast.cluster.pk, **this_year, **{"as": "json"})).content)
    assert said["referrals"] == 4
    with as_(cast.leader):
        assert Event.objects.filter(kind="download", cluster_id=cast.cluster.pk).count() == 2


def test_beside_the_publication_the_page_says_what_is_misprinted(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    page = client.get(query(cast.cluster.pk, start=date(2021, 1, 1), end=date(2021, 6, 30)))
    text = page.content.decode()
    assert "printed as 99; only 79 gives both" in text
    assert "41 children had one or the other" in text
    assert "3.21 %" in text
    other = client.get(query(cast.cluster.pk, start=date(2021, 1, 1), end=date(2021, 7, 31)))
    assert "printed as 99" not in other.content.decode()


def test_the_period_before_stands_beside(cast: Cast, client: Client) -> None:
    referral = cast.referral
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        type(referral).objects.filter(pk=referral.pk).update(received_on=date(2020, 12, 31))
    start, end = date(2021, 1, 1), date(2021, 6, 30)
    page = sign_in(client, cast.leader).get(query(cast.cluster.pk, start=start, end=end, before="on"))
    routes = next(s for s in page.context["tables"] if s.table.key == "11")
    changed = [r for r in routes.rows if r.before.count]
    assert [(r.row.count, r.before.count, r.change) for r in changed] == [(0, 1, "−1")]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"end-year": "2019"}, "To must be the same day as From, or later"),
        ({"start-day": "31", "start-month": "2"}, "From must be a real date"),
        ({"start-day": "", "start-month": "", "start-year": ""}, "Enter the first day of the period"),
        ({"cluster": "Riverside"}, "Riverside is not one of the available choices"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_is_kept(cast: Cast, client: Client, wrong: dict, says: str) -> None:
    values = {"cluster": str(cast.cluster.pk)}
    for name in ("start", "end"):
        values |= {f"{name}-day": "3", f"{name}-month": "4", f"{name}-year": "2021"}
    page = sign_in(client, cast.leader).get(URL, {k: v for k, v in (values | wrong).items() if v or k != "cluster"})
    assert page.status_code == 200
    assert says in page.content.decode()
    assert "made" not in page.context


def test_opened_it_shows_the_last_six_whole_months(cast: Cast, client: Client) -> None:
    assert whole_months_before(date(2021, 7, 14)) == Period(date(2021, 1, 1), date(2021, 6, 30))
    assert whole_months_before(date(2026, 2, 1)) == Period(date(2025, 8, 1), date(2026, 1, 31))
    page = sign_in(client, cast.leader).get(URL)
    assert page.context["made"].period == whole_months_before(timezone.localdate())
    link = page.context["query"]
    assert client.get(f"{URL}?{link}&as=csv").status_code == 200


def test_reports_lists_every_report_in_a_sentence(cast: Cast, client: Client) -> None:
    text = sign_in(client, cast.leader).get("/reports/").content.decode()
    for report in REPORTS:
        assert (report.title in text and report.about in text) is not report.managers_only, report.key
    assert URL in text
