"""Surveys: a draw that can be repeated, answers that lead back to nobody, small counts left out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as, figures
from clusters.models import Service
from families.models import Agreement
from outcomes.measures.models import Instrument
from outcomes.models import SharedAnswer, Survey, SurveyAnswer, SurveyInvitation
from outcomes.surveys import services
from outcomes.surveys.drawing import draw
from outcomes.surveys.results import Cell, cells, rate
from tests.fixtures_cast import Cast, as_

ANSWERS = {"ons4.happiness": 7, "own.1": "Longer, please"}


def test_the_same_seed_draws_the_same_families_and_none_twice() -> None:
    families = {"a": [str(n) for n in range(40)], "b": [str(n) for n in range(30, 60)], "c": ["1"]}
    first = draw(7, families, 10)
    assert first == draw(7, {name: list(reversed(keys)) for name, keys in families.items()}, 10)
    assert first != draw(8, families, 10)
    assert {name: len(keys) for name, keys in first.items()} == {"a": 10, "b": 10, "c": 1}
    some = draw(7, families, {"a": 3, "b": 0, "c": 5})
    assert {name: len(keys) for name, keys in some.items()} == {"a": 3, "b": 0, "c": 1}
    everybody = [key for keys in first.values() for key in keys]
    assert len(everybody) == len(set(everybody)) and all(set(first[name]) <= set(families[name]) for name in families)


def test_small_counts_are_left_out_and_the_total_does_not_give_them_back() -> None:
    def values(number: int) -> list[Decimal]:
        return [Decimal(4)] * number

    by, total = cells({"a": values(4), "b": values(6), "c": values(9), "d": []})
    assert (by["a"], by["b"], by["c"], by["d"]) == (
        Cell(None, None),
        Cell(None, None),
        Cell(9, Decimal("4.0")),
        Cell(0, None),
    )
    assert total == Cell(19, Decimal("4.0"))
    assert cells({"a": values(2), "b": values(2)})[1] == Cell(None, None)
    assert (rate(1, 8), rate(0, 0)) == (Decimal(13), None)


def a_plan(cast: Cast, **more: Any) -> services.Plan:
    today = timezone.localdate()
    return services.Plan(
        **{
            "title": "Spring",
            "clusters": [cast.cluster.pk],
            "services": list(Service.objects.filter(cluster=None)),
            "starts_on": today - timedelta(days=90),
            "ends_on": today,
            "wanted": 5,
            "answer_until": today + timedelta(days=30),
            "instruments": [Instrument.objects.get(code="ons4")],
            "questions": [],
            "seed": 3,
            **more,
        }
    )


def drawn(cast: Cast, **more: Any) -> Survey:
    with as_(cast.manager):
        return services.draw_survey(by=cast.manager, plan=a_plan(cast, **more))


def test_a_manager_draws_without_reading_a_family_and_sees_who_was_left_out(cast: Cast) -> None:
    survey = drawn(cast)
    with as_(cast.manager):
        assert not SurveyInvitation.objects.exists()
        excluded = [stratum.excluded for stratum in survey.strata.all()]
        assert {"restricted": 1} in excluded
    with as_(cast.practitioner):
        # Family support and therapy, one family: asked once.
        assert SurveyInvitation.objects.get().family_id == cast.case.family_id
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
        day = timezone.localdate()
        Agreement.objects.create(**keys, given_by="Jana", given_on=day, withdrawn_on=day)
    with pytest.raises(services.ValidationError, match="No family can be asked"):
        drawn(cast, title="Again")
    with as_(cast.leader), pytest.raises(Denied):
        services.draw_survey(by=cast.leader, plan=a_plan(cast, clusters=[cast.other_cluster.pk]))


def asked(cast: Cast) -> services.Sent:
    drawn(cast)
    with as_(cast.practitioner):
        (sent,) = services.send(by=cast.practitioner, invitations=[SurveyInvitation.objects.get().pk], way="letter")
    return sent


def test_an_answer_by_link_leads_back_to_nobody(cast: Cast) -> None:
    sent = asked(cast)
    with acting_as(NamedActor.FAMILY):
        door = services.find_door(sent.token)
        assert door is not None and services.find_door("wrong") is None
        assert services.try_code(door, "AAA AAA") == ""
        proof = services.try_code(door, sent.code.lower())
        assert proof
        assert not services.answer(door.id, ANSWERS, share=False, proof="guessed")
        assert services.answer(door.id, ANSWERS, share=False, proof=proof)
        assert not services.answer(door.id, ANSWERS, share=False, proof=proof)
        assert services.find_door(sent.token) is None
        assert not SurveyAnswer.objects.exists()
    with as_(cast.practitioner):
        assert SurveyInvitation.objects.get().state == "answered"
        assert not SurveyAnswer.objects.exists() and not SharedAnswer.objects.exists()
    with as_(cast.manager), figures():
        assert SurveyAnswer.objects.get().answers == ANSWERS
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'outcomes_surveyanswer'")
        assert {name for (name,) in cursor.fetchall()} == {"id", "survey_id", "stratum_id", "answers"}
    with as_(cast.practitioner), pytest.raises(DatabaseError), transaction.atomic():
        stratum = SurveyInvitation.objects.get().stratum
        SurveyAnswer.objects.bulk_create([SurveyAnswer(survey=stratum.survey, stratum=stratum, answers={})])


def test_a_family_may_let_its_worker_see_and_paper_is_entered_in_its_own_cluster(cast: Cast) -> None:
    sent = asked(cast)
    with as_(cast.other_practitioner):
        assert not services.answer(sent.invitation.pk, ANSWERS, share=True)
    with as_(cast.practitioner):
        services.enter_paper(by=cast.practitioner, invitation=sent.invitation, answers=ANSWERS, share=True)
        assert SharedAnswer.objects.get().answers == ANSWERS
        with pytest.raises(Conflict):
            services.enter_paper(by=cast.practitioner, invitation=sent.invitation, answers=ANSWERS, share=True)
        with pytest.raises(Conflict):
            services.send(by=cast.practitioner, invitations=[sent.invitation.pk], way="link")


def test_codes_cannot_be_guessed_and_links_end(cast: Cast) -> None:
    sent = asked(cast)
    with acting_as(NamedActor.FAMILY):
        door = services.find_door(sent.token)
        assert door is not None
        assert {services.try_code(door, "AAAAAA") for _ in range(services.MOST_TRIES)} == {""}
        assert services.try_code(door, sent.code) is None
    with as_(cast.practitioner):
        (again,) = services.send(by=cast.practitioner, invitations=[sent.invitation.pk], way="letter")
        assert services.find_door(sent.token) is None and services.find_door(again.token) is not None
        assert SurveyInvitation.objects.get().reminders == 0, "a letter made again on the same day reminds nobody"
        services.decline(by=cast.practitioner, invitation=sent.invitation)
        assert services.find_door(again.token) is None
    with pytest.raises(services.ValidationError, match="No family can be asked"):
        drawn(cast, title="Next")
