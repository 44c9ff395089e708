"""A scheduled report: due once, made once, the same for good."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pikepdf
import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from cluster_ehs.core import pdf
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import send_messages
from monitoring import report_files, reports, schedules
from monitoring.models import ReportFile, ReportRun, Schedule
from monitoring.suite.engine import figure
from monitoring.suite.when import month_before
from tests.core.test_exports import structure
from tests.fixtures_cast import Cast, as_, sign_in


@pytest.fixture
def schedule(cast: Cast) -> Schedule:
    with as_(cast.manager):
        return schedules.save_schedule(
            by=cast.manager,
            schedule=None,
            name="Monthly monitoring",
            clusters=[cast.cluster],
            recipients=[cast.manager, cast.leader],
            day_of_month=1,
        )


@pytest.fixture
def run(cast: Cast) -> ReportRun:
    today = timezone.localdate()
    with as_(cast.leader):
        return reports.start_report(
            by=cast.leader, clusters=[cast.cluster], period_from=today - timedelta(days=365), period_to=today
        )


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 12, 1), date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 1, 28), date(2025, 12, 1), date(2025, 12, 31)),
        (date(2024, 3, 31), date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_a_report_is_about_the_month_before(today: date, first: date, last: date) -> None:
    assert month_before(today) == (first, last)


def test_a_schedule_makes_its_report_on_its_day_once(schedule: Schedule) -> None:
    Schedule.objects.update(day_of_month=5)
    assert schedules.start_due_reports(date(2026, 12, 4)) == []
    [made] = schedules.start_due_reports(date(2026, 12, 5))
    assert (made.period_from, made.period_to) == (date(2026, 11, 1), date(2026, 11, 30))
    assert schedules.start_due_reports(date(2026, 12, 5)) == []
    assert schedules.start_due_reports(date(2026, 12, 8)) == []


def test_a_beat_that_was_away_for_days_is_made_up_for(schedule: Schedule) -> None:
    assert len(schedules.start_due_reports(date(2026, 12, 4))) == 1


def test_a_stopped_schedule_makes_nothing(schedule: Schedule) -> None:
    Schedule.objects.update(active=False)
    assert schedules.start_due_reports(date(2026, 12, 1)) == []


def test_a_report_counts_what_was_received_and_has_its_files(cast: Cast, run: ReportRun) -> None:
    assert reports.make_report(run.pk)
    run.refresh_from_db()
    assert run.status == "done" and run.progress == 100
    assert figure(run.snapshot, "received", "Referrals received") == 4
    assert {f.kind for f in run.files.all()} == set(report_files.KINDS)
    sheet = openpyxl.load_workbook(BytesIO(bytes(run.files.get(kind="xlsx").content)))
    assert sheet.sheetnames[0] == "All figures"
    assert b"12,Service received" in bytes(run.files.get(kind="csv").content)


@pytest.mark.skipif(bool(pdf.MISSING), reason=pdf.MISSING)
def test_the_pdf_passes_the_structure_checks(run: ReportRun) -> None:
    reports.make_report(run.pk)
    document = pikepdf.open(BytesIO(bytes(run.files.get(kind="pdf").content)))
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"].startswith("The evaluation")
    assert str(document.Root.Lang) == "en-GB"
    tags, alternatives = structure(document.Root.StructTreeRoot)
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= tags
    assert any("Mainstream school" in words for words in alternatives)


def test_delivered_twice_it_ends_in_one_report(schedule: Schedule) -> None:
    [run] = schedules.start_due_reports(date(2026, 12, 1))
    assert reports.make_report(run.pk) is True
    assert reports.make_report(run.pk) is False
    assert ReportFile.objects.filter(run=run).count() == len(report_files.KINDS)
    assert Message.objects.filter(key__startswith="report:").count() == 2


def test_a_run_that_somebody_works_on_is_left_alone_until_the_lease_ends(run: ReportRun) -> None:
    reports.take_lease(run.pk, "another worker")
    assert reports.make_report(run.pk) is False
    ReportRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert reports.make_report(run.pk) is True


def test_a_worker_that_lost_its_lease_writes_nothing_more(run: ReportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_over(of: ReportRun) -> bytes:
        ReportRun.objects.filter(pk=of.pk).update(lease_owner="somebody else")
        return b"late"

    monkeypatch.setitem(report_files.BUILDERS, "csv", taken_over)
    with pytest.raises(reports.LostLease):
        reports.make_report(run.pk)
    assert not ReportFile.objects.filter(run=run, kind="csv").exists()


def test_the_figures_are_those_of_the_moment_it_was_asked_for(cast: Cast, run: ReportRun) -> None:
    """A run that is taken up again keeps its snapshot; a finished one and its files cannot be changed."""
    reports.make_report(run.pk)
    with pytest.raises(DatabaseError, match="finished report"), transaction.atomic():
        ReportRun.objects.filter(pk=run.pk).update(snapshot={})
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ReportFile.objects.filter(run=run).delete()


def test_the_mail_has_a_link_and_neither_figures_nor_names(cast: Cast, schedule: Schedule) -> None:
    [run] = schedules.start_due_reports(date(2026, 12, 1))
    reports.make_report(run.pk)
    send_messages()
    assert {m.to[0] for m in mail.outbox} == {cast.manager.email, cast.leader.email}
    body = mail.outbox[0].body
    assert f"/reports/runs/{run.pk}/" in body
    assert "Novák" not in body and cast.cluster.name not in body


def test_who_may_see_and_ask(cast: Cast, run: ReportRun, client: Client) -> None:
    page = f"/reports/runs/{run.pk}/"
    for user, status in ((cast.leader, 200), (cast.manager, 200), (cast.other_leader, 403), (cast.practitioner, 403)):
        assert sign_in(client, user).get(page).status_code == status, user
    with as_(cast.leader), pytest.raises(Denied):
        reports.start_report(
            by=cast.leader, clusters=[cast.other_cluster], period_from=run.period_from, period_to=run.period_to
        )
    with as_(cast.leader), pytest.raises(Denied):
        schedules.save_schedule(by=cast.leader, schedule=None, name="Mine", clusters=[], recipients=[], day_of_month=1)


def test_a_double_submit_asks_for_one_report(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    token = client.get("/reports/new/").context["form"]["once"].value()
    data = {
        "once": token,
        "report": "tables",
        "clusters": [cast.cluster.pk],
        "period_from": "2026-06-01",
        "period_to": "2026-06-30",
    }
    pages = {client.post("/reports/new/", data)["Location"] for _ in range(2)}
    assert len(pages) == 1
    assert ReportRun.objects.count() == 1


def test_a_period_that_ends_before_it_begins_is_refused_and_kept(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    answer = client.post(
        "/reports/new/",
        {"report": "tables", "clusters": [cast.cluster.pk], "period_from": "2026-06-01", "period_to": "2026-05-01"},
    )
    assert answer.status_code == 422
    assert "period_to" in answer.context["form"].errors
    assert ReportRun.objects.count() == 0
