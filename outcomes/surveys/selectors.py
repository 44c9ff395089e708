"""Reads of surveys: the response by stratum, the families of a Cluster, the results."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.selectors.beside import BESIDE_CASE
from cases.selectors.family_page import language_of
from clusters.models import Cluster, Service, User
from clusters.people import duties
from families.addresses import address_flags, family_address
from families.models import Person
from outcomes.surveys.drawing import REASONS
from outcomes.surveys.models import SharedAnswer, Survey, SurveyAnswer, SurveyInvitation, SurveyStratum
from outcomes.surveys.questions import Question, numbers, questions_of
from outcomes.surveys.results import FEWEST, Cell, cells, rate
from outcomes.surveys.services import Sent, lacks_reminder, response

State = SurveyInvitation.State


def surveys_of(user: User) -> QuerySet[Survey]:
    rows = Survey.objects.all()
    if duties(user).is_manager:
        return rows
    return rows.filter(cluster_ids__overlap=sorted(duties(user).clusters))


def clusters_to_draw(user: User) -> list[Cluster]:
    rows = Cluster.objects.filter(retired_on=None)
    return list(rows if duties(user).is_manager else rows.filter(pk__in=duties(user).leads))


def services_to_draw() -> list[Service]:
    return list(Service.objects.filter(retired_on=None))


@dataclass(frozen=True)
class Row:
    """One stratum as it stands: how many could be asked, were drawn, were asked, have answered."""

    name: str
    population: int
    drawn: int
    asked: int
    answered: int
    excluded: str
    wanted: int | None = None

    @property
    def rate(self) -> Decimal | None:
        return rate(self.answered, self.asked)


def rows_of(survey: Survey) -> list[Row]:
    """By stratum, with all of them last. Two queries, in a scope that counts."""
    states = response(survey)
    strata = list(SurveyStratum.objects.filter(survey=survey).select_related("service"))
    found = [
        Row(
            stratum.service.name,
            stratum.population,
            stratum.drawn,
            sum(states.get(stratum.pk, {}).get(state, 0) for state in (State.SENT, State.ANSWERED)),
            states.get(stratum.pk, {}).get(State.ANSWERED, 0),
            ", ".join(f"{stratum.excluded[key]} {words}" for key, words in REASONS.items() if key in stratum.excluded),
            stratum.wanted or survey.wanted,
        )
        for stratum in strata
    ]
    total = Row(
        "All",
        sum(row.population for row in found),
        sum(row.drawn for row in found),
        sum(row.asked for row in found),
        sum(row.answered for row in found),
        "",
    )
    return [*found, total]


@dataclass(frozen=True)
class Result:
    """The answers to one question: by stratum, in all; or what was said in words, without whose service it was."""

    question: Question
    strata: list[tuple[str, Cell]]
    total: Cell
    words: list[str]


def results_of(survey: Survey, questions: list[Question]) -> list[Result]:
    """One query for the answers; the scope must be that of figures."""
    strata = list(SurveyStratum.objects.filter(survey=survey).select_related("service"))
    answers = list(SurveyAnswer.objects.filter(survey=survey).values_list("stratum_id", "answers"))
    found = []
    for question in questions:
        if question.item is None:
            said = sorted(given[question.key] for _stratum, given in answers if given.get(question.key))
            found.append(Result(question, [], Cell(None, None), said if len(said) >= FEWEST else []))
            continue
        values: dict[str, list[Decimal]] = {stratum.service.name: [] for stratum in strata}
        names = {stratum.pk: stratum.service.name for stratum in strata}
        for stratum_id, given in answers:
            value = numbers(given, question.key)
            if value is not None:
                values[names[stratum_id]].append(value)
        by, total = cells(values)
        found.append(Result(question, list(by.items()), total, []))
    return found


def invitations_of(survey: Survey, clusters: Collection[int]) -> list[SurveyInvitation]:
    """By name; those to whom nothing is to be done any more come last."""
    rows = SurveyInvitation.objects.filter(survey=survey, cluster_id__in=clusters)
    found = rows.select_related("family__cluster", "stratum__service").order_by("family__name", "pk")
    return sorted(found, key=lambda each: each.state not in (State.DRAWN, State.SENT))


def to_send(survey: Survey, invitations: list[SurveyInvitation]) -> list[SurveyInvitation]:
    """Those not asked yet; none once the last day for answers has passed."""
    return [each for each in invitations if each.state == State.DRAWN] if survey.takes_answers else []


def to_remind(survey: Survey, invitations: list[SurveyInvitation]) -> list[SurveyInvitation]:
    """Those asked before the day of a reminder that they have not had."""
    return [each for each in invitations if survey.takes_answers and lacks_reminder(survey, each)]


@dataclass(frozen=True)
class Letter:
    """What stands on one letter. address: empty where it may not be told on paper."""

    sent: Sent
    address: str
    language: str


def letters(sent: list[Sent]) -> list[Letter]:
    """With the address that may leave the service, in the family's language. Two queries."""
    families = [each.invitation.family_id for each in sent]
    flags = address_flags(families)
    people: dict[Any, list[Person]] = {}
    for person in Person.objects.filter(family_id__in=families).select_related("first_language"):
        people.setdefault(person.family_id, []).append(person)
    return [
        Letter(
            each,
            "" if (where := family_address(each.invitation.family, flags)).withheld else where.text,
            language_of(people.get(each.invitation.family_id, [])),
        )
        for each in sent
    ]


def shared_rows(family_id: Any) -> list[tuple[SharedAnswer, list[tuple[str, str]]]]:
    """What a family let its worker see: each survey with question and answer in words."""
    rows = SharedAnswer.objects.filter(family_id=family_id).select_related("survey").order_by("-created_at")
    return [(row, said(row.answers, questions_of(row.survey))) for row in rows[:4]]


def said(answers: dict[str, Any], questions: list[Question]) -> list[tuple[str, str]]:
    found = []
    for question in questions:
        value = answers.get(question.key)
        if question.item is not None:
            found.append((question.text, question.item.said(value)))
        elif value:
            found.append((question.text, str(value)))
    return found


def beside_case() -> None:
    """Whether a family shared anything, as a column beside its case."""
    BESIDE_CASE["shares_answers"] = lambda: Exists(SharedAnswer.objects.filter(family=OuterRef("family")))
