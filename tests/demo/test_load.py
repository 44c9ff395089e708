"""The demonstration shows what it promises, to those who may see it, and loads nowhere near real records."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from cases.models import (
    Case,
    CaseMeeting,
    Contact,
    ContactNote,
    Event,
    EventAttendance,
    Extension,
    GoalScore,
    Loan,
    Task,
)
from cluster_ehs.core.models import Draft
from cluster_ehs.core.scope import acting_as_user
from clusters.models import AccessReview, AccountRequest, Cluster, DutyContact, ManagerRequest, SchoolMembership, User
from demo import load, sign_ins
from families.models import DuplicatePair, EmergencyAccess, Family, Flag, Merge, Person
from keeping.models import Disposal, HeldEntry, Hold, Mark, RedactedDocument, RightsRequest
from monitoring.models import CuriosityFinding, ReportRun
from outcomes.models import Closure, IncomingTransfer, MeasureRisk, ReceivedRecord, Transfer
from referrals.models import Intake, IntakeReject, Referral
from tests.fixtures_cast import sign_in
from triage.models import (
    Chase,
    CheckIn,
    Ending,
    EndingOutcome,
    HandDown,
    Letter,
    Meeting,
    MeetingPattern,
    Offer,
    Outcome,
    PassingOn,
    Question,
    SchoolHoliday,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cluster]:
    """Loaded once for all of these tests, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(lambda _: None)
        yield Cluster.objects.get(name=sign_ins.CLUSTER)
        transaction.set_rollback(True)


def person(key: str) -> User:
    return User.objects.get(email=f"{key}@example.org")


def test_there_is_real_work_in_every_place(loaded: Cluster) -> None:
    today = timezone.localdate()
    with acting_as_user(person("dee").pk):
        assert 60 <= Case.objects.open().count() <= 64
        # Fifteen of the Cluster's own, and one that came with a family from the Cluster beside.
        assert Referral.objects.to_screen().count() == 16
        assert Referral.objects.to_screen().filter(harm_flagged_at__isnull=False).count() == 1
        assert Referral.objects.to_screen().filter(received_on__lt=today - timedelta(days=28)).count() == 1
        waiting = Offer.objects.filter(status=Offer.Status.WAITING)
        assert waiting.values("service").distinct().count() == 4
        assert waiting.filter(waiting_since__lt=today - timedelta(weeks=8)).count() >= 4
        assert Case.objects.open().filter(review_due_on__lt=today).count() >= 3
        assert Task.objects.filter(done_at__isnull=True, due_on__lt=today).exists()
        assert set(Extension.objects.values_list("status", flat=True)) == {"asked", "approved", "refused"}
        assert Closure.objects.filter(status="asked").count() == 2
        # Answered alone this morning, and nobody has said what was done.
        assert MeasureRisk.objects.filter(author=None, done="").count() == 1
        assert Closure.objects.filter(status="returned").count() == 1
        assert set(PassingOn.objects.values_list("status", flat=True)) == set(PassingOn.Status.values)
        assert Meeting.objects.filter(status="open").count() == 1
        assert MeetingPattern.objects.count() == 2
        assert Meeting.objects.filter(status="planned", pattern__kind="screening").count() >= 6
        assert SchoolHoliday.objects.count() >= 6
        assert set(Flag.objects.values_list("kind", flat=True)) >= {"visiting_risk", "address_not_shared"}
        assert Person.objects.filter(relationship__code="father", involvement="not_yet").exists()
        assert Contact.objects.exclude(interpreter_language="").exists()
        assert set(Event.objects.values_list("kind", flat=True)) == set(Event.Kind.values)
        assert set(EventAttendance.objects.values_list("status", flat=True)) == set(EventAttendance.Status.values)
        assert CaseMeeting.objects.get(kind="family_group").family_plan
        again = Referral.objects.values("child").annotate(n=Count("pk")).filter(n__gt=1)
        assert again.count() >= 20
        siblings = Referral.objects.to_screen().values("family").annotate(n=Count("pk")).filter(n=2)
        assert siblings.count() == 1
    with acting_as_user(person("asha").pk):
        assert Draft.objects.count() == 2
    assert ReportRun.objects.filter(status="done").count() == 4
    assert SchoolMembership.objects.filter(cluster=loaded).values("school").annotate(n=Count("pk")).get(n=2)
    assert SchoolMembership.objects.filter(cluster=loaded).values("school").distinct().count() == 14


def test_the_pages_around_the_meeting_have_something_to_show(loaded: Cluster) -> None:
    today = timezone.localdate()
    with acting_as_user(person("dee").pk):
        assert DuplicatePair.objects.filter(status="open").count() == 2
        pair = DuplicatePair.objects.filter(status="open").select_related("one", "two").first()
        assert pair and pair.one.first_name != pair.two.first_name
        assert Merge.objects.filter(undone_at__isnull=True).count() == 1
        assert [Question.objects.filter(answered_at__isnull=still).count() for still in (True, False)] == [1, 1]
        assert [Loan.objects.filter(back_on__isnull=still).count() for still in (True, False)] == [1, 1]
        assert set(Letter.objects.values_list("audience", flat=True)) == {"family", "referrer"}
        assert CheckIn.objects.exclude(spoke_with="").exists()
        assert CheckIn.objects.filter(reached=False).exists()
        assert Chase.objects.filter(next_on__lt=today).exists()
        assert Transfer.objects.get().status == "offered"
        assert set(IncomingTransfer.objects.values_list("status", flat=True)) == {"offered", "accepted"}
        assert ReceivedRecord.objects.count() == 1
        assert HandDown.objects.count() == 1
        assert set(Intake.objects.filter(state="new").values_list("source", flat=True)) == {
            *("online", "police", "csws", "spa"),
        }
        assert IntakeReject.objects.count() == 1
    assert DutyContact.objects.filter(cluster=loaded).count() == 2
    with acting_as_user(person("pat").pk):
        # One of theirs was accepted here and ended there by itself: no case was open.
        assert set(Transfer.objects.values_list("status", flat=True)) <= {"offered", "accepted", "ended"}


