"""Each relation to a family by itself is work with it, while it lasts: without one the same looks are asked about."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.models import CaseService, Cover, Handover, LeadWorker
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.home import home_key
from clusters.models import ClinicalSupervision, Role, User
from families.models import EmergencyAccess, Family
from monitoring.curiosity import check
from monitoring.models import CuriosityFinding, CuriosityRule, Finding, Rule
from tests.fixtures_cast import Cast, a_contact, a_family, a_user, as_
from tests.monitoring.test_curiosity import look
from triage.models import Attendee

MONDAY = check.monday_of(timezone.localdate())
NOON = datetime.combine(MONDAY, time(12), tzinfo=timezone.get_default_timezone())
LONG_AGO = MONDAY - timedelta(days=29)


def keys(family: Family) -> dict[str, object]:
    return {"cluster_id": family.cluster_id, "family_id": family.pk}


def leads(cast: Cast, reader: User) -> None:
    LeadWorker.objects.filter(case=cast.case).update(worker=reader)


def led_long_ago(cast: Cast, reader: User) -> None:
    began = LONG_AGO - timedelta(days=400)
    LeadWorker.objects.filter(case=cast.case).update(worker=reader, starts_on=began, ends_on=LONG_AGO)
    LeadWorker.objects.create(**keys(cast.family), case=cast.case, worker=cast.practitioner, starts_on=LONG_AGO)


def gives_a_service(cast: Cast, reader: User) -> None:
    CaseService.objects.filter(case=cast.case, worker=cast.therapist).update(worker=reader)


def gave_one_long_ago(cast: Cast, reader: User) -> None:
    CaseService.objects.filter(case=cast.case, worker=cast.therapist).update(
        worker=reader, starts_on=LONG_AGO - timedelta(days=9), ends_on=LONG_AGO
    )


def covers(cast: Cast, reader: User) -> None:
    days = {"starts_on": MONDAY, "ends_on": MONDAY + timedelta(days=1)}
    more = {"worker": cast.practitioner, "covering": reader, "must_know": "x", "made_by": cast.leader}
    Cover.objects.create(**keys(cast.family), case=cast.case, **days, **more)


def is_handed_it(cast: Cast, reader: User) -> None:
    people = {"from_worker": cast.practitioner, "to_worker": reader, "planned_by": cast.leader}
    Handover.objects.create(
        **keys(cast.family),
        case=cast.case,
        part="lead",
        starts_on=MONDAY + timedelta(days=9),
        must_know="x",
        **people,
    )


def is_at_its_meeting(cast: Cast, reader: User) -> None:
    cast.meeting.items.create(**keys(cast.family), referral=cast.case_referral, position=7)
    Attendee.objects.create(cluster=cast.cluster, meeting=cast.meeting, user=reader, name=reader.name)


def opened_it_in_an_emergency(cast: Cast, reader: User) -> None:
    EmergencyAccess.objects.create(
        **keys(cast.family),
        user=reader,
        reason="Police ask for her tonight",
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=4),
    )


def opened_it_the_day_before(cast: Cast, reader: User) -> None:
    opened_it_in_an_emergency(cast, reader)
    before = NOON - timedelta(days=1)
    EmergencyAccess.objects.update(starts_at=before, ends_at=before + timedelta(hours=4))


def supervises_its_worker(cast: Cast, reader: User) -> None:
    ClinicalSupervision.objects.create(supervisor=reader, worker=cast.practitioner, starts_on=LONG_AGO)


def is_asked_to_put_it_right(cast: Cast, reader: User) -> None:
    record = str(cast.case.pk)
    ids = {"record_id": record, "page_id": record, "fix_id": record}
    rule = Rule.objects.get(code="no_review")
    Finding.objects.create(**keys(cast.family), **ids, rule=rule, reference=cast.case.reference, day=MONDAY, ask=reader)


def wrote_in_it(cast: Cast, reader: User) -> None:
    with as_(reader):
        a_contact(cast.case, author=reader, text="She rang while Asha was out.")


WORKS = (
    *(leads, gives_a_service, covers, is_handed_it, is_at_its_meeting, opened_it_in_an_emergency),
    *(supervises_its_worker, is_asked_to_put_it_right, wrote_in_it),
)
WORKED_ONCE = (led_long_ago, gave_one_long_ago, opened_it_the_day_before)


def asked_about(cast: Cast, reader: User, family: Family) -> int:
    look(reader, family, times=5, at=NOON)
    with time_machine.travel(NOON + timedelta(days=7)):
        check.check_due(timezone.localdate())
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]):
        return CuriosityFinding.objects.filter(reader=reader, rule="no_relationship").count()


@pytest.fixture
def reader(cast: Cast) -> User:
    return a_user("Quinn Elsewhere", role=Role.PRACTITIONER, cluster=cast.cluster, post="family_practitioner")


def test_without_any_it_is_asked_about(cast: Cast, reader: User) -> None:
    assert asked_about(cast, reader, cast.family) == 1


@pytest.mark.parametrize("relation", WORKS, ids=lambda one: one.__name__)
def test_one_is_enough(cast: Cast, reader: User, relation: Callable[[Cast, User], None]) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        relation(cast, reader)
    assert asked_about(cast, reader, cast.family) == 0


@pytest.mark.parametrize("relation", WORKED_ONCE, ids=lambda one: one.__name__)
def test_one_that_is_over_is_none(cast: Cast, reader: User, relation: Callable[[Cast, User], None]) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        relation(cast, reader)
    assert asked_about(cast, reader, cast.family) == 1


@pytest.mark.parametrize(("minutes", "asked"), [(-1, 0), (1, 1)])
def test_the_hours_of_work_are_those_of_the_clock_on_the_wall(
    cast: Cast, reader: User, minutes: int, asked: int
) -> None:
    """A week of summer time: eight in the evening here is seven by the server's clock."""
    monday = date(2026, 7, 6)
    rule = CuriosityRule.objects.get(code="out_of_hours")
    assert rule.to_time == time(20)
    evening = datetime.combine(monday, rule.to_time, tzinfo=timezone.get_default_timezone())
    for day in range(2):
        look(reader, cast.family, at=evening + timedelta(days=day, minutes=minutes))
    check.check_due(monday + timedelta(days=7))
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]):
        assert CuriosityFinding.objects.filter(reader=reader, rule=rule).count() == asked


