"""Asking for a closure, answering it, and opening a case again."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.models import Case, CaseService, Extension, Goal, GoalScore, GoalStatus, LeadWorker
from cases.services.plan import set_goal
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from families.models import NamedReader
from outcomes.models import Closure, ExitPlan
from outcomes.services import GoalEnd, ask_closure, reopen_case, return_closure, share_exit_plan, sign_off_closure
from referrals.models import Referral, Status
from tests.fixtures_cast import Cast, a_person, a_referral, as_, decided
from tests.outcomes.test_backstop import at_commit
from triage.models import Ending, Offer, Outcome

FULL = Outcome.COMPLETED_FULL


def asked(cast: Cast, **extra: object) -> Closure:
    given = {"outcomes": [FULL], "closed_on": timezone.localdate(), "exit_plan": {"in_place": "Gran on Mondays"}}
    return ask_closure(by=cast.practitioner, case=cast.case, **{**given, **extra})


def a_goal(cast: Cast, words: str = "Mornings without shouting") -> Goal:
    return set_goal(by=cast.practitioner, case=cast.case, words=words, baseline=3, target=8)


def closed_case(cast: Cast, **extra: object) -> Closure:
    with as_(cast.practitioner):
        closure = asked(cast, **extra)
    with as_(cast.leader):
        return sign_off_closure(by=cast.leader, closure=closure)


# --- asking ---
def test_asking_waits_for_the_leader_and_changes_nothing_of_the_plan(cast: Cast) -> None:
    with as_(cast.practitioner):
        goal = a_goal(cast)
        closure = asked(
            cast,
            outcomes=[Outcome.PASSED_ON, FULL],
            goals=[GoalEnd(goal.pk, GoalStatus.ACHIEVED, 7)],
            family_view=" We laugh again. ",
            exit_plan={"in_place": "Gran on Mondays", "who_stays": "School"},
        )
        cast.case.refresh_from_db()
        goal.refresh_from_db()
        assert (cast.case.status, goal.status, goal.scores.count()) == ("closing", "live", 1)
        assert {o.outcome for o in closure.outcomes.all()} == {FULL, Outcome.PASSED_ON}
        assert (closure.family_view, closure.exit_plan.in_place) == ("We laugh again.", "Gran on Mondays")
        assert closure.goals.get().score == 7
    message = Message.objects.get()
    assert message.to == cast.leader.email
    assert f"/closures/{closure.pk}/" in message.body
    assert not any(name in message.subject + message.body for name in ("Novák", "Zdeňka", cast.case.reference))


REFUSALS: list[tuple[str, dict[str, object], str, str]] = [
    ("no outcome", {"outcomes": []}, "outcomes", "at least one outcome"),
    ("a sheet's outcome", {"outcomes": [Outcome.COMPLETED]}, "outcomes", "from the list"),
    ("two completions", {"outcomes": [FULL, Outcome.COMPLETED_PART]}, "outcomes", "one of the three"),
    ("before opening", {"closed_on": date(2001, 1, 1)}, "closed_on", "on or after the day the case was opened"),
    ("in the future", {"closed_on": date(2101, 1, 1)}, "closed_on", "today or in the past"),
    ("unresolved, not said", {"outcomes": [Outcome.UNRESOLVED]}, "unresolved", "what is unresolved"),
]


@pytest.mark.parametrize(("_name", "values", "field", "words"), REFUSALS, ids=[r[0] for r in REFUSALS])
def test_what_is_refused_is_named(cast: Cast, _name: str, values: dict[str, object], field: str, words: str) -> None:
    with as_(cast.practitioner):
        with pytest.raises(ValidationError) as refused:
            asked(cast, **values)
        assert words in refused.value.message_dict[field][0]
        assert not Closure.objects.exists()
        cast.case.refresh_from_db()
        assert cast.case.status == "open"


def test_every_live_goal_gets_its_end(cast: Cast) -> None:
    with as_(cast.practitioner):
        goal = a_goal(cast)
        for ends, words in (
            ([], "Choose how the goal “Mornings without shouting” ends"),
            ([GoalEnd(goal.pk, GoalStatus.DROPPED)], "Enter why the goal “Mornings without shouting” is dropped"),
            ([GoalEnd(goal.pk, GoalStatus.ACHIEVED, 11)], "0 to 10"),
            ([GoalEnd(goal.pk, GoalStatus.LIVE)], "Choose how"),
        ):
            with pytest.raises(ValidationError, match=words):
                asked(cast, goals=ends)


def test_a_place_on_a_waiting_list_is_decided_about_first(cast: Cast) -> None:
    with as_(cast.leader):
        therapy = CaseService.objects.get(service__kind="childrens_therapy").service
        keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
        Offer.objects.create(
            **keys, decision=cast.case_referral.decision, service=therapy, waiting_since=timezone.localdate()
        )
    with as_(cast.practitioner), pytest.raises(ValidationError, match=f"still waits for: {therapy.name}"):
        asked(cast)


def test_asking_twice_says_who_asked(cast: Cast) -> None:
    with as_(cast.practitioner):
        asked(cast)
    with as_(cast.leader), pytest.raises(Conflict, match="Asha Example asked for this closure"):
        ask_closure(by=cast.leader, case=cast.case, outcomes=[FULL], closed_on=timezone.localdate())


def test_who_asks(cast: Cast) -> None:
    for user, words in (
        (cast.colleague, "Only the lead worker, a worker"),
        (cast.therapist, "Only the lead worker or"),
    ):
        with as_(user), pytest.raises(Denied, match=words):
            ask_closure(by=user, case=cast.case, outcomes=[FULL], closed_on=timezone.localdate())
    with as_(cast.other_leader), pytest.raises(Case.DoesNotExist):
        ask_closure(by=cast.other_leader, case=cast.case, outcomes=[FULL], closed_on=timezone.localdate())
    with as_(cast.leader):
        ask_closure(by=cast.leader, case=cast.case, outcomes=[FULL], closed_on=timezone.localdate())


def test_about_a_restricted_record_only_named_people_hear(cast: Cast) -> None:
    ask = {"by": cast.colleague, "case": cast.restricted_case, "outcomes": [FULL], "closed_on": timezone.localdate()}
    with as_(cast.colleague):
        first = ask_closure(**ask)
    assert [m.to for m in Message.objects.all()] == [cast.manager.email]
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        NamedReader.objects.create(cluster=cast.cluster, family=cast.restricted_family, user=cast.leader)
    with as_(cast.leader):
        return_closure(by=cast.leader, closure=first, reason="Say who stays in touch")
    with as_(cast.colleague):
        ask_closure(**ask)
    assert {m.to for m in Message.objects.filter(key__startswith="closure-asked")} == {
        cast.manager.email,
        cast.leader.email,
    }


# --- the leader's answer ---
def test_the_sign_off_ends_everything_once(cast: Cast) -> None:
    with as_(cast.practitioner):
        kept, dropped = a_goal(cast), a_goal(cast, "Sunday tea")
        Extension.objects.create(
            cluster_id=cast.case.cluster_id,
            family_id=cast.case.family_id,
            case_service=CaseService.objects.get(service__kind="family_support"),
            weeks=4,
            reason="Not there yet",
            asked_by=cast.practitioner,
        )
    day = timezone.localdate() - timedelta(days=1)
    closed_case(
        cast,
        outcomes=[FULL, Outcome.PASSED_ON],
        closed_on=day,
        goals=[GoalEnd(kept.pk, "achieved", 8), GoalEnd(dropped.pk, "dropped", None, "Dad moved away")],
    )
    with as_(cast.practitioner):
        at_commit()
        case = Case.objects.get(pk=cast.case.pk)
        assert (case.status, case.closed_on) == ("closed", day)
        assert LeadWorker.objects.get(case=case).ends_on == day
        assert {(s.status, s.ends_on) for s in case.services.all()} == {("ended", day)}
        assert {g.words: (g.status, g.ended_on, g.ended_reason) for g in Goal.objects.all()} == {
            kept.words: ("achieved", day, ""),
            dropped.words: ("dropped", day, "Dad moved away"),
        }
        assert [s.score for s in GoalScore.objects.filter(goal=kept)] == [8, 3]
        ending = Ending.objects.get(referral=cast.case_referral)
        assert (ending.where, ending.ended_on, ending.ended_by) == ("case", day, cast.leader)
        assert {o.outcome for o in ending.outcomes.all()} == {FULL, Outcome.PASSED_ON}
        assert Referral.objects.get(pk=cast.case_referral.pk).status == Status.ENDED
        assert Extension.objects.get().status == "refused"
        assert Event.objects.filter(kind="closure.signed_off", actor="Dee Example").exists()
    assert Message.objects.filter(to=cast.practitioner.email, key__startswith="closure-signed").count() == 1


def test_every_referral_of_the_case_gets_its_ending(cast: Cast) -> None:
    with as_(cast.leader):
        brother = a_person(cast.family, "Ota", born=date(2016, 2, 29))
        second = a_referral(brother, number=77)
        decided(second, by=cast.leader).offers.update(status="allocated")
        cast.case.case_referrals.create(cluster_id=cast.case.cluster_id, family_id=cast.case.family_id, referral=second)
    closed_case(cast)
    with as_(cast.leader):
        assert set(Ending.objects.values_list("referral_id", flat=True)) == {second.pk, cast.case_referral.pk}


def test_the_second_leader_is_told_by_whom_and_when(cast: Cast) -> None:
    closure = closed_case(cast)
    at = timezone.localtime(closure.answered_at)
    words = f"On {at:%-d %B %Y} at {at:%H:%M} Dee Example signed this closure off"
    acts: tuple[Callable[[], object], ...] = (
        lambda: sign_off_closure(by=cast.leader, closure=closure),
        lambda: return_closure(by=cast.leader, closure=closure, reason="Too early"),
    )
    for act in acts:
        with as_(cast.leader), pytest.raises(Conflict, match=words):
            act()
    with as_(cast.leader):
        assert Ending.objects.count() == 1


def test_only_a_leader_answers(cast: Cast) -> None:
    with as_(cast.practitioner):
        closure = asked(cast)
        for act in (
            lambda: sign_off_closure(by=cast.practitioner, closure=closure),
            lambda: return_closure(by=cast.practitioner, closure=closure, reason="No"),
        ):
            with pytest.raises(Denied, match="Only a leader of this Cluster"):
                act()
    with as_(cast.other_leader), pytest.raises(Case.DoesNotExist):
        sign_off_closure(by=cast.other_leader, closure=closure)


def test_a_returned_closure_says_why_and_the_case_goes_on(cast: Cast) -> None:
    with as_(cast.practitioner):
        closure = asked(cast)
    with as_(cast.leader):
        with pytest.raises(ValidationError, match="Enter why"):
            return_closure(by=cast.leader, closure=closure, reason=" ")
        return_closure(by=cast.leader, closure=closure, reason="Who stays in touch?")
    with as_(cast.practitioner):
        cast.case.refresh_from_db()
        assert cast.case.status == "open"
        assert Closure.objects.get().answer == "Who stays in touch?"
        assert asked(cast).status == "asked"
    message = Message.objects.get(key=f"closure-returned:{closure.pk}")
    assert message.to == cast.practitioner.email
    assert "Who stays" not in message.body


def test_a_goal_agreed_meanwhile_stops_the_sign_off(cast: Cast) -> None:
    with as_(cast.practitioner):
        closure = asked(cast)
        a_goal(cast)
    with as_(cast.leader):
        with pytest.raises(ValidationError, match="Choose how the goal “Mornings"):
            sign_off_closure(by=cast.leader, closure=closure)
        closure.refresh_from_db()
        assert closure.status == "asked"


# --- opening again ---
def test_within_28_days_the_case_goes_on(cast: Cast) -> None:
    closed_case(cast)
    with as_(cast.leader):
        reopen_case(by=cast.leader, case=cast.case, reason="Gran fell ill")
        at_commit()
        case = Case.objects.get(pk=cast.case.pk)
        assert (case.status, case.closed_on) == ("open", None)
        assert LeadWorker.objects.get(case=case, ends_on__isnull=True).worker == cast.practitioner
        assert {s.status for s in case.services.all()} == {"active"}
        assert not Ending.objects.exists()
        assert Referral.objects.get(pk=cast.case_referral.pk).status == Status.DECIDED
        closure = Closure.objects.get()
        assert (closure.status, closure.reopened_by, closure.reopened_reason) == (
            "signed_off",
            cast.leader,
            "Gran fell ill",
        )
    with as_(cast.practitioner):
        asked(cast)
    with as_(cast.leader):
        sign_off_closure(by=cast.leader, closure=Closure.objects.get(status="asked"))
        at_commit()
        assert Ending.objects.count() == 1


@pytest.mark.parametrize(("days", "allowed"), [(28, True), (29, False)])
def test_after_28_days_it_is_a_re_referral(cast: Cast, days: int, allowed: bool) -> None:
    closed_case(cast)
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False), as_(cast.leader):
        if allowed:
            reopen_case(by=cast.leader, case=cast.case, reason="Back again")
        else:
            with pytest.raises(Denied, match="re-referral: log a new referral"):
                reopen_case(by=cast.leader, case=cast.case, reason="Back again")
        assert Ending.objects.exists() is not allowed


def test_who_opens_again_and_what_stops_it(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(Denied, match="not closed"):
        reopen_case(by=cast.leader, case=cast.case, reason="Why not")
    closed_case(cast)
    with as_(cast.practitioner), pytest.raises(Denied, match="Only a leader"):
        reopen_case(by=cast.practitioner, case=cast.case, reason="Back")
    with as_(cast.leader):
        with pytest.raises(ValidationError, match="Enter why"):
            reopen_case(by=cast.leader, case=cast.case, reason="")
        with pytest.raises(ValidationError, match="no longer works in this Cluster"):
            reopen_case(by=cast.leader, case=cast.case, reason="Back", lead_worker=cast.other_practitioner)
        keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
        another = Case.objects.create(**keys, reference="RI-C-NEXT", opened_on=timezone.localdate())
        LeadWorker.objects.create(**keys, case=another, worker=cast.colleague, starts_on=another.opened_on)
        with pytest.raises(Conflict, match="already has an open case, RI-C-NEXT"):
            reopen_case(by=cast.leader, case=cast.case, reason="Back")


# --- the family's plan ---
def test_the_first_day_the_family_was_given_its_plan_stays(cast: Cast) -> None:
    closure = closed_case(cast)
    with as_(cast.colleague):
        plan = ExitPlan.objects.get(closure=closure)
        day = timezone.localdate() - timedelta(days=1)
        assert share_exit_plan(by=cast.colleague, exit_plan=plan, on=day).shared_with_family_on == day
        assert share_exit_plan(by=cast.colleague, exit_plan=plan).shared_with_family_on == day
        with pytest.raises(ValidationError, match="today or in the past"):
            share_exit_plan(by=cast.colleague, exit_plan=plan, on=timezone.localdate() + timedelta(days=1))
