"""A worker on leave with cover, a handover to come, steps to and from CSWS, and attendance by the week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cases import services
from cases.selectors.cover import worked_by
from cases.services.attendance import LEGAL, Period, record_attendance, record_legal_step
from cases.services.steps import note_step_outcome, step_down_case, step_up_case
from cluster_ehs.core.scope import acting_as_user
from clusters.models import Term
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from families.models import Person

# Half days missed of ten, of a child who comes back slowly, and of one who does not.
MISSED = ((6, 6, 5, 5, 4, 3, 2, 2), (1, 2, 2, 3, 3, 4, 5, 5))


def while_away(world: World, cases: Sequence[OpenCase]) -> None:
    """Ben is on leave this week and Asha covers; Asha is away next month and Ben covers; one handover is planned."""
    dee, asha, ben, today = (*(world.staff[key] for key in ("dee", "asha", "ben")), world.today)
    with acting_as_user(dee.pk):
        for worker, covering, first, last, most, words in (
            (ben, asha, -2, 5, 3, "On leave. School rings about attendance on Fridays; ask them for the mornings."),
            (asha, ben, 24, 31, 5, "On a course. Reviews are moved; ring the families once in the week."),
        ):
            with as_of(moment(today + timedelta(days=min(first, 0)), 9)):
                services.cover_cases(
                    by=dee,
                    worker=worker,
                    covering=covering,
                    cluster=world.cluster,
                    starts_on=today + timedelta(days=first),
                    ends_on=today + timedelta(days=last),
                    must_know=words,
                    cases=list(worked_by(worker, world.cluster.pk).filter(family__restricted=False)[:most]),
                )
        moved = next(c for c in cases if c.worker.pk == ben.pk and not c.case.family.restricted)
        services.hand_over(
            by=dee,
            case=moved.case,
            to=world.staff["ines"],
            handover="Goes to Ines with the move of the school. A joint visit is booked.",
            on=today + timedelta(days=12),
            family_told="At the last visit; the children have met Ines.",
            told_on=today,
        )


def beside_csws(world: World, cases: Sequence[OpenCase]) -> None:
    """One family was stepped up and stayed with us; CSWS handed it back after their assessment."""
    today = world.today
    with acting_as_user(world.staff["dee"].pk):
        old = (c for c in cases if c.case.opened_on < today - timedelta(days=60))
        open_case = next(c for c in old if not c.case.family.restricted)
    worker, case = open_case.worker, open_case.case
    with acting_as_user(worker.pk):
        referral = case.case_referrals.select_related("referral").order_by("created_at")[0].referral
        up = moment(world.workday(today - timedelta(days=40)), 15)
        with as_of(up):
            step = step_up_case(
                by=worker,
                case=case,
                referral=referral,
                taken_by="Duty social worker",
                csws_reference="CS-20417",
                decided_by="Dee, with the duty social worker",
                why="A bruise that nobody could explain. The family knows that we rang.",
                meanwhile="stays",
            )
        with as_of(moment(world.workday(today - timedelta(days=12)), 11)):
            note_step_outcome(
                by=worker,
                step=step,
                outcome="advice",
                on=world.workday(today - timedelta(days=12)),
                words="Seen by a paediatrician: a fall at the playground.",
            )
            step_down_case(
                by=worker,
                case=case,
                on=world.workday(today - timedelta(days=12)),
                csws_reference="CS-20417",
                decided_by="Their team manager",
                why="No further work for them. We carry on with the plan.",
                answers=step,
            )


def weeks_at_school(world: World, cases: Sequence[OpenCase]) -> None:
    """Eight weeks of the register for the children of some families."""
    monday = world.today - timedelta(days=world.today.weekday())
    for number, open_case in enumerate(cases[:6]):
        with acting_as_user(open_case.worker.pk):
            children = Person.objects.filter(family_id=open_case.case.family_id, is_child=True).order_by("birth_date")
            missed = MISSED[number % len(MISSED)]
            periods = [
                Period(
                    child,
                    monday - timedelta(weeks=len(missed) - week),
                    monday - timedelta(weeks=len(missed) - week) + timedelta(days=4),
                    possible=10,
                    authorised=days // 3,
                    unauthorised=days - days // 3,
                )
                for child in children[:2]
                for week, days in enumerate(missed)
            ]
            record_attendance(by=open_case.worker, case=open_case.case, periods=periods)
            if number == 1:
                _legal(world, open_case, children[0])


def _legal(world: World, open_case: OpenCase, child: Person) -> None:
    """What the attendance officer took, before help was accepted."""
    stages = list(Term.objects.filter(vocabulary=LEGAL).order_by("order")[:2])
    said = (
        (34, "Letter to both parents about eleven missed sessions.", "Both came to the meeting at school."),
        (20, "Contract for a school term with Mother; the school reviews it each fortnight.", ""),
    )
    for stage, (days, words, outcome) in zip(stages, said, strict=True):
        on = world.workday(world.today - timedelta(days=days))
        record_legal_step(
            by=open_case.worker,
            case=open_case.case,
            person=child,
            stage=stage,
            taken_on=on,
            words=words,
            outcome=outcome,
            outcome_on=on + timedelta(days=7) if outcome else None,
        )
