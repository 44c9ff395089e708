"""Deciding: one response with its reasons, and what follows from it."""

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event, Message
from clusters.models import PartnerService, Service
from referrals.models import Referral, Status
from tests.fixtures_cast import Cast, a_person, a_service, as_, make_cast
from triage.models import Decision, Ending, Meeting, Offer, Outcome, PassingOn, Response
from triage.services import Offered, decide, step_up


def a_partner(name: str = "The Beck", *, back: bool = False) -> PartnerService:
    code = name.lower().replace(" ", "_")
    partner, _ = PartnerService.objects.get_or_create(code=code, defaults={"name": name, "returns_expected": back})
    return partner


def outcomes_of(referral: Referral) -> set[str]:
    return set(Ending.objects.get(referral=referral).outcomes.values_list("outcome", flat=True))


def test_a_service_begins_to_wait_on_the_day_of_the_decision(cast: Cast) -> None:
    service = a_service("family_support")
    with as_(cast.leader):
        decision = decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.SERVICE,
            rationale="Family support fits.",
            services=[Offered(service, priority=Offer.Priority.HIGH)],
        )
        offer = decision.offers.get()
        referral = Referral.objects.get(pk=cast.referral.pk)
        assert (offer.service, offer.waiting_since, offer.status, offer.priority) == (
            service,
            timezone.localdate(),
            "waiting",
            2,
        )
        assert (decision.decided_by, decision.meeting) == (cast.leader, None)
        assert referral.status == Status.DECIDED
        assert not Ending.objects.filter(referral=referral).exists()
        assert Event.objects.get(kind="decision").text == (
            "Referral RI-2026-0002 decided: Service received; offered: Family support"
        )


def test_a_decision_in_a_planned_meeting_of_today_opens_it(cast: Cast) -> None:
    with as_(cast.leader):
        decision = decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.OTHER,
            rationale="The form names no child.",
            meeting=cast.meeting,
        )
        assert decision.meeting == cast.meeting
        assert Meeting.objects.get(pk=cast.meeting.pk).status == Meeting.Status.OPEN


def test_passed_on_without_a_return_ends_at_once(cast: Cast) -> None:
    with as_(cast.leader):
        decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.PASSED_ON,
            rationale="The Beck knows them.",
            partners=[a_partner()],
        )
        assert Referral.objects.get(pk=cast.referral.pk).status == Status.ENDED
        assert outcomes_of(cast.referral) == {Outcome.PASSED_ON}
        assert Ending.objects.get().where == Ending.Where.TRIAGE


def test_while_a_return_is_expected_there_is_no_ending(cast: Cast) -> None:
    with as_(cast.leader):
        decision = decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.PASSED_ON,
            rationale="Short work first.",
            partners=[a_partner("RES team", back=True), a_partner()],
        )
        assert Referral.objects.get(pk=cast.referral.pk).status == Status.DECIDED
        assert not Ending.objects.exists()
        assert dict(decision.passed_on.values_list("partner__name", "return_expected")) == {
            "RES team": True,
            "The Beck": False,
        }


def test_a_service_and_a_partner_keep_the_referral_going(cast: Cast) -> None:
    with as_(cast.leader):
        decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.SERVICE_AND_PASSED_ON,
            rationale="Both.",
            services=[Offered(a_service("family_support"))],
            partners=[a_partner()],
        )
        assert (Offer.objects.filter(decision__referral=cast.referral).count(), PassingOn.objects.count()) == (1, 1)
        assert Referral.objects.get(pk=cast.referral.pk).status == Status.DECIDED


