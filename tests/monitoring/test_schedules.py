"""When schedules make reports, for whom, and what a missed beat, an edit or a changed Cluster does to them."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core import mail
from django.test import Client

from cluster_ehs.core.tasks import send_messages
from clusters.models import Cluster
from monitoring import comparison, reports, schedules
from monitoring.models import ReportRun, Schedule
from monitoring.shapes import Period
from monitoring.suite import engine
from monitoring.suite.when import Due, due_days, terms
from tests.fixtures_cast import Cast, as_, sign_in
from triage.models import SchoolHoliday

BREAKS = [
    (date(2026, 8, 29), date(2026, 9, 1)),
    (date(2026, 7, 22), date(2026, 8, 31)),
    (date(2026, 10, 24), date(2026, 11, 1)),
    (date(2026, 12, 19), date(2027, 1, 3)),
    (date(2027, 2, 13), date(2027, 2, 21)),
    (date(2027, 3, 25), date(2027, 4, 11)),
]


def due(after: date, until: date, **about: object) -> list[Due]:
    return list(due_days(Schedule(**about), after, until, holidays=BREAKS))


def test_terms_lie_between_long_breaks_and_half_terms_end_none() -> None:
    assert terms(BREAKS) == [
        Period(date(2026, 9, 2), date(2026, 12, 18)),
        Period(date(2027, 1, 4), date(2027, 3, 24)),
    ]
    assert due(date(2026, 9, 1), date(2027, 12, 31), when="term") == [
        Due(date(2026, 12, 19), Period(date(2026, 9, 2), date(2026, 12, 18))),
        Due(date(2027, 3, 25), Period(date(2027, 1, 4), date(2027, 3, 24))),
    ]


def test_weeks_months_and_quarters() -> None:
    assert due(date(2026, 12, 1), date(2026, 12, 15), when="weekly", weekday=2) == [
        Due(date(2026, 12, 8), Period(date(2026, 11, 30), date(2026, 12, 6))),
        Due(date(2026, 12, 15), Period(date(2026, 12, 7), date(2026, 12, 13))),
    ]
    assert due(date(2026, 12, 4), date(2027, 1, 5), day_of_month=5) == [
        Due(date(2026, 12, 5), Period(date(2026, 11, 1), date(2026, 11, 30))),
        Due(date(2027, 1, 5), Period(date(2026, 12, 1), date(2026, 12, 31))),
    ]
    assert due(date(2026, 12, 1), date(2027, 4, 30), when="quarterly", day_of_month=28) == [
        Due(date(2027, 1, 28), Period(date(2026, 10, 1), date(2026, 12, 31))),
        Due(date(2027, 4, 28), Period(date(2027, 1, 1), date(2027, 3, 31))),
    ]


def test_before_named_days_and_about_more_months() -> None:
    named = ["2027-03-14", "2026-12-10"]
    assert due(date(2026, 12, 1), date(2027, 3, 31), when="named", named_days=named, days_before=7, covers="12") == [
        Due(date(2026, 12, 3), Period(date(2025, 12, 1), date(2026, 11, 30))),
        Due(date(2027, 3, 7), Period(date(2026, 3, 1), date(2027, 2, 28))),
    ]


@pytest.fixture
def make(cast: Cast) -> Callable[..., Schedule]:
    def made(**about: object) -> Schedule:
        values: dict = {"name": "Reports", "clusters": [], "recipients": [], "schedule": None, **about}
        with as_(cast.manager):
            return schedules.save_schedule(by=cast.manager, **values)

    return made


def test_three_days_without_a_beat_make_each_missed_report_once_and_late(make: Callable[..., Schedule]) -> None:
    monthly = make(name="Monthly", reports=["tables", "waiting"], day_of_month=2)
    weekly = make(name="Weekly", when="weekly", weekday=4)
    Schedule.objects.update(looked_on=date(2026, 12, 1))
    started = schedules.start_due_reports(date(2026, 12, 4))
    assert {(r.schedule_id, r.report, r.due_on, r.late_by) for r in started} == {
        (monthly.pk, "tables", date(2026, 12, 2), 2),
        (monthly.pk, "waiting", date(2026, 12, 2), 2),
        (weekly.pk, "tables", date(2026, 12, 3), 1),
    }
    assert len(started) == 3
    assert schedules.start_due_reports(date(2026, 12, 4)) == []
    Schedule.objects.update(looked_on=date(2026, 11, 30))
    assert schedules.start_due_reports(date(2026, 12, 4)) == [], "looked at again: nothing twice"
    assert {r.late_by for r in schedules.start_due_reports(date(2026, 12, 10))} == {0}


def test_after_a_term_by_the_holidays_of_the_settings(make: Callable[..., Schedule]) -> None:
    SchoolHoliday.objects.filter(cluster=None).delete()
    SchoolHoliday.objects.bulk_create(SchoolHoliday(name="Break", starts_on=a, ends_on=b) for a, b in BREAKS)
    make(when="term")
    Schedule.objects.update(looked_on=date(2026, 12, 18))
    [run] = schedules.start_due_reports(date(2026, 12, 19))
    assert (run.period_from, run.period_to) == (date(2026, 9, 2), date(2026, 12, 18))


def test_a_leader_who_is_told_gets_the_own_clusters_and_no_others(
    cast: Cast, make: Callable[..., Schedule], client: Client
) -> None:
    make(recipients=[cast.manager, cast.leader, cast.practitioner], reports=["waiting", "times"])
    runs = schedules.start_due_reports(date(2026, 12, 1))
    told = {(r.report, tuple(r.cluster_names)): r.recipient_ids for r in runs}
    both, own = ("Hilltop Invented", "Riverside Invented"), ("Riverside Invented",)
    assert told == {
        ("waiting", both): [cast.manager.pk],
        ("waiting", own): [cast.leader.pk],
        ("times", both): [cast.manager.pk],
        ("times", own): [cast.leader.pk],
    }
    for run in runs:
        reports.make_report(run.pk)
    send_messages()
    # One mail for the day's reports together, and the page it leads to opens for its reader.
    assert sorted(m.to[0] for m in mail.outbox) == sorted([cast.leader.email, cast.manager.email])
    [mine] = [m for m in mail.outbox if m.to == [cast.leader.email]]
    address = next(word for word in mine.body.split() if "/reports/runs/" in word).partition("/reports")
    page = sign_in(client, cast.leader).get("/reports" + address[2])
    assert page.status_code == 200 and "Made with it" in page.content.decode()
    for run in runs:
        assert client.get(f"/reports/runs/{run.pk}/").status_code == (200 if run.cluster_names == list(own) else 403)


def test_a_schedule_edited_while_it_runs_changes_only_what_comes(cast: Cast, make: Callable[..., Schedule]) -> None:
    schedule = make(clusters=[cast.cluster], recipients=[cast.leader], reports=["waiting"])
    [run] = schedules.start_due_reports(date(2026, 12, 1))
    reports.take_lease(run.pk, "a worker that dies")
    make(schedule=schedule, name="Other", clusters=[cast.other_cluster], recipients=[cast.manager], reports=["times"])
    ReportRun.objects.filter(pk=run.pk).update(leased_until=None)
    assert reports.make_report(run.pk)
    run.refresh_from_db()
    assert (run.report, run.title, run.snapshot["clusters"]) == ("waiting", "Reports", ["Riverside Invented"])
    send_messages()
    assert [m.to for m in mail.outbox] == [[cast.leader.email]]
    [following] = schedules.start_due_reports(date(2027, 1, 1))
    assert (following.report, following.title, following.cluster_names) == ("times", "Other", ["Hilltop Invented"])


def test_a_cluster_renamed_split_or_merged_between_two_periods(
    cast: Cast, make: Callable[..., Schedule], client: Client
) -> None:
    """A run keeps the names it had. A Cluster that is no more counts by itself for the days on which it was one."""
    make(reports=["waiting"], recipients=[cast.manager])
    [first] = schedules.start_due_reports(date(2026, 12, 1))
    reports.make_report(first.pk)
    Cluster.objects.filter(pk=cast.cluster.pk).update(name="Riverside and Weir")
    Cluster.objects.filter(pk=cast.other_cluster.pk).update(retired_on=date(2026, 12, 15))
    [second] = schedules.start_due_reports(date(2027, 1, 1))
    [third] = schedules.start_due_reports(date(2027, 2, 1))
    assert second.cluster_names == ["Hilltop Invented", "Riverside and Weir"], "it was one until the fifteenth"
    assert third.cluster_names == ["Riverside and Weir"]
    reports.make_report(second.pk)
    first.refresh_from_db()
    assert first.snapshot["clusters"] == ["Hilltop Invented", "Riverside Invented"]
    second.refresh_from_db()
    assert comparison.earlier_runs(second) == [first], "the same Clusters, by whatever name"
    sign_in(client, cast.manager)
    assert "Riverside Invented" in client.get(f"/reports/runs/{first.pk}/").content.decode()
    choices = dict(client.get("/reports/waiting/").context["form"].fields["cluster"].choices)
    assert choices[cast.other_cluster.pk] == "Hilltop Invented (until 15/12/2026)"


def test_only_runs_of_one_definition_stand_side_by_side(
    cast: Cast, make: Callable[..., Schedule], client: Client
) -> None:
    make(reports=["times"], recipients=[cast.manager])
    runs = []
    for day in (date(2026, 12, 1), date(2027, 1, 1)):
        [run] = schedules.start_due_reports(day)
        reports.make_report(run.pk)
        runs.append(ReportRun.objects.get(pk=run.pk))
    now, then = (engine.modern(run.snapshot) for run in reversed(runs))
    compared = comparison.beside(now, then)
    assert compared["before"] == then["period"]
    steps = compared["tables"][0]
    assert [row[1:] for row in then["tables"][0]["rows"]] == steps["before"]
    changed = comparison.beside(now, {**then, "definition": 0})
    assert not changed["comparable"]
    assert all(table["before"] is None for table in changed["tables"])
    page = sign_in(client, cast.manager).get(f"/reports/runs/{runs[1].pk}/?with={runs[0].pk}")
    assert "the run about 1 November to 30 November 2026" in page.content.decode()


def test_a_manager_sets_up_a_schedule_before_named_days(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    page = client.get("/reports/schedules/new/")
    data = {
        "once": page.context["form"]["once"].value(),
        "name": "Partnership",
        "reports": ["tables", "waiting"],
        "recipients": [cast.leader.pk],
        "when": "named",
        "named_days": "14/3/2027\nsoon",
        "covers": "12",
        "active": "on",
    }
    wrong = client.post("/reports/schedules/new/", data)
    assert wrong.status_code == 422
    assert "“soon” is not a day" in wrong.content.decode() and "Partnership" in wrong.content.decode()
    assert client.post("/reports/schedules/new/", {**data, "named_days": "14/3/2027"}).status_code == 302
    schedule = Schedule.objects.get()
    assert schedule.in_words == "7 days before 14 March 2027"
    assert (schedule.reports, schedule.covers, schedule.days_before) == (["tables", "waiting"], "12", 7)
    assert client.get(f"/reports/schedules/{schedule.pk}/").context["form"]["named_days"].value() == "14/3/2027"