def test_the_pages_of_trust_have_something_to_show(loaded: Cluster) -> None:
    before, now = AccessReview.objects.filter(cluster=loaded).order_by("quarter_starts_on")
    assert before.finished_at and not before.lines.filter(decision="").exists()
    assert now.finished_at is None
    assert set(now.lines.values_list("decision", flat=True)) == {"", "keep", "change"}
    assert AccountRequest.objects.get().status == ManagerRequest.objects.get(user=person("cara")).status == "waiting"
    assert now.lines.filter(looks__gt=0).exists() and not before.lines.filter(last_sign_in__gte=now.opened_at).exists()
    with acting_as_user(person("dee").pk):
        assert {one.kind for one in Hold.objects.filter(ended_at=None)} == {"legal", "longer"}
        assert set(Disposal.objects.values_list("status", flat=True)) == {"asked", "done"}
        assert set(RightsRequest.objects.values_list("kind", flat=True)) == set(RightsRequest.Kind.values)
        given, in_part = HeldEntry.objects.filter(section="documents", file_name__gt="").order_by("-file_name")
        assert not Mark.objects.filter(entry__in=[given, in_part], reason="to_read", undone_at=None).exists()
        assert RedactedDocument.objects.get().entry in (given, in_part)
        assert EmergencyAccess.objects.count() == 1
        assert CuriosityFinding.objects.count() == 2


def test_two_years_ended_in_every_way(loaded: Cluster) -> None:
    with acting_as_user(person("dee").pk):
        assert Ending.objects.count() >= 340
        assert set(EndingOutcome.objects.values_list("outcome", flat=True)) == set(Outcome.values) - {"completed"}
        assert not Case.objects.filter(closed_on__lt=F("opened_on")).exists()
        assert not Contact.objects.filter(at__gt=timezone.now()).exists()


def test_notes_and_scores_differ_from_case_to_case(loaded: Cluster) -> None:
    with acting_as_user(person("dee").pk):
        notes = ContactNote.objects.filter(private=False)
        assert notes.values("text").distinct().count() > notes.count() * 0.6
        assert not notes.filter(text__contains="{").exists()
        assert set(GoalScore.objects.values_list("score", flat=True)) == set(range(11))


def test_no_two_children_of_a_family_have_one_name(loaded: Cluster) -> None:
    with acting_as_user(person("dee").pk):
        twice = (
            Person.objects.filter(is_child=True).values("family", "first_name").annotate(n=Count("pk")).filter(n__gt=1)
        )
        assert not list(twice)


def test_a_child_is_known_in_both_clusters(loaded: Cluster) -> None:
    with acting_as_user(person("dee").pk):
        here = set(Person.objects.exclude(upn="").values_list("upn", flat=True))
    with acting_as_user(person("pat").pk):
        there = set(Person.objects.exclude(upn="").values_list("upn", flat=True))
    assert len(here & there) == 1


def test_no_family_of_one_cluster_is_seen_in_the_other_but_the_one_opened_in_an_emergency(loaded: Cluster) -> None:
    for key, own, times in (("dee", loaded, 0), ("pat", Cluster.objects.get(name=sign_ins.PILOT), 1)):
        with acting_as_user(person(key).pk):
            opened = list(EmergencyAccess.objects.filter(user=person(key)).values_list("family", flat=True))
            assert len(opened) == times
            assert set(Family.objects.exclude(pk__in=opened).values_list("cluster", flat=True)) == {own.pk}


def test_the_restricted_family_is_seen_by_the_named_alone(loaded: Cluster) -> None:
    for key, seen in (("dee", 1), ("cara", 1), ("asha", 0), ("mo", 0)):
        with acting_as_user(person(key).pk):
            assert Family.objects.filter(restricted=True).count() == seen


@pytest.mark.parametrize(
    ("key", "pages"),
    [
        ("asha", ("home", "referral-list", "case-list", "family-list", "screening", "waiting-list")),
        ("dee", ("home", "referral-list", "case-list", "screening", "waiting-list", "partner-ledger", "reports")),
        ("lee", ("home", "case-list")),
        ("sol", ("home",)),
        ("mo", ("home", "reports", "monitoring-tables", "report-schedules", "settings")),
        ("gus", ("home",)),
        ("rae", ("home",)),
    ],
)
def test_everybody_finds_their_pages(loaded: Cluster, client: Client, key: str, pages: tuple[str, ...]) -> None:
    sign_in(client, person(key))
    for name in pages:
        assert client.get(reverse(name), follow=True).status_code == 200, name


def test_every_page_of_a_case_is_there(loaded: Cluster, client: Client) -> None:
    with acting_as_user(person("asha").pk):
        cases = list(Case.objects.open().filter(lead_workers__worker=person("asha")).values_list("pk", flat=True)[:3])
    sign_in(client, person("asha"))
    tabs = ("", "-plan", "-contacts", "-services", "-people", "-meetings", "-chronology", "-formulation", "-outcomes")
    for case in cases:
        for tab in tabs:
            assert client.get(reverse(f"case{tab}", args=[case])).status_code == 200, tab


def test_it_is_loaded_once(loaded: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo", if_empty=True)
    assert "asha@example.org" in capsys.readouterr().out
    with pytest.raises(CommandError, match="loaded already"):
        call_command("load_demo")


def test_it_is_refused_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not loaded in production"):
        call_command("load_demo")