@pytest.mark.parametrize("response", [Response.NO_ACTION, Response.NO_SUPPORT, Response.REFUSED, Response.OTHER])
def test_the_other_responses_end_with_the_outcome_that_is_given(cast: Cast, response: Response) -> None:
    with as_(cast.leader):
        decide(
            by=cast.leader,
            referral=cast.referral,
            response=response,
            rationale="See the file.",
            outcomes=[Outcome.FAMILY, Outcome.STAFFING],
        )
        assert outcomes_of(cast.referral) == {Outcome.FAMILY, Outcome.STAFFING}
        assert Referral.objects.get(pk=cast.referral.pk).status == Status.ENDED


def test_without_an_outcome_a_referral_stays_decided(cast: Cast) -> None:
    with as_(cast.leader):
        decide(by=cast.leader, referral=cast.referral, response=Response.NO_ACTION, rationale="Held for a month.")
        assert Referral.objects.get(pk=cast.referral.pk).status == Status.DECIDED


def completed(cast: Cast) -> dict:
    return {"response": Response.OTHER, "outcomes": [Outcome.COMPLETED_FULL]}


def offering(response: Response, *offered: Offered, **more: object) -> dict:
    return {"response": response, "services": list(offered) or one(), **more}


def passing(response: Response, *partners: PartnerService, **more: object) -> dict:
    return {"response": response, "partners": list(partners) or [a_partner()], **more}


REFUSED: list[tuple[str, str, Callable[[Cast], dict]]] = [
    ("response", "not a response", lambda c: {"response": "maybe"}),
    ("rationale", "no rationale", lambda c: {"response": Response.NO_ACTION, "rationale": " "}),
    ("services", "no service", lambda c: {"response": Response.SERVICE}),
    ("services", "a service passed on", lambda c: passing(Response.PASSED_ON, services=one())),
    ("services", "a service refused", lambda c: offering(Response.REFUSED)),
    ("services", "twice the same", lambda c: offering(Response.SERVICE, *one(), *one())),
    (
        "services",
        "another family's child",
        lambda c: offering(Response.SERVICE, Offered(a_service("family_support"), c.child)),
    ),
    ("services", "another Cluster's service", lambda c: offering(Response.SERVICE, Offered(a_foreign_service(c)))),
    ("partners", "no partner", lambda c: {"response": Response.PASSED_ON}),
    ("partners", "no partner beside", lambda c: offering(Response.SERVICE_AND_PASSED_ON)),
    ("partners", "a partner beside no action", lambda c: passing(Response.NO_ACTION)),
    ("partners", "a retired partner", lambda c: passing(Response.PASSED_ON, a_retired_partner())),
    ("outcomes", "an ending with a service", lambda c: offering(Response.SERVICE, outcomes=[Outcome.FAMILY])),
    (
        "outcomes",
        "an ending while awaited",
        lambda c: passing(Response.PASSED_ON, a_partner("RES team", back=True), outcomes=[Outcome.PASSED_ON]),
    ),
    ("outcomes", "completed without a start", completed),
]


def one() -> list[Offered]:
    return [Offered(a_service("family_support"))]


def a_foreign_service(cast: Cast) -> Service:
    return Service.objects.create(
        code="elsewhere", name="Elsewhere", kind=Service.Kind.OTHER, cluster=cast.other_cluster
    )


def a_retired_partner() -> PartnerService:
    return PartnerService.objects.create(code="gone", name="Gone", retired_on=timezone.localdate())


@pytest.mark.parametrize(("field", "case", "given"), REFUSED, ids=[row[1] for row in REFUSED])
def test_a_decision_that_contradicts_itself_names_the_field_and_changes_nothing(
    cast: Cast, field: str, case: str, given: Callable[[Cast], dict]
) -> None:
    with as_(cast.leader):
        with pytest.raises(ValidationError) as raised:
            decide(by=cast.leader, referral=cast.referral, **{"rationale": "Because.", **given(cast)})
        assert list(raised.value.message_dict) == [field]
        assert Referral.objects.get(pk=cast.referral.pk).status == Status.TO_SCREEN
        assert not Decision.objects.filter(referral=cast.referral).exists()


