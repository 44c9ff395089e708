"""Every report of the suite against records that were counted by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cases.models import (
    Case,
    CaseReferral,
    CaseService,
    Contact,
    ContactPerson,
    Extension,
    InterpreterBooking,
    LeadWorker,
    Loan,
    Supervisee,
    Supervision,
)
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import (
    Cluster,
    Entitlement,
    PartnerService,
    Post,
    Role,
    School,
    SchoolContribution,
    SchoolMembership,
    StaffRole,
    User,
)
from families.models import Family, Person
from monitoring.shapes import Period
from monitoring.suite import BY_KEY, REPORTS
from monitoring.suite.engine import figure, modern, shown, snapshot_of
from monitoring.suite.shapes import Asked
from outcomes.models import Closure, FollowUp
from referrals.models import Channel, Referral
from tests.fixtures_cast import a_service, a_term
from triage.models import Decision, Ending, EndingOutcome, Offer, PassingOn

MARCH = Period(date(2024, 3, 1), date(2024, 3, 31))
LATER = datetime(2025, 9, 1, 12, tzinfo=UTC)
Days = Callable[[int], date]


def march(day: int) -> date:
    return date(2024, 3, 1) + timedelta(days=day - 1)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


class Records:
    """Makes records of one Cluster, each with as much about it as a test counts."""

    def __init__(self) -> None:
        self.cluster = Cluster.objects.create(name="Riverside Invented", prefix="RI")
        self.worker = User.objects.create(name="Asha Example")
        StaffRole.objects.create(
            user=self.worker,
            role=Role.PRACTITIONER,
            cluster=self.cluster,
            post=Post.FAMILY_PRACTITIONER,
            starts_on=date(2020, 1, 1),
        )
        self.number = 0
        self.support, self.therapy = a_service("family_support"), a_service("childrens_therapy")

    def child(self, *, school: School | None = None) -> Person:
        self.number += 1
        family = Family.objects.create(cluster=self.cluster, reference=f"F{self.number}", name="Example")
        return Person.objects.create(cluster=self.cluster, family=family, last_name="Example", school=school)

    def keys(self, row: Any) -> dict[str, Any]:
        return {"cluster_id": self.cluster.pk, "family_id": row.family_id}

    def referral(
        self, on: date, *, child: Person | None = None, decided: date | None = None, response: str = "service"
    ) -> Referral:
        self.number += 1
        child = child or self.child()
        referral = Referral.objects.create(
            **self.keys(child),
            reference=f"R{self.number}",
            child=child,
            school=child.school,
            received_on=on,
            route=a_term("route"),
            channel=Channel.IMPORTED,
            status="decided" if decided else "to_screen",
        )
        if decided:
            Decision.objects.create(
                **self.keys(child), referral=referral, response=response, decided_on=decided, decided_at=at(decided)
            )
        return referral

    def end(self, referral: Referral, on: date, *outcomes: str, where: str = "triage") -> None:
        ending = Ending.objects.create(**self.keys(referral), referral=referral, where=where, ended_on=on)
        for outcome in outcomes:
            EndingOutcome.objects.create(**self.keys(referral), ending=ending, outcome=outcome)

    def case(self, referral: Referral, on: date, *, closed: date | None = None) -> Case:
        self.number += 1
        keys = self.keys(referral)
        case = Case.objects.create(
            **keys,
            reference=f"C{self.number}",
            opened_on=on,
            closed_on=closed,
            status="closed" if closed else "open",
            imported=bool(closed),
        )
        LeadWorker.objects.create(**keys, case=case, worker=self.worker, starts_on=on, ends_on=closed)
        CaseReferral.objects.create(**keys, case=case, referral=referral)
        return case

    def service(self, case: Case, service: Any, on: date, **more: Any) -> CaseService:
        return CaseService.objects.create(
            **self.keys(case), case=case, service=service, worker=self.worker, starts_on=on, **more
        )

    def contact(self, case: Case, on: date, **more: Any) -> Contact:
        values: dict[str, Any] = {"kind": "home_visit", "author": self.worker, "at": at(on), **more}
        return Contact.objects.create(**self.keys(case), case=case, **values)

    def offer(self, referral: Referral, service: Any, since: date, **more: Any) -> Offer:
        made = Offer.objects.create(
            **self.keys(referral), decision=referral.decision, service=service, waiting_since=since
        )
        for status in filter(None, ("allocated" if "started_on" in more else "", more.get("status"))):
            Offer.objects.filter(pk=made.pk).update(status=status)
        Offer.objects.filter(pk=made.pk).update(**more)
        return made

    def says(self, key: str, period: Period = MARCH, as_at: datetime = LATER) -> dict[str, Any]:
        asked = Asked((self.cluster.pk,), (self.cluster.name,), period, as_at)
        with acting_as(NamedActor.FIGURES):
            return snapshot_of(BY_KEY[key], asked)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def row(snapshot: dict[str, Any], table: str, name: str) -> list[Any]:
    """The cells of a row, after its name."""
    [found] = [r for t in snapshot["tables"] if t["table"] == table for r in t["rows"] if r[0] == name]
    return list(found[1:])


def writing(records: Records) -> Any:
    return acting_as(NamedActor.IMPORTER, clusters=[records.cluster.pk])


@pytest.mark.parametrize("key", [report.key for report in REPORTS])
def test_nothing_at_all_is_a_report_too(records: Records, key: str) -> None:
    """An empty period: no error, no figure but zero, no per cent of nothing, and nothing to draw."""
    snapshot = modern(records.says(key, Period(date(1999, 1, 1), date(1999, 1, 31))))
    assert snapshot["tables"]
    for table in snapshot["tables"]:
        for cells in table["rows"]:
            for (label, kind), value in zip(table["columns"], cells, strict=True):
                # Who works here, and how it stands today, are there whatever the period.
                if key not in ("supervision", "practice"):
                    assert kind not in ("count", "money") or value in (0, None), (table["table"], cells[0], label)
                    assert kind != "percent" or value in (None, "0.00"), (table["table"], cells[0])
    assert key == "supervision" or not any(table.chart for table in shown(snapshot)), "nothing to draw"


def test_days_from_referral_to_decision_to_first_contact(records: Records) -> None:
    with writing(records):
        quick = records.referral(march(1), decided=march(3))
        slow = records.referral(march(2), decided=march(12))
        records.referral(march(5), decided=march(6), response="passed_on")
        records.referral(march(31))
        records.referral(date(2024, 2, 29), decided=march(1))
        first = records.case(quick, march(4))
        records.contact(first, march(2))  # before the decision
        records.contact(first, march(4), attendance="not_attended")
        records.contact(first, march(8))
        records.contact(first, march(9))
        records.contact(records.case(slow, march(13)), march(30))
    said = records.says("times")
    assert row(said, "steps", "Referral to decision") == [3, "2", 10, 10]
    assert row(said, "steps", "Decision to first contact") == [2, "11.5", 18, 18]
    assert row(said, "steps", "Referral to first contact") == [2, "17.5", 28, 28]
    assert row(said, "to_decision", "Not yet decided") == [1, "25.00"]
    assert row(said, "to_decision", "Within 7 days") == [2, "50.00"]
    assert row(said, "to_contact", "15 to 28 days") == [1, "50.00"]
    then = records.says("times", as_at=at(march(5)))
    assert row(then, "steps", "Referral to decision") == [1, "2", 2, 2], "as at the fifth, one was decided"
    assert row(then, "steps", "Decision to first contact")[0] == 0


def test_waiting_on_the_last_day_and_before_what_began(records: Records) -> None:
    with writing(records):
        reason = a_term("wait_reason")
        for since, more in (
            (march(31) - timedelta(weeks=9), {"wait_reason": reason}),
            (march(31) - timedelta(days=55), {}),
            (march(20), {"status": "allocated"}),
            (march(1) - timedelta(weeks=3), {"status": "started", "started_on": march(8)}),
            (march(1), {"status": "started", "started_on": date(2024, 4, 1)}),
        ):
            records.offer(records.referral(since, decided=since), records.support, since, **more)
        gone = records.referral(march(1), decided=march(2))
        records.offer(gone, records.therapy, march(2), status="withdrawn")
        records.end(gone, march(20), "family", where="before_start")
    said = records.says("waiting")
    assert row(said, "now", "Family support") == [4, "5.5", 9, 9, 1, "25.00", 1]
    assert row(said, "weeks", "4 to 7 weeks") == [2, "50.00"]
    assert row(said, "reasons", reason.label) == [1, "25.00"]
    assert row(said, "begun", "All services") == [1, "4", 4, 4, 0, "0.00"]
    middle = records.says("waiting", Period(march(1), march(10)))
    assert row(middle, "now", "Children's therapy")[0] == 1, "withdrawn on the twentieth: waiting on the tenth"


def test_sessions_dna_late_and_extensions(records: Records) -> None:
    with writing(records):
        case = records.case(records.referral(march(1), decided=march(1)), march(1))
        therapy = records.service(case, records.therapy, march(1))
        states = ("attended", "attended", "not_attended", "cancelled_family", "cancelled_school")
        for number, (attendance, late) in enumerate(zip(states, (None, 10, None, None, None), strict=True)):
            records.contact(
                case, march(5 + number), case_service=therapy, attendance=attendance, late_minutes=late, minutes=50
            )
        records.contact(case, date(2024, 4, 1), case_service=therapy)
        records.contact(case, march(9))  # no session
        asked = Extension.objects.create(
            **records.keys(case), case_service=therapy, sessions=2, reason="Two more", asked_by=records.worker
        )
        Extension.objects.filter(pk=asked.pk).update(created_at=at(march(20)))
    said = records.says("sessions")
    assert row(said, "sessions", "Children's therapy") == [5, 2, 1, 1, 1, "33.33", 1, "1.7"]
    assert row(said, "extensions", "All services") == [1, 0, 0, 1]


def test_weeks_of_support_against_the_entitlement(records: Records) -> None:
    with writing(records):
        rule = Entitlement.objects.filter(service=records.support, weeks=26).first() or Entitlement.objects.create(
            service=records.support, weeks=26, effective_from=date(2019, 1, 1), cluster=records.cluster
        )
        for weeks, over in ((10, 0), (26, 0), (30, 3)):
            end = march(15)
            begun = end - timedelta(weeks=weeks, days=over)
            case = records.case(records.referral(begun, decided=begun), begun, closed=end)
            records.service(
                case, records.support, begun, ends_on=end, status="ended", end_reason="completed", entitlement=rule
            )
        records.case(records.referral(march(1), decided=march(1)), march(1))
    said = records.says("support")
    assert row(said, "services", "Family support") == [3, "26", 30, 30, 3, 1, "33.33"]
    assert row(said, "why", "Completed") == [3, "100.00"]
    assert row(said, "closed", "26 to 51 weeks") == [2, "66.67"]
    assert row(said, "open", "4 to 12 weeks") == [1, "100.00"], "thirty days: four weeks"


def test_partner_services_and_those_that_hand_back(records: Records) -> None:
    res = PartnerService.objects.get(name="RES team")
    other = PartnerService.objects.filter(returns_expected=False, is_social_care=False).order_by("order").first()
    assert other
    with writing(records):
        for partner, status, known, ended in (
            (res, "back", march(25), None),
            (res, "sent", None, None),
            (other, "accepted", march(9), march(10)),
            (other, "declined", date(2024, 4, 5), None),
        ):
            referral = records.referral(march(3), decided=march(5), response="passed_on")
            sent = PassingOn.objects.create(
                **records.keys(referral),
                decision=referral.decision,
                partner=partner,
                sent_on=march(5),
                return_expected=partner == res,
            )
            if known:
                for step in ("accepted", status) if status == "back" else (status,):
                    PassingOn.objects.filter(pk=sent.pk).update(status=step, known_on=known)
            if ended:
                records.end(referral, ended, "passed_on")
        case = records.case(records.referral(march(1), decided=march(1)), march(1))
        Loan.objects.create(
            **records.keys(case),
            case=case,
            partner=res,
            lent_on=march(10),
            lent_by=records.worker,
            why="Mornings.",
            back_expected_on=march(24),
            back_on=march(22),
            back_by=records.worker,
            brought_back="Done.",
        )
    said = records.says("res-and-hub")
    assert row(said, "ways", "RES team: at the decision") == [2, 1, 1, 0, 0, "50.00"]
    assert row(said, "ways", "RES team: while the case ran") == [1, 1, 0, 0, 0, "100.00"]
    assert row(said, "days", "RES team") == [2, "16", 20, 20]
    said = records.says("partners")
    assert row(said, "partners", other.name) == [2, 1, 1, 0, 0, 0, "0.00", "4", 0], "declined only in April"
    assert figure(said, "outcomes", "Passed to other services at closure") == 1
    assert figure(said, "outcomes", "Not closed at the time of data entry, or on a waiting list") == 3


def test_re_referral_within_twelve_months(records: Records) -> None:
    with writing(records):
        for days in (30, 150, 366, 400, None):
            first = records.referral(date(2024, 1, 10), decided=date(2024, 1, 12), response="passed_on")
            records.end(first, march(10), "passed_on")
            if days:
                records.referral(march(10) + timedelta(days=days), child=first.child)
        before = records.referral(date(2023, 1, 1), decided=date(2023, 1, 2))
        records.end(before, date(2023, 6, 1), "completed")
        records.referral(march(2), child=before.child)
        records.referral(march(3))
    said = records.says("re-referral")
    # 10 March 2025 is 365 days later: the referral of the next day is too late.
    assert row(said, "again", "Again within 3 months") == [1, "20.00"]
    assert row(said, "again", "Again after 3 to 6 months") == [1, "20.00"]
    assert row(said, "again", "Not again within 12 months") == [3, "60.00"]
    assert row(said, "where", "At triage") == [5, 2, "40.00"]
    assert row(said, "came", "The same child, within 12 months of an ending") == [1, "50.00"]
    early = records.says("re-referral", as_at=at(date(2024, 6, 1)))
    assert row(early, "again", "Not again so far, 12 months not over") == [4, "80.00"]


def test_who_was_seen_counts_a_case_once(records: Records) -> None:
    with writing(records):
        case = records.case(records.referral(march(1), decided=march(1)), march(1))
        adult = Person.objects.create(**records.keys(case), last_name="Example", is_child=False)
        for day in (3, 4):
            seen = records.contact(case, march(day), child_seen=day == 3)
            ContactPerson.objects.create(**records.keys(case), contact=seen, person=adult)
        records.contact(records.case(records.referral(march(1), decided=march(1)), march(2)), date(2024, 4, 2))
    said = records.says("family")
    assert row(said, "seen", "An attended contact took place in the period") == [1, "50.00"]
    assert row(said, "seen", "A child was seen in the period") == [1, "50.00"]
    assert row(said, "seen", "Two or more adults of the family were") == [0, "0.00"]
    assert row(said, "family", "A father or father figure is on record") == [0, "0.00"]


def test_interpreter_spend_in_pence(records: Records) -> None:
    with writing(records):
        case = records.case(records.referral(march(1), decided=march(1)), march(1))
        language = a_term("language")
        for status, late, pence, used in (
            ("used", False, 4550, 60),
            ("used", False, None, 30),
            ("cancelled", True, 2000, None),
            ("cancelled", False, None, None),
        ):
            booked = InterpreterBooking.objects.create(
                **records.keys(case),
                case=case,
                language=language,
                at=at(march(31), 22),
                minutes_booked=60,
                made_by=records.worker,
            )
            InterpreterBooking.objects.filter(pk=booked.pk).update(
                status=status, cancelled_late=late, pence=pence, minutes_used=used
            )
    assert row(records.says("interpreting"), "languages", language.label) == [2, "1.5", 1, 6550, 0, 1]


def test_supervision_by_post(records: Records) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[records.cluster.pk]):
        for kind, came, day in (("individual", True, 5), ("group", True, 6), ("group", False, 7), ("group", True, 40)):
            held = Supervision.objects.create(
                cluster=records.cluster,
                kind=kind,
                held_at=at(march(day)),
                minutes=90,
                supervisor=records.worker,
                author=records.worker,
            )
            Supervisee.objects.create(cluster=records.cluster, supervision=held, worker=records.worker, came=came)
    said = records.says("supervision")
    assert row(said, "posts", "Child and family practitioner") == [1, 1, "100.00", 1, 1, 1, 0, "3.0"]


def test_what_a_schools_contribution_bought(records: Records) -> None:
    """Two schools, one of them no member; £3,660 for a leap year of 366 days is £310 for the 31 days of March."""
    member, other = (School.objects.create(name=f"{name} School", urn=urn) for name, urn in (("A", "1"), ("B", "2")))
    SchoolMembership.objects.create(school=member, cluster=records.cluster, starts_on=date(2020, 9, 1))
    for pence, effective in ((999_00, date(2023, 4, 1)), (3660_00, date(2024, 1, 1)), (1_00, date(2026, 1, 1))):
        SchoolContribution.objects.create(
            cluster=records.cluster, school=member, year=2023, pence=pence, effective_from=effective
        )
    StaffRole.objects.filter(user=records.worker).update(funder="schools", full_time_equivalent="0.60")
    health = User.objects.create(name="Lee Example")
    StaffRole.objects.create(
        user=health, role=Role.PRACTITIONER, cluster=records.cluster, funder="health", starts_on=march(10)
    )
    with writing(records):
        first = records.referral(march(1), child=records.child(school=member), decided=march(1))
        case = records.case(first, march(1))
        # Of the same family, later, from another school: the case stays with the first.
        CaseReferral.objects.create(
            **records.keys(case),
            case=case,
            referral=records.referral(march(4), child=first.child),
        )
        service = records.service(case, records.support, march(1))
        records.contact(case, march(2), minutes=30)
        records.contact(case, march(12), minutes=60, case_service=service, author=health)
        records.contact(case, march(13), minutes=60, attendance="not_attended")
        records.contact(case, march(9), minutes=45, author=health)  # before the post began
        records.case(records.referral(march(2), child=records.child(school=other), decided=march(2)), march(2))
        records.case(records.referral(march(3), decided=march(3)), march(3))
    said = records.says("schools")
    assert row(said, "schools", "A School") == [310_00, 2, 1, 1, 3, "2.3"]
    assert row(said, "schools", "B School (not a member)") == [None, 1, 1, 0, 0, "0.0"]
    assert row(said, "schools", "No school recorded") == [None, 1, 1, 0, 0, "0.0"]
    assert row(said, "schools", "All schools") == [310_00, 4, 3, 1, 3, "2.3"]
    assert row(said, "funders", "Schools") == [1, "0.60", 1, 0, 1, "0.5"]
    assert row(said, "funders", "Health") == [1, "0.00", 1, 1, 1, "1.0"]
    assert row(said, "hours", "A School") == ["0.5", "0.0", "1.0", "0.8"]


def test_follow_ups_by_the_day_they_fell_due(records: Records) -> None:
    with writing(records):
        for months, due, change in (
            (3, 5, {"status": "done", "ended_on": march(9), "how": "page", "things": 4, "wants_help": "yes"}),
            (3, 6, {"status": "done", "ended_on": date(2024, 4, 2), "how": "phone", "things": 1}),
            (3, 7, {"status": "not_reached", "ended_on": march(20)}),
            (12, 8, {"status": "not_needed", "ended_on": march(8), "why": "Moved away"}),
            (12, 31, {}),
            (12, 32, {}),
        ):
            case = records.case(records.referral(march(1), decided=march(1)), march(1))
            closure = Closure.objects.create(
                **records.keys(case), case=case, closed_on=march(1), asked_by=records.worker
            )
            made = FollowUp.objects.create(
                **records.keys(case), case=case, closure=closure, months=months, due_on=march(due)
            )
            FollowUp.objects.filter(pk=made.pk).update(**change)
    said = records.says("follow-up")
    assert row(said, "answered", "After 3 months") == [3, 1, "33.33", 1, 1, 1], "one answered only in April"
    assert row(said, "answered", "After 12 months") == [1, 0, "0.00", 0, 0, 1]
    assert row(said, "things", "A bit better") == [1, 0]
    assert row(said, "since", "Would like help again") == [1, "100.00"]
