"""Writing the six Ps: what is kept, what is refused, who may."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.models import Case
from cases.services.plan import end_goal, set_goal
from cases.services.stale import Stale
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Event
from families.models import Person
from formulation.models import Factor, Formulation, GoalFactor, P, Setting
from formulation.services import Line, link_factor, save_formulation, unlink_factor
from tests.fixtures_cast import Cast, a_term, as_

MOVE = Line(P.PRECIPITATING, "The move in spring")
DAMP = Line(P.PERPETUATING, "A damp flat")
GRAN = Line(P.PROTECTIVE, "A close grandmother")


def a_formulation(cast: Cast, *lines: Line, **extra: object) -> Formulation:
    return save_formulation(by=cast.practitioner, case=cast.case, lines=lines or (MOVE, DAMP, GRAN), **extra)


def again(factor: Factor, text: str = "") -> Line:
    return Line(factor.p, text or factor.text, factor.domain_id, factor.person_id, factor.pk)


def test_the_six_ps_with_tags_and_who_took_part(cast: Cast) -> None:
    domain = a_term("domain")
    with as_(cast.practitioner):
        made = a_formulation(
            cast,
            Line(P.PRESENTING, "  Cries at  the gate ", domain.pk, cast.child.pk),
            Line(P.PREDICTIVE, "   "),
            person_ids=[cast.child.pk, cast.mother.pk],
            professionals="Ms Invented, SENCO",
            setting=Setting.MULTI_AGENCY,
            summary="She misses her friends.",
        )
        factor = made.factors.get()
        assert (made.number, made.version, factor.text) == (1, 1, "Cries at the gate")
        assert (factor.domain, factor.person) == (domain, cast.child)
        assert {p.person_id for p in made.participants.all()} == {cast.child.pk, cast.mother.pk}
        assert Event.objects.filter(kind="formulation.saved", actor="Asha Example").count() == 1


def test_an_empty_formulation_is_refused(cast: Cast) -> None:
    with as_(cast.practitioner):
        with pytest.raises(ValidationError, match="at least one factor"):
            a_formulation(cast, Line(P.PRESENTING, "  "))
        assert not Formulation.objects.exists()


def test_a_factor_of_301_characters_is_refused_and_named(cast: Cast) -> None:
    with as_(cast.practitioner):
        with pytest.raises(ValidationError, match="under Perpetuating has 301 characters"):
            a_formulation(cast, MOVE, Line(P.PERPETUATING, "x" * 301))
        assert not Formulation.objects.exists()
        assert a_formulation(cast, Line(P.PERPETUATING, "x" * 300)).factors.count() == 1


def test_a_day_in_the_future_and_people_of_another_family_are_refused(cast: Cast) -> None:
    with as_(cast.practitioner):
        stranger = cast.referral.child_id
        with pytest.raises(ValidationError) as refused:
            a_formulation(cast, made_on=timezone.localdate() + timedelta(days=1), person_ids=[stranger])
        assert set(refused.value.message_dict) == {"made_on", "people"}


def test_saving_again_keeps_the_factors_that_stay(cast: Cast) -> None:
    with as_(cast.practitioner):
        made = a_formulation(cast)
        move, damp = (made.factors.get(p=p) for p in (P.PRECIPITATING, P.PERPETUATING))
        saved = a_formulation(cast, again(damp, "A damp, cold flat"), again(move), number=1, seen_version=1)
        assert (saved.pk, saved.version) == (made.pk, 2)
        assert {f.pk: f.text for f in saved.factors.all()} == {damp.pk: "A damp, cold flat", move.pk: move.text}
        assert Change.objects.filter(table_name="formulation_factor", operation="delete").count() == 1


def test_after_another_persons_save_nothing_is_overwritten(cast: Cast) -> None:
    with as_(cast.practitioner):
        a_formulation(cast)
    with as_(cast.leader):
        save_formulation(by=cast.leader, case=cast.case, lines=[GRAN], number=1, seen_version=1)
    with as_(cast.practitioner):
        with pytest.raises(Stale) as stale:
            a_formulation(cast, DAMP, number=1, seen_version=1)
        assert stale.value.current.version == 2
        assert [f.text for f in Factor.objects.all()] == [GRAN.text]


def test_two_first_formulations_do_not_overwrite_each_other(cast: Cast) -> None:
    with as_(cast.practitioner):
        a_formulation(cast, number=1, seen_version=0)
        with pytest.raises(Stale):
            a_formulation(cast, DAMP, number=1, seen_version=0)


def test_a_new_version_keeps_the_earlier_one_and_takes_live_goals_along(cast: Cast) -> None:
    with as_(cast.practitioner):
        first = a_formulation(cast)
        damp, gran = (first.factors.get(p=p) for p in (P.PERPETUATING, P.PROTECTIVE))
        live = set_goal(by=cast.practitioner, case=cast.case, words="Somewhere dry")
        ended = set_goal(by=cast.practitioner, case=cast.case, words="Sunday tea")
        link_factor(by=cast.practitioner, case=cast.case, goal=live, factor=damp)
        link_factor(by=cast.practitioner, case=cast.case, goal=ended, factor=gran)
        end_goal(by=cast.practitioner, goal=ended, status="achieved")
        second = a_formulation(cast, again(damp, "The flat is dry, and far"), again(gran), number=2, seen_version=1)
        assert second.number == 2
        assert [f.text for f in first.factors.order_by("text")] == sorted(x.text for x in (MOVE, DAMP, GRAN))
        assert live.factor_links.get().factor.formulation == second
        assert ended.factor_links.get().factor.formulation == first
        with pytest.raises(Stale):
            a_formulation(cast, again(damp), number=1, seen_version=1)
        with pytest.raises(Conflict):
            a_formulation(cast, number=4, seen_version=1)


def test_a_factor_that_a_goal_addresses_is_not_taken_out(cast: Cast) -> None:
    with as_(cast.practitioner):
        made = a_formulation(cast)
        damp = made.factors.get(p=P.PERPETUATING)
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Somewhere dry")
        link_factor(by=cast.practitioner, case=cast.case, goal=goal, factor=damp)
        with pytest.raises(ValidationError, match="addressed by the goal “Somewhere dry”"):
            a_formulation(cast, MOVE, number=1, seen_version=1)
        made.refresh_from_db()
        assert (made.version, made.factors.count()) == (1, 3)
        unlink_factor(by=cast.practitioner, case=cast.case, goal=goal, factor=damp)
        assert a_formulation(cast, MOVE, number=1, seen_version=1).factors.count() == 1


def test_saying_twice_that_a_goal_addresses_a_factor_makes_one_link(cast: Cast) -> None:
    with as_(cast.practitioner):
        factor = a_formulation(cast).factors.first()
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Somewhere dry")
        for _ in range(2):
            link_factor(by=cast.practitioner, case=cast.case, goal=goal, factor=factor)
        assert GoalFactor.objects.count() == 1
        end_goal(by=cast.practitioner, goal=goal, status="achieved")
        with pytest.raises(Conflict, match="has ended"):
            link_factor(by=cast.practitioner, case=cast.case, goal=goal, factor=factor)


def test_who_writes(cast: Cast) -> None:
    for user in (cast.leader, cast.therapist):
        with as_(user):
            save_formulation(by=user, case=cast.case, lines=[MOVE])
    with as_(cast.colleague), pytest.raises(Denied, match="Only the lead worker"):
        save_formulation(by=cast.colleague, case=cast.case, lines=[MOVE])


def test_another_cluster_does_not_see_the_case(cast: Cast) -> None:
    with as_(cast.practitioner):
        a_formulation(cast)
    with as_(cast.other_practitioner):
        assert not Formulation.objects.exists()
        with pytest.raises(Case.DoesNotExist):
            save_formulation(by=cast.other_practitioner, case=cast.case, lines=[MOVE])
    with as_(cast.manager):
        assert not Factor.objects.exists()
    with as_(cast.practitioner):
        assert Person.objects.filter(pk=cast.child.pk).exists()