@pytest.mark.parametrize("who", ["practitioner", "therapist", "manager", "guest", "other_leader", "referrer"])
def test_nobody_but_a_leader_of_the_cluster_decides(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    with as_(user), pytest.raises(Denied) as denied:
        decide(by=user, referral=cast.referral, response=Response.OTHER, rationale="Because.")
    assert denied.value.reason == "Only a leader of this Cluster may decide a referral."
    with as_(cast.leader):
        assert Referral.objects.get(pk=cast.referral.pk).status == Status.TO_SCREEN


def test_a_flagged_referral_is_not_put_on_a_waiting_list_before_the_step_up(cast: Cast) -> None:
    with as_(cast.leader):
        step = {"by": cast.leader, "referral": cast.referral}
        Referral.objects.filter(pk=cast.referral.pk).update(
            harm_flagged_at=timezone.now(), harm_flagged_by=cast.practitioner
        )
        given = {**step, "response": Response.SERVICE, "rationale": "Family support.", "services": one()}
        with pytest.raises(ValidationError, match="Record the step-up"):
            decide(**given)
        step_up(**step, taken_by="Invented Duty Worker", csws_reference="D-17")
        assert decide(**given).offers.count() == 1


def test_a_step_up_flags_the_referral_and_needs_a_name_and_a_reference(cast: Cast) -> None:
    with as_(cast.practitioner):
        with pytest.raises(ValidationError, match="name of the person at CSWS"):
            step_up(by=cast.practitioner, referral=cast.referral, taken_by=" ", csws_reference="D-17")
        with pytest.raises(ValidationError, match="reference that CSWS gave"):
            step_up(by=cast.practitioner, referral=cast.referral, taken_by="Invented Duty Worker", csws_reference=" ")
        step_up(by=cast.practitioner, referral=cast.referral, taken_by="Invented Duty Worker", csws_reference="D-17")
        assert Referral.objects.get(pk=cast.referral.pk).harm_flagged_by == cast.practitioner


def test_the_referrer_is_told_without_a_name(cast: Cast) -> None:
    with as_(cast.leader):
        Referral.objects.filter(pk=cast.referral.pk).update(referrer_email="rae@example.org")
        decide(by=cast.leader, referral=cast.referral, response=Response.OTHER, rationale="Zdeňka is not named.")
    message = Message.objects.get()
    assert message.to == "rae@example.org"
    assert "RI-2026-0002" in message.subject
    assert "http" in message.body
    for secret in ("Jakub", "Wójcik", "Zdeňka", "Other (unclear"):
        assert secret not in message.subject + message.body


@pytest.mark.django_db(transaction=True)
def test_two_leaders_at_once_one_decides_and_the_other_is_told_by_whom() -> None:
    cast = make_cast()
    both_ready = threading.Barrier(2)
    answers: list[str] = []

    def go(rationale: str) -> None:
        try:
            with as_(cast.leader):
                both_ready.wait(timeout=10)
                decide(by=cast.leader, referral=cast.referral, response=Response.OTHER, rationale=rationale)
            answers.append("decided")
        except Conflict as conflict:
            answers.append(conflict.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(text,)) for text in ("First.", "Second.")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert "decided" in answers
    answers.remove("decided")
    with as_(cast.leader):
        decision = Decision.objects.get(referral=cast.referral)
        at = timezone.localtime(decision.decided_at)
    assert answers == [f"Decided by Dee Example at {at:%H:%M}. What you entered was not recorded."]


def test_a_child_may_be_named_for_a_service(cast: Cast) -> None:
    with as_(cast.leader):
        sister = a_person(cast.referral.family, "Maja")
        offered = [Offered(a_service("childrens_therapy"), sister), Offered(a_service("childrens_therapy"))]
        decision = decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.SERVICE,
            rationale="Both children.",
            services=offered,
        )
        assert set(decision.offers.values_list("person__first_name", flat=True)) == {"Maja", None}
