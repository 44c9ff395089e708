"""Reports for outside: nothing small is on the page, in files or chart, nor comes back from what is there."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring import reports
from monitoring.disclosure import NOT_SHOWN, WIDTH, Protected, Sum, is_small
from monitoring.models import ReportRun
from monitoring.progress import Pair
from monitoring.shapes import Period
from monitoring.suite import engine, progress
from monitoring.suite.outside import Cell, _Ties, for_outside
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, counted
from outcomes.readings.arithmetic import DEFAULT_CUTS
from outcomes.readings.scale import Domain
from tests.fixtures_cast import Cast, as_, sign_in
from tests.monitoring.test_disclosure import COUNT, check, interval

DAY = timezone.localdate()
ASKED = Asked((1,), ("Riverside",), Period(DAY, DAY), timezone.now())


def snapshot(*tables: Table) -> dict[str, Any]:
    report = Report("made", "Made", "Made up.", 1, lambda asked: tables, compares=False)
    return engine.snapshot_of(report, ASKED)


def received(count: int) -> Table:
    return Table("received", "Received", (Column("Row", Kind.TEXT), Column("Count")), (("Referrals", count),))


def shares(key: str, counts: list[int], whole: int, **more: Any) -> Table:
    rows = [(f"{key} {'abcdefghijkl'[n]}", count) for n, count in enumerate(counts)]
    return counted(key, key, rows, denominator=whole, of="referrals", **more)


def cells(made: dict[str, Any], table: int = 0) -> list[list[Any]]:
    return [row[1:] for row in made["tables"][table]["rows"]]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(COUNT, min_size=1, max_size=7),
    st.lists(COUNT, min_size=1, max_size=5),
    st.lists(st.lists(COUNT, min_size=2, max_size=2), min_size=1, max_size=4),
)
def test_what_a_reader_can_add_up_gives_nothing_back(
    ages: list[int], reasons: list[int], grid: list[list[int]]
) -> None:
    """Ages are a partition, reasons may be several, boys and girls stand beside their sum: all of the same children."""
    whole = sum(ages)
    some = [min(count, whole) for count in reasons]
    beside = Table(
        "grid",
        "Grid",
        (Column("Row", Kind.TEXT), Column("Boys"), Column("Girls"), Column("Both")),
        tuple((f"row {n}", boys, girls, boys + girls) for n, (boys, girls) in enumerate(grid)),
    )
    before = snapshot(received(whole), shares("age", ages, whole), shares("reason", some, whole), beside)
    ties = _Ties(before["tables"])
    protected = check(ties.counts, ties.sums, frozenset(ties.unsaid))
    after = for_outside(before)
    for number, (was, now) in enumerate(zip(before["tables"], after["tables"], strict=True)):
        for row, (old, new) in enumerate(zip(was["rows"], now["rows"], strict=True)):
            for column, (_, kind) in enumerate(was["columns"]):
                if kind == "count":
                    assert new[column] == (
                        NOT_SHOWN if Cell(number, row, column, "now") in protected.hidden else old[column]
                    )
                    assert not (isinstance(new[column], int) and is_small(new[column]))
                if kind == "percent" and new[column] not in (None, NOT_SHOWN):
                    assert new[1] != NOT_SHOWN and now["denominator"] is not None


def test_a_share_goes_with_its_count_and_the_rest_stays() -> None:
    made = for_outside(snapshot(shares("age", [3, 20, 30, 9, 0], 62)))
    assert cells(made) == [
        [NOT_SHOWN, NOT_SHOWN],
        [20, "32.26"],
        [30, "48.39"],
        [NOT_SHOWN, NOT_SHOWN],
        [0, "0.00"],
    ]


def test_a_small_remainder_of_several_answers_is_protected() -> None:
    made = for_outside(snapshot(shares("reason", [98, 40], 100)))
    assert cells(made) == [[NOT_SHOWN, NOT_SHOWN], [40, "40.00"]]


def test_titles_notes_and_who_is_missing_do_not_tell() -> None:
    table = shares(
        "6",
        [40, 3, 7],
        50,
        missing=3,
        note="Three kinds. 3 were not asked. Equal ones stand together.",
        finding="3 of 50",
    )
    made = for_outside(snapshot(Table(**{**vars(table), "title": "Diagnosed (3 diagnoses)"})))["tables"][0]
    assert (made["title"], made["missing"], made["finding"]) == ("Diagnosed", None, "")
    assert made["note"] == "Three kinds. Equal ones stand together."


def test_rates_middles_and_money_of_few_are_not_said() -> None:
    columns = (
        Column("Service", Kind.TEXT),
        Column("Sessions"),
        Column("Missed", Kind.PERCENT),
        Column("Paid", Kind.MONEY),
    )
    rows = (
        ("Therapy", 20, Decimal("10.00"), 4000),  # two missed: the rate tells
        ("Counselling", 60, Decimal("15.00"), 9000),  # nine
        ("Other", 3, Decimal("0.00"), 500),
        ("All", 83, Decimal("13.25"), 13500),
    )
    made = cells(for_outside(snapshot(Table("s", "Sessions", columns, rows))))
    assert made[0][1] == NOT_SHOWN and made[2] == [NOT_SHOWN] * 3
    assert made[3][0] == 83
    hidden = [row[2] == NOT_SHOWN for row in made[:3]]
    assert hidden.count(True) >= 2 or made[3][2] == NOT_SHOWN


PAIR = st.builds(
    Pair,
    *2 * (st.dictionaries(st.sampled_from(Domain.values[:3]), st.integers(1, 10), min_size=1),),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(PAIR, min_size=5, max_size=40))
def test_progress_for_outside_gives_no_small_count_back(found: list[Pair]) -> None:
    """Its tables say of the same families in which domain they moved, and from where to where."""
    tables = [progress._overall(found), progress._domains(found), progress._by_domain(found, DEFAULT_CUTS)]
    matrix = progress._matrix(found, DEFAULT_CUTS)
    before = snapshot(*tables, *matrix)
    after = for_outside(before)
    assert {cell for row in cells(after, 4) for cell in row} <= {NOT_SHOWN, None}
    counts, known, sums = {}, {}, []
    for number in (1, 2, 3):
        for row, line in enumerate(before["tables"][number]["rows"]):
            for column, (_, kind) in enumerate(before["tables"][number]["columns"]):
                if kind == "count" and line[column] is not None:
                    counts[number, row, column] = line[column]
                    shown = after["tables"][number]["rows"][row][column]
                    known[number, row, column] = None if shown == NOT_SHOWN else shown
    for row in range(len(Domain.values)):
        # Read twice: higher, stayed high, same, lower; and the nine cells of where they started and ended.
        sums.append(Sum((1, row, 1), tuple((1, row, column) for column in (2, 4, 5, 6))))
        sums.append(Sum((1, row, 1), tuple((2, row, column) for column in range(1, 10))))
        sums.append(Sum((1, row, 7), ((2, row, 10),)))
    for at in range(4):
        sums.append(Sum((3, at, 4), tuple((3, at, column) for column in range(1, 4))))
        sums.append(Sum((3, 3, at + 1), tuple((3, row, at + 1) for row in range(3))))
    hidden = frozenset(key for key, said in known.items() if said is None)
    made = Protected({key: said for key, said in known.items() if said is not None}, hidden)
    for key in (key for key in hidden if is_small(counts[key])):
        least, most = interval(key, counts, sums, made, frozenset())
        assert least <= counts[key] <= most and most - least >= WIDTH, (key, counts[key], least, most)


@pytest.fixture
def run(cast: Cast) -> ReportRun:
    with as_(cast.leader):
        made = reports.start_report(
            by=cast.leader,
            clusters=[cast.cluster],
            period_from=DAY - timedelta(days=365),
            period_to=DAY,
            outside=True,
        )
    assert reports.make_report(made.pk)
    made.refresh_from_db()
    return made


def test_every_output_of_a_run_says_that_it_is_for_outside(cast: Cast, client: Client, run: ReportRun) -> None:
    """The cast has four referrals: their number and all that it is made of stay unsaid."""
    assert engine.figure(run.snapshot, "received", "Referrals received") == NOT_SHOWN
    sign_in(client, cast.leader)
    page = client.get(f"/reports/runs/{run.pk}/").content.decode()
    assert "Counts under five are not shown" in page
    text = bytes(run.files.get(kind="csv").content).decode("utf-8-sig")
    assert "Counts under five are not shown" in text and "Referrals received,Count,not shown" in text
    book = openpyxl.load_workbook(BytesIO(bytes(run.files.get(kind="xlsx").content)))
    for sheet in book.worksheets:
        said = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        assert any("Counts under five are not shown" in words for words in said), sheet.title
    answer = client.get(f"/reports/runs/{run.pk}/csv/")
    assert "for-outside" in answer["Content-Disposition"]


def test_the_page_is_for_outside_when_asked(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    query: dict[str, Any] = {"cluster": cast.cluster.pk, "outside": "on", "before": "on"}
    for name, day in (("start", DAY - timedelta(days=365)), ("end", DAY)):
        query |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
    text = client.get("/reports/tables/", query).content.decode()
    assert "Counts under five are not shown" in text and ">not shown<" in text
    inside = client.get("/reports/tables/", {key: value for key, value in query.items() if key != "outside"})
    assert "are not shown, nor" not in inside.content.decode()
