"""Assessments that were finished, formulations that moved on, and one that began at the screening."""

from datetime import timedelta

from cluster_ehs.core.scope import acting_as_user
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from families.involvement import set_involvement
from families.models import Involvement, Person
from formulation.assessments import finish_assessment
from formulation.models import Assessment, Formulation, P, Setting
from formulation.services import Line, save_formulation
from referrals.models import Referral


def assess(world: World, cases: list[OpenCase]) -> None:
    """Most assessments are complete, a few still run; every third formulation has a second version."""
    for number, open_case in enumerate(cases):
        with acting_as_user(open_case.worker.pk):
            made = Formulation.objects.filter(case=open_case.case, assessment__status="begun").first()
            if made and number % 4 and made.assessment:
                _complete(world, open_case, made, made.assessment)
                if number % 3 == 0:
                    _move_on(world, open_case, made)
            _reasons(open_case)
    _at_screening(world)


def _complete(world: World, open_case: OpenCase, made: Formulation, assessment: Assessment) -> None:
    day = min(made.made_on + timedelta(days=12), world.today)
    with as_of(moment(day, 16, 30)):
        finish_assessment(by=open_case.worker, assessment=assessment, on=day)


def _move_on(world: World, open_case: OpenCase, made: Formulation) -> None:
    """The family looks again: what set it off keeps it going now, and somebody new helps."""
    day = made.made_on + timedelta(weeks=7)
    if day >= world.today:
        return
    lines = []
    for factor in made.factors.order_by("position"):
        p = P.PERPETUATING if factor.p == P.PRECIPITATING else factor.p
        lines.append(Line(p, factor.text, factor.domain_id, factor.person_id, factor.pk))
    lines.append(Line(P.PROTECTIVE, "A neighbour who walks along to school", _around(world)))
    home = open_case.arrival.home
    with as_of(moment(day, 15)):
        save_formulation(
            by=open_case.worker,
            case=open_case.case,
            lines=lines,
            made_on=day,
            setting=Setting.WITH_FAMILY,
            person_ids=[home.carer.pk, home.child.pk],
            summary=f"{made.summary} Seen again after seven weeks: the mornings are calmer, the nights are not yet.",
        )


def _around(world: World) -> int:
    return world.term("domain", "people_around_us").pk


def _reasons(open_case: OpenCase) -> None:
    """Somebody who is not to be involved is so for a reason that the record says."""
    left_out = Person.objects.filter(family_id=open_case.case.family_id, involvement=Involvement.NOT_TO_BE)
    for person in left_out.select_related("family"):
        set_involvement(
            by=open_case.worker,
            person=person,
            involvement=Involvement.NOT_TO_BE,
            why="He must not know where they live: see the flag",
        )


def _at_screening(world: World) -> None:
    """A formulation begun with the family before the meeting decides."""
    asha = world.staff["asha"]
    with acting_as_user(asha.pk):
        waiting = Referral.objects.to_screen().filter(cluster=world.cluster, harm_flagged_at=None)
        referral = waiting.order_by("received_on", "reference").first()
        if referral:
            save_formulation(
                by=asha,
                referral=referral,
                lines=[
                    Line(P.PRESENTING, "Late or missing two mornings a week", world.term("domain", "learning").pk),
                    Line(P.PERPETUATING, "Nobody is at home when school begins"),
                    Line(P.PROTECTIVE, "Likes the breakfast club"),
                ],
                setting=Setting.SCREENING,
                person_ids=[referral.child_id],
                summary="A first picture, on the telephone with the family. To be gone through at the first visit.",
            )