@pytest.mark.parametrize(("minutes", "asked"), [(5, 0), (1, 1)])
def test_many_in_a_row_are_many_within_an_hour(cast: Cast, minutes: int, asked: int) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        families = [a_family(cast.cluster, f"Invented{n}", number=100 + n) for n in range(31)]
    for number, family in enumerate(families):
        look(cast.leader, family, at=NOON + timedelta(minutes=minutes * number))
    check.check_due(MONDAY + timedelta(days=7))
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]):
        assert CuriosityFinding.objects.filter(reader=cast.leader, rule="many").count() == asked


def looks_that(cast: Cast, reader: User, rule: str) -> None:
    """What each rule is there for, and nothing that another one says more gravely."""
    if rule == "same_name":
        cast.family.persons.filter(pk=cast.mother.pk).update(last_name="Elsewhere")
        look(reader, cast.family, at=NOON)
    elif rule == "same_address":
        User.objects.filter(pk=reader.pk).update(home_key=home_key("1 Invented Row", "LS8 1AA"))
        look(reader, cast.family, at=NOON)
    elif rule == "out_of_hours":
        look(reader, cast.family, times=2, at=NOON + timedelta(hours=10))
    elif rule == "no_relationship":
        look(reader, cast.family, times=3, at=NOON)
    else:
        families = [a_family(cast.cluster, f"Invented{number}", number=100 + number) for number in range(31)]
        for family in families:
            look(reader, family, at=NOON)


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("code", CuriosityRule.Code.values)
def test_each_rule_asks_and_asks_nothing_while_it_is_off(cast: Cast, reader: User, code: str, active: bool) -> None:
    with as_(cast.manager):
        CuriosityRule.objects.exclude(code=code).update(active=False)
        CuriosityRule.objects.filter(code=code).update(active=active)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        looks_that(cast, reader, code)
    check.check_due(MONDAY + timedelta(days=7))
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]):
        found = list(CuriosityFinding.objects.filter(cluster=cast.cluster).values_list("reader__name", "rule"))
    assert found == ([(reader.name, code)] if active else [])
