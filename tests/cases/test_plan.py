"""Goals, scores and reviews: at most three at once, agreed with the family, never changed behind somebody's back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import Case, CaseService, Extension, Goal, GoalScore, Plan
from cases.services import (
    Answer,
    Stale,
    Step,
    answer_extension,
    ask_extension,
    end_goal,
    entitlement_on,
    finish_action,
    review_plan,
    set_goal,
)
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event
from clusters.models import Entitlement
from tests.fixtures_cast import a_service, as_


def agree(cast, words="Mornings without shouting", **extra):
    return set_goal(by=cast.practitioner, case=cast.case, words=words, **extra)


def test_the_first_goal_makes_the_plan_and_its_baseline_begins_the_line(cast):
    with as_(cast.practitioner):
        goal = agree(
            cast,
            whose=cast.mother,
            baseline=3,
            target=8,
            agreements={cast.mother.pk: Answer(True), cast.child.pk: Answer(False, "only if Marek walks me")},
            actions=[Step("Bags packed the evening before", "Jana"), Step(" ", "nobody")],
        )
        assert Plan.objects.get(case=cast.case).agreed_on == timezone.localdate()
        assert Case.objects.get(pk=cast.case.pk).review_due_on == timezone.localdate() + timedelta(weeks=6)
        assert [(s.score, s.contact) for s in goal.scores.all()] == [(3, None)]
        assert {(a.person_id, a.agrees, a.words) for a in goal.agreements.all()} == {
            (cast.mother.pk, True, ""),
            (cast.child.pk, False, "only if Marek walks me"),
        }
        assert [a.what for a in goal.actions.all()] == ["Bags packed the evening before"]
        agree(cast, words="Less shouting", goal=goal, version=1, baseline=4, actions=[])
        assert [s.score for s in GoalScore.objects.filter(goal=goal)] == [4]
        assert goal.agreements.count() == 2, "answers that were not sent stay"
        assert goal.actions.count() == 0


def test_a_fourth_goal_is_refused_and_an_ended_one_frees_its_place(cast):
    with as_(cast.practitioner):
        goals = [agree(cast, f"Goal {n}") for n in range(3)]
        with pytest.raises(ValidationError, match="at most three goals") as refused:
            agree(cast, "A fourth")
        assert refused.value.error_dict["words"][0].code == "fourth_goal"
        end_goal(by=cast.practitioner, goal=goals[1], status="achieved")
        assert agree(cast, "A fourth").position == 2
        assert Goal.objects.filter(status="live").count() == 3


@pytest.mark.parametrize(("position", "constraint"), [(1, "goal_live_places"), (4, "goal_at_most_three")])
def test_the_database_holds_no_fourth_goal(cast, position, constraint):
    with as_(cast.practitioner):
        goals = [agree(cast, f"Goal {n}") for n in range(3)]
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as raw:
            raw.execute(
                "INSERT INTO cases_goal (id, cluster_id, family_id, created_at, plan_id, position, words, different,"
                " status, ended_reason, version) VALUES (gen_random_uuid(), %s, %s, now(), %s, %s, 'x', '', 'live',"
                " '', 1)",
                [goals[0].cluster_id, goals[0].family_id, goals[0].plan_id, position],
            )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"words": " "}, "words"), ({"baseline": 11}, "baseline"), ({"target": -1}, "target")],
)
def test_a_goal_that_is_wrong_names_the_field(cast, wrong, field):
    with as_(cast.practitioner):
        with pytest.raises(ValidationError) as error:
            set_goal(by=cast.practitioner, case=cast.case, **({"words": "x"} | wrong))
        assert list(error.value.message_dict) == [field]
        assert not Plan.objects.exists()


def test_the_second_editor_is_told_and_nothing_is_overwritten(cast):
    with as_(cast.practitioner):
        goal = agree(cast)
        agree(cast, "Mine", goal=goal, version=1)
        with pytest.raises(Stale) as stale:
            agree(cast, "Theirs", goal=goal, version=1)
        assert stale.value.current.words == "Mine"
        assert Goal.objects.get(pk=goal.pk).words == "Mine"


def test_an_ended_goal_stays_as_it_was(cast):
    with as_(cast.practitioner):
        goal = agree(cast)
        with pytest.raises(ValidationError) as why:
            end_goal(by=cast.practitioner, goal=goal, status="dropped")
        assert list(why.value.message_dict) == ["reason"]
        end_goal(by=cast.practitioner, goal=goal, status="dropped", reason="They moved.")
        with pytest.raises(ValidationError, match="has ended"):
            agree(cast, "Again", goal=goal, version=2)
        with pytest.raises(Conflict):
            end_goal(by=cast.practitioner, goal=goal, status="achieved")
        with pytest.raises(IntegrityError, match="illegal state"), transaction.atomic():
            Goal.objects.filter(pk=goal.pk).update(status="live", ended_on=None)


def test_only_those_who_work_on_the_case_touch_its_plan(cast):
    with as_(cast.practitioner):
        goal = agree(cast, actions=[Step("Ring the school", "Asha")])
        action = goal.actions.get()
        finish_action(by=cast.practitioner, action=action)
        assert goal.actions.get().done_on == timezone.localdate()
    with as_(cast.colleague):
        for act in (
            lambda: agree_as(cast, cast.colleague),
            lambda: end_goal(by=cast.colleague, goal=goal, status="achieved"),
            lambda: review_plan(by=cast.colleague, case=cast.case, decisions="x"),
            lambda: finish_action(by=cast.colleague, action=action),
        ):
            with pytest.raises(Denied, match="Only the lead worker"):
                act()


def agree_as(cast, user):
    return set_goal(by=user, case=cast.case, words="x")


def test_a_review_sets_the_next_one(cast):
    today = timezone.localdate()
    with as_(cast.practitioner):
        with pytest.raises(ValidationError, match="no plan to review"):
            review_plan(by=cast.practitioner, case=cast.case, decisions="x")
        agree(cast)
        review_plan(by=cast.practitioner, case=cast.case, decisions="Carry on.")
        assert Case.objects.get(pk=cast.case.pk).review_due_on == today + timedelta(weeks=6)
        review_plan(
            by=cast.practitioner, case=cast.case, decisions="Weekly now.", next_due_on=today + timedelta(days=7)
        )
        assert Case.objects.get(pk=cast.case.pk).review_due_on == today + timedelta(days=7)
        for wrong, field in (
            ({"decisions": " "}, "decisions"),
            ({"reviewed_on": today + timedelta(days=1), "next_due_on": today + timedelta(days=9)}, "reviewed_on"),
            ({"next_due_on": today}, "next_due_on"),
        ):
            with pytest.raises(ValidationError) as error:
                review_plan(by=cast.practitioner, case=cast.case, **({"decisions": "x"} | wrong))
            assert list(error.value.message_dict) == [field]


def a_rule(cast, kind, **what):
    rule = Entitlement.objects.create(service=a_service(kind), effective_from="2020-01-02", **what)
    with as_(cast.leader):
        CaseService.objects.filter(case=cast.case, service=rule.service).update(entitlement=rule)
        return CaseService.objects.get(case=cast.case, service=rule.service)


def test_an_extension_is_asked_once_and_answered_by_the_leader(cast):
    service = a_rule(cast, "family_support", weeks=26, extendable=True)
    with as_(cast.practitioner):
        asked = ask_extension(by=cast.practitioner, case_service=service, weeks=6, reason="Court in January.")
        with pytest.raises(Conflict, match="already"):
            ask_extension(by=cast.practitioner, case_service=service, weeks=6, reason="Again.")
        with pytest.raises(Denied, match="leader"):
            answer_extension(by=cast.practitioner, extension=asked, approve=True)
    with as_(cast.leader):
        with pytest.raises(ValidationError) as why:
            answer_extension(by=cast.leader, extension=asked, approve=False)
        assert list(why.value.message_dict) == ["answer"]
        answer_extension(by=cast.leader, extension=asked, approve=False, answer="Rethink Forum first.")
        with pytest.raises(Conflict, match="Dee Example answered this already"):
            answer_extension(by=cast.leader, extension=asked, approve=True)
        assert Extension.objects.get().status == "refused"
        assert Event.objects.filter(kind="case.extension_answered").count() == 1


def test_therapy_has_no_extension(cast):
    service = a_rule(cast, "childrens_therapy", assessment_sessions=3, intervention_sessions=12)
    with as_(cast.therapist), pytest.raises(Denied, match="cannot be extended"):
        ask_extension(by=cast.therapist, case_service=service, weeks=6, reason="x")


def test_no_entitlement_is_in_force_before_its_day(cast):
    Entitlement.objects.all().delete()
    service = a_service("family_support")
    Entitlement.objects.create(service=service, effective_from=timezone.localdate() + timedelta(days=1), weeks=8)
    found = entitlement_on(cluster_id=cast.cluster.pk, service_id=service.pk, day=timezone.localdate())
    assert found is None
