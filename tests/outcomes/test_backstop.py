"""What the database itself refuses, whoever writes and however."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import Case
from outcomes.models import Closure, ClosureOutcome
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_
from triage.models import Ending, EndingOutcome, Outcome


def at_commit() -> None:
    """What a commit would say; the test's own transaction never commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def a_closure(cast: Cast, *outcomes: str) -> Closure:
    keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
    closure = Closure.objects.create(**keys, case=cast.case, closed_on=timezone.localdate(), asked_by=cast.practitioner)
    for outcome in outcomes:
        ClosureOutcome.objects.create(**keys, closure=closure, outcome=outcome)
    Case.objects.filter(pk=cast.case.pk).update(status="closing")
    return closure


def signed(closure: Closure, cast: Cast) -> None:
    Closure.objects.filter(pk=closure.pk).update(
        status="signed_off", answered_by=cast.leader, answered_at=timezone.now()
    )


def closed(cast: Cast) -> None:
    Case.objects.filter(pk=cast.case.pk).update(status="closed", closed_on=timezone.localdate())


def an_ending(cast: Cast) -> Ending:
    keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
    ending = Ending.objects.create(
        **keys, referral=cast.case_referral, where=Ending.Where.CASE, ended_on=timezone.localdate()
    )
    EndingOutcome.objects.create(**keys, ending=ending, outcome=Outcome.COMPLETED_FULL)
    Referral.objects.filter(pk=cast.case_referral.pk).update(status="ended")
    return ending


def test_a_closure_is_not_signed_off_without_an_outcome(cast: Cast) -> None:
    with as_(cast.leader):
        closure = a_closure(cast)
        with pytest.raises(IntegrityError, match="signed off without an outcome"), transaction.atomic():
            signed(closure, cast)
            at_commit()


def test_the_last_outcome_of_a_signed_off_closure_stays(cast: Cast) -> None:
    with as_(cast.leader):
        closure = a_closure(cast, Outcome.COMPLETED_FULL)
        signed(closure, cast)
        at_commit()
        with pytest.raises(IntegrityError, match="signed off without an outcome"), transaction.atomic():
            closure.outcomes.all().delete()
            at_commit()


def test_a_case_is_not_closed_without_a_closure(cast: Cast) -> None:
    with as_(cast.leader):
        an_ending(cast)
        Case.objects.filter(pk=cast.case.pk).update(status="closing")
        with pytest.raises(IntegrityError, match="closed without a signed-off outcome"), transaction.atomic():
            closed(cast)
            at_commit()


def test_a_case_is_not_closed_while_a_referral_of_it_has_no_ending(cast: Cast) -> None:
    with as_(cast.leader):
        signed(a_closure(cast, Outcome.COMPLETED_FULL), cast)
        with pytest.raises(IntegrityError, match="closed without a signed-off outcome"), transaction.atomic():
            closed(cast)
            at_commit()


def test_a_case_with_its_outcomes_is_closed_and_they_cannot_be_taken_away(cast: Cast) -> None:
    with as_(cast.leader):
        closure = a_closure(cast, Outcome.COMPLETED_FULL)
        signed(closure, cast)
        ending = an_ending(cast)
        closed(cast)
        at_commit()
        for takes_away in (
            lambda: ending.outcomes.all().delete(),
            lambda: ending.delete(),
            lambda: Closure.objects.filter(pk=closure.pk).update(reopened_at=timezone.now(), reopened_by=cast.leader),
        ):
            with pytest.raises(IntegrityError, match="without a signed-off outcome"), transaction.atomic():
                takes_away()
                at_commit()


def test_a_closure_cannot_begin_as_signed_off(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(IntegrityError, match="illegal state"), transaction.atomic():
        Closure.objects.create(
            cluster_id=cast.case.cluster_id,
            family_id=cast.case.family_id,
            case=cast.case,
            closed_on=timezone.localdate(),
            asked_by=cast.practitioner,
            status="signed_off",
            answered_by=cast.leader,
            answered_at=timezone.now(),
        )


def test_only_one_closure_of_a_case_waits(cast: Cast) -> None:
    with as_(cast.practitioner):
        a_closure(cast, Outcome.MOVED)
        with pytest.raises(IntegrityError, match="closure_one_asked"), transaction.atomic():
            a_closure(cast, Outcome.MOVED)


def test_dates_are_in_order(cast: Cast) -> None:
    with as_(cast.leader):
        Case.objects.filter(pk=cast.case.pk).update(status="closing")
        with pytest.raises(IntegrityError, match="case_dates_in_order"), transaction.atomic():
            Case.objects.filter(pk=cast.case.pk).update(
                status="closed", closed_on=cast.case.opened_on - timedelta(days=1)
            )
