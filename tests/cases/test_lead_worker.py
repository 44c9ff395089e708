"""Exactly one lead worker on every day of an open case: in the database, at handovers, and when somebody leaves."""

import random
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from cases.models import Case, CaseService, Handover, LeadWorker, Task, Work
from cases.selectors.handover import held, leads_per_family, without_lead_today, workers_of_family
from cases.services import Move, hand_over, hand_over_service, move_work, note_introduction, withdraw_handover
from cases.services.handover import carry_out_due
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from clusters.models import Role, StaffRole
from clusters.services import staff
from tests.fixtures_cast import Cast, as_, sign_in


def today() -> date:
    return timezone.localdate()


def at_commit() -> None:
    """What the database asks at the end of a transaction, asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def keys(case: Case) -> dict:
    return {"cluster_id": case.cluster_id, "family_id": case.family_id, "case": case}


def leads_on(case: Case, day: date) -> int:
    return sum(row.starts_on <= day and (row.ends_on is None or row.ends_on > day) for row in case.lead_workers.all())


# --- the database ---
@pytest.mark.parametrize(
    "break_it",
    [
        lambda case, other: case.lead_workers.all().delete(),
        lambda case, other: case.lead_workers.update(ends_on=today()),
        lambda case, other: case.lead_workers.update(starts_on=case.opened_on + timedelta(days=1)),
        lambda case, other: Case.objects.filter(pk=case.pk).update(opened_on=case.opened_on - timedelta(days=1)),
        lambda case, other: (
            case.lead_workers.update(ends_on=today() - timedelta(days=2)),
            LeadWorker.objects.create(**keys(case), worker=other, starts_on=today() - timedelta(days=1)),
        ),
    ],
    ids=["none", "ended", "late", "opened before", "gap"],
)
def test_no_transaction_leaves_a_day_without_a_lead_worker(cast: Cast, break_it) -> None:
    with as_(cast.leader), pytest.raises(IntegrityError, match=r"ha[ds] no lead"), transaction.atomic():
        break_it(cast.case, cast.colleague)
        at_commit()


def test_two_on_one_day_are_refused_at_once(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(IntegrityError, match="leadworker_one_at_a_time"), transaction.atomic():
        LeadWorker.objects.create(
            **keys(cast.case), worker=cast.colleague, starts_on=cast.case.opened_on, ends_on=today()
        )


def test_random_handovers_leave_exactly_one_on_every_day(cast: Cast) -> None:
    """A hundred handovers, planned, taken back, back-dated and refused; every day is counted."""
    chance = random.Random(20260101)
    case, workers = cast.case, [cast.practitioner, cast.colleague, cast.therapist]
    first, now = case.opened_on, today()
    done = refused = 0
    for _ in range(100):
        now += timedelta(days=chance.choice([0, 0, 1, 2, 3]))
        with time_machine.travel(f"{now.isoformat()}T10:00:00Z", tick=False):
            carry_out_due()
            with as_(cast.leader):
                planned = Handover.objects.filter(case=case, done_at=None, withdrawn_at=None).first()
                try:
                    if planned and chance.random() < 0.3:
                        withdraw_handover(by=cast.leader, handover=planned)
                    else:
                        on = now + timedelta(days=chance.randint(-9, 9))
                        hand_over(by=cast.leader, case=case, to=chance.choice(workers), handover="x", on=on)
                    done += 1
                except (ValidationError, Conflict):
                    refused += 1
                at_commit()
    assert done > 30
    assert refused > 8
    with as_(cast.leader):
        case = Case.objects.prefetch_related("lead_workers").get(pk=case.pk)
        days = (now - first).days
        assert days > 90
        assert {leads_on(case, first + timedelta(days=n)) for n in range(days + 1)} == {1}


# --- one handover ---
def test_a_handover_says_what_the_family_was_told_and_takes_the_work_along(cast: Cast) -> None:
    with as_(cast.leader):
        Task.objects.create(**keys(cast.case), what="Ring the school", owner=cast.practitioner, due_on=today())
        made = hand_over(
            by=cast.leader,
            case=cast.case,
            to=cast.colleague,
            handover="Ring before you visit.",
            family_told="Asha told Jana at the last visit.",
            told_on=today(),
        )
        assert not made.planned
        assert made.lead_worker.worker == cast.colleague
        assert Task.objects.get(what="Ring the school").owner == cast.colleague
        names = CaseService.objects.filter(case=cast.case).values_list("service__kind", "worker__name")
        assert set(names) == {("family_support", "Ben Example"), ("childrens_therapy", "Lee Example")}
        assert (workers_of_family(cast.family.pk).leads, workers_of_family(cast.family.pk).all) == (2, 3)
        assert leads_per_family([cast.cluster.pk]) == [(2, 1)]
    with as_(cast.colleague):
        note_introduction(by=cast.colleague, handover=made)
        assert Handover.objects.get(pk=made.pk).introduced_on == today()
    assert Message.objects.get(key=f"handed-over:{made.pk}").to == cast.colleague.email


def test_a_planned_handover_waits_for_its_day_and_is_carried_out_by_itself(cast: Cast) -> None:
    day = today() + timedelta(days=5)
    with as_(cast.leader):
        made = hand_over(by=cast.leader, case=cast.case, to=cast.colleague, handover="x", on=day)
        assert made.planned
        assert LeadWorker.objects.get(case=cast.case, ends_on=None).worker == cast.practitioner
        with pytest.raises(Conflict, match="is planned for"):
            hand_over(by=cast.leader, case=cast.case, to=cast.therapist, handover="x")
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert carry_out_due() == 0
    with time_machine.travel(timezone.now() + timedelta(days=7), tick=False):
        assert carry_out_due() == 1
        assert carry_out_due() == 0
    with as_(cast.leader):
        rows = list(LeadWorker.objects.filter(case=cast.case).order_by("starts_on"))
        assert [(r.worker, r.starts_on, r.ends_on) for r in rows] == [
            (cast.practitioner, cast.case.opened_on, day),
            (cast.colleague, day, None),
        ]
        at_commit()


def test_when_the_next_worker_has_left_the_earlier_one_stays_and_the_leader_sees_it(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        hand_over(by=cast.leader, case=cast.case, to=cast.colleague, handover="x", on=today() + timedelta(days=1))
    StaffRole.objects.filter(user=cast.colleague).update(ends_on=today())
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert carry_out_due() == 0
        with as_(cast.leader):
            assert LeadWorker.objects.get(case=cast.case, ends_on=None).worker == cast.practitioner
        page = sign_in(client, cast.leader).get("/").content.decode()
    assert "The handover to Ben Example" in page
    assert "could not be made" in page


def test_therapy_is_handed_over_by_itself(cast: Cast) -> None:
    with as_(cast.leader):
        service = CaseService.objects.get(case=cast.case, service__kind="childrens_therapy")
        hand_over_service(by=cast.leader, service=service, to=cast.colleague, handover="Session four is next.")
        assert CaseService.objects.get(pk=service.pk).worker == cast.colleague
    with as_(cast.practitioner), pytest.raises(Denied, match="leader"):
        hand_over_service(by=cast.practitioner, service=service, to=cast.practitioner, handover="x")


# --- somebody leaves ---
def test_nobody_leaves_families_behind(cast: Cast) -> None:
    with as_(cast.leader):
        assert held(cast.practitioner.pk, cast.cluster.pk, today()).text == "1 case as lead worker, 1 service in a case"
        with pytest.raises(ValidationError, match="1 case as lead worker"):
            staff.end_role(cast.practitioner.roles.get(), by=cast.leader, ends_on=today())
    with as_(cast.manager), pytest.raises(Denied, match="still holds work"):
        staff.leave(cast.practitioner, by=cast.manager)
    day = today() + timedelta(days=10)
    with as_(cast.leader):
        hand_over(by=cast.leader, case=cast.case, to=cast.colleague, handover="x", on=day)
        with pytest.raises(ValidationError, match="still holds"):
            staff.end_role(cast.practitioner.roles.get(), by=cast.leader, ends_on=day - timedelta(days=1))
        staff.end_role(cast.practitioner.roles.get(), by=cast.leader, ends_on=day)


def test_a_restricted_case_holds_too_and_is_not_named(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(ValidationError) as refused:
        staff.end_role(cast.colleague.roles.get(), by=cast.leader, ends_on=today())
    assert "(1 of the cases restricted)" in str(refused.value)
    assert "Smith" not in str(refused.value)


def test_a_case_left_behind_stands_red_on_the_home_of_leader_and_manager(cast: Cast, client: Client) -> None:
    StaffRole.objects.filter(user=cast.practitioner).update(ends_on=today())
    with as_(cast.leader):
        assert [row.case_id for row in without_lead_today().filter(cluster=cast.cluster)] == [cast.case.pk]
    page = sign_in(client, cast.leader).get("/").content.decode()
    assert "Asha Example leads it, and has no role" in page
    assert f"/cases/{cast.case.pk}/hand-over/" in page
    page = sign_in(client, cast.manager).get("/").content.decode()
    assert cast.case.reference in page
    assert "Novák" not in page


def test_all_cases_of_a_leaver_move_on_one_page_and_the_role_ends_with_it(cast: Cast, client: Client) -> None:
    role = cast.practitioner.roles.get()
    with as_(cast.leader):
        Task.objects.create(**keys(cast.case), what="Ring", owner=cast.practitioner, due_on=today())
    url = f"/cases/workers/{cast.practitioner.pk}/{cast.cluster.pk}/?role={role.pk}"
    sign_in(client, cast.leader)
    page = client.get(url)
    assert "Family support, 1 open task" in page.content.decode()
    key = f"lead-{cast.case.pk}"
    day = {"on-day": today().day, "on-month": today().month, "on-year": today().year}
    form = {**day, "once": page.context["form"]["once"].value(), f"move-{key}": "on"}
    refused = client.post(url, form)
    assert refused.status_code == 422
    assert "Choose who takes over Novák" in refused.content.decode()
    form |= {"to_all": str(cast.colleague.pk), "handover_all": "Mornings are hard."}
    look = client.post(url, form | {"look": "yes"}).content.decode()
    assert "Caseloads before and after" in look
    with as_(cast.leader):
        assert not Handover.objects.exists()
    assert client.post(url, form).status_code == 302
    again = client.post(url, form)
    assert again.status_code == 302
    assert again["Location"] == f"/settings/staff/{cast.practitioner.pk}/"
    role.refresh_from_db()
    assert role.ends_on == today()
    with as_(cast.leader):
        assert Handover.objects.filter(case=cast.case).count() == 1
        assert LeadWorker.objects.get(case=cast.case, ends_on=None).worker == cast.colleague
        at_commit()


def test_many_move_in_one_transaction_or_none(cast: Cast) -> None:
    with as_(cast.leader):
        from_worker = cast.practitioner
        service = CaseService.objects.get(case=cast.case, service__kind="family_support")
        StaffRole.objects.filter(user=cast.therapist).update(ends_on=today())
        moves = [
            Move(work=Work("lead", cast.case.pk), to=cast.colleague, must_know="x"),
            Move(work=Work("service", service.pk), to=cast.therapist, must_know="x"),
        ]
        with pytest.raises((ValidationError, Conflict)):
            move_work(by=cast.leader, worker=from_worker, cluster=cast.cluster, moves=moves)
        assert LeadWorker.objects.get(case=cast.case, ends_on=None).worker == from_worker
    with as_(cast.practitioner), pytest.raises(Denied, match="leader"):
        move_work(by=cast.practitioner, worker=cast.practitioner, cluster=cast.cluster, moves=moves)


def test_a_second_role_in_the_cluster_keeps_the_work(cast: Cast) -> None:
    StaffRole.objects.create(
        user=cast.practitioner, role=Role.LEADER, cluster=cast.cluster, starts_on=today() - timedelta(days=3)
    )
    with as_(cast.manager):
        staff.end_role(cast.practitioner.roles.get(role=Role.PRACTITIONER), by=cast.manager, ends_on=today())
