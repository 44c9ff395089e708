"""Two reports for outside cannot be subtracted from one another: an integer solver tries with all that were given."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from cluster_ehs.core.denied import Conflict, Denied
from monitoring import given_out, reports, schedules
from monitoring.disclosure import WIDTH, Protected, Sum, is_small, protect
from monitoring.given_out import Reach
from monitoring.models import ReportRun, Schedule
from monitoring.shapes import Period
from tests.fixtures_cast import Cast, as_, sign_in
from tests.monitoring.test_disclosure import COUNT, FAR

# Cluster, month, answer: whoever is counted stands in one of these cells.
CLUSTERS, MONTHS, ANSWERS = 2, 4, 3
CELLS = np.array([(c, m, a) for c in range(CLUSTERS) for m in range(MONTHS) for a in range(ANSWERS)])
QUARTERS = [Period(date(2026, 1 + 3 * n, 1), date(2026, 3 + 3 * n, 28)) for n in range(4)]


@dataclass(frozen=True)
class Given:
    """A report that went outside: how many gave each answer, and all of them."""

    reach: Reach
    made: Protected

    def cells(self, answer: int | str) -> np.ndarray:
        in_it = np.isin(CELLS[:, 0], sorted(self.reach.clusters)) & (CELLS[:, 1] >= self.reach.period.start.month - 1)
        in_it &= self.reach.period.end.month - 1 >= CELLS[:, 1]
        return (in_it if answer == "all" else in_it & (CELLS[:, 2] == answer)).astype(int)


def give(reach: Reach, counts: np.ndarray) -> Given:
    empty = Given(reach, protect({}, []))
    told = {key: int(empty.cells(key) @ counts) for key in (*range(ANSWERS), "all")}
    return Given(reach, protect(told, [Sum("all", tuple(range(ANSWERS)))]))


def narrowest(given_outside: list[Given], counts: np.ndarray) -> float:
    """The least doubt that a reader of all reports has about any small count that one of them does not show."""
    rows, least, most = [], [], []
    for each in given_outside:
        for key in (*range(ANSWERS), "all"):
            rows.append(each.cells(key))
            known = each.made.shown.get(key)
            least.append(1 if known is None else known)
            most.append(FAR if known is None else known)
    doubts = [float("inf")]
    for each in given_outside:
        for key in each.made.hidden:
            if is_small(int(each.cells(key) @ counts)):
                ends = [
                    milp(
                        sign * each.cells(key),
                        constraints=[LinearConstraint(rows, least, most)],
                        bounds=Bounds(0, FAR),
                        integrality=np.ones(len(CELLS)),
                    ).fun
                    for sign in (1, -1)
                ]
                doubts.append(round(-ends[1] - ends[0]))
    return min(doubts)


def months(first: int, last: int) -> Period:
    return Period(date(2026, first + 1, 1), date(2026, last + 1, 28))


REACH = st.builds(
    lambda clusters, days: Reach(frozenset(clusters), months(min(days), max(days))),
    st.sets(st.integers(0, CLUSTERS - 1), min_size=1),
    st.tuples(st.integers(0, MONTHS - 1), st.integers(0, MONTHS - 1)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(COUNT, min_size=len(CELLS), max_size=len(CELLS)), st.lists(REACH, min_size=2, max_size=6))
def test_all_reports_that_may_be_given_leave_as_much_doubt_as_one(numbers: list[int], wanted: list[Reach]) -> None:
    counts = np.array(numbers)
    outside: list[Given] = []
    for reach in wanted:
        if not any(reach.meets(earlier.reach) for earlier in outside):
            outside.append(give(reach, counts))
    assert narrowest(outside, counts) >= WIDTH


def test_what_overlaps_would_give_a_small_count_back() -> None:
    """Why the rule is there: four months, and three of them."""
    counts = np.zeros(len(CELLS), dtype=int)
    for cluster, month, answer, count in ((0, 0, 0, 20), (0, 0, 1, 30), (0, 3, 0, 3), (0, 3, 1, 7), (0, 3, 2, 9)):
        counts[((cluster, month, answer) == CELLS).all(axis=1)] = count
    reaches = [Reach(frozenset({0}), period) for period in (months(0, 3), months(0, 2), months(3, 3))]
    assert reaches[0].meets(reaches[1]) and reaches[0].meets(reaches[2]) and not reaches[1].meets(reaches[2])
    outside = [give(reach, counts) for reach in reaches]
    assert 0 in outside[2].made.hidden
    assert narrowest(outside, counts) == 0
    assert narrowest(outside[1:], counts) >= WIDTH


def make(cast: Cast, period: Period, report: str = "waiting") -> ReportRun:
    with as_(cast.leader):
        return reports.start_report(
            by=cast.leader,
            clusters=[cast.cluster],
            period_from=period.start,
            period_to=period.end,
            report=report,
            outside=True,
        )


def test_a_second_one_is_refused_until_nobody_outside_got_the_first(cast: Cast, client: Client) -> None:
    first = make(cast, QUARTERS[0])
    make(cast, QUARTERS[1]), make(cast, QUARTERS[0], "times")
    assert reports.make_report(first.pk)
    first.refresh_from_db()
    assert first.snapshot["before"] is None and not any(table["before"] for table in first.snapshot["tables"])
    with pytest.raises(Conflict, match="was made for outside on"):
        make(cast, Period(QUARTERS[0].end, QUARTERS[0].end))
    sign_in(client, cast.leader)
    query = {"report": "waiting", "cluster": cast.cluster.pk, "outside": "on"}
    form = client.get("/reports/new/", query).context["form"]
    typed = {"once": form["once"].value(), "report": "waiting", "clusters": [cast.cluster.pk], "outside": "on"}
    typed |= {"period_from": "2026-02-01", "period_to": "2026-02-28"}
    page = client.post("/reports/new/", typed)
    assert "choose other days" in page.context["form"].errors["outside"][0]
    run_page = client.get(f"/reports/runs/{first.pk}/")
    assert "Nobody outside got it" in run_page.content.decode() and len(run_page.context["files"]) == 3
    client.post(f"/reports/runs/{first.pk}/kept-inside/")
    page = client.get(f"/reports/runs/{first.pk}/")
    assert "Its files are closed" in page.content.decode() and not page.context["files"]
    assert client.get(f"/reports/runs/{first.pk}/csv/").status_code == 403
    assert client.post(f"/reports/runs/{first.pk}/kept-inside/").status_code == 409
    assert client.post("/reports/new/", typed).status_code == 302


def test_whoever_did_not_ask_for_it_cannot_set_it_free(cast: Cast) -> None:
    run = make(cast, QUARTERS[0])
    ReportRun.objects.filter(pk=run.pk).update(asked_by=cast.manager)
    run.refresh_from_db()
    with as_(cast.leader), pytest.raises(Denied):
        given_out.keep_inside(by=cast.leader, run=run)


def test_the_page_shows_how_it_would_look_and_leads_to_the_report_that_is_kept(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    query = {"cluster": cast.cluster.pk, "outside": "on", "before": "on"}
    for name, day in (("start", today - timedelta(days=40)), ("end", today)):
        query |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
    sign_in(client, cast.leader)
    page = client.get("/reports/waiting/", query)
    text = page.content.decode()
    assert "Make it for outside, and keep it" in text and "as=xlsx" not in text
    assert page.context["snapshot"]["before"] is None
    straight = client.get("/reports/waiting/", {**query, "as": "csv"})
    assert straight.status_code == 302 and straight["Location"].startswith("/reports/new/?report=waiting")
    run = make(cast, Period(today, today))
    text = client.get("/reports/waiting/", query).content.decode()
    assert f'href="/reports/runs/{run.pk}/"' in text and "Make it for outside, and" not in text


def test_a_schedule_for_outside_makes_one_report_and_none_that_overlaps(cast: Cast) -> None:
    with as_(cast.manager):
        schedule = schedules.save_schedule(
            by=cast.manager, schedule=None, name="Partnership", clusters=[], recipients=[cast.manager, cast.leader],
            reports=["waiting"], outside=True,
        )  # fmt: skip
    [run] = schedules.start_due_reports(date(2026, 12, 1))
    assert run.recipient_ids == [cast.manager.pk] and len(run.cluster_ids) == 2, "no part of it beside it"
    Schedule.objects.filter(pk=schedule.pk).update(looked_on=None, covers="3")
    [refused] = schedules.start_due_reports(date(2026, 12, 2))
    assert refused.status == ReportRun.Status.REFUSED and "was made for outside" in refused.last_error
    assert reports.make_report(refused.pk) is False
    assert schedules.start_due_reports(date(2026, 12, 2)) == []
