"""Closures that wait for the leader, and one that came back."""

from datetime import timedelta

from cluster_ehs.core.scope import acting_as_user
from clusters.models import User
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from outcomes.models import Closure
from outcomes.services import GoalEnd, ask_closure, return_closure
from triage.models import Outcome


def ask(world: World, open_case: OpenCase, *, days_ago: int = 2) -> Closure:
    """The lead worker asks for the case to be closed, with the exit plan that the family has."""
    home, worker = open_case.arrival.home, open_case.worker
    day = world.workday(world.today - timedelta(days=days_ago))
    with as_of(moment(day, 16)), acting_as_user(worker.pk):
        return ask_closure(
            by=worker,
            case=open_case.case,
            outcomes=[Outcome.COMPLETED_PART],
            closed_on=day,
            goals=[
                GoalEnd(
                    goal.pk,
                    "achieved" if number == 0 else "changed",
                    line.target - 1,
                    "" if number == 0 else "Goes on at school.",
                )
                for number, (goal, line) in enumerate(open_case.goals)
            ],
            exit_plan={name: home.tell(text) for name, text in home.story.exit_plan.items()},
            family_view=home.tell(home.story.family_view),
        )


def send_back(world: World, closure: Closure) -> Closure:
    """The leader returns it with what is missing."""
    dee: User = world.staff["dee"]
    with as_of(moment(world.today - timedelta(days=1), 9)), acting_as_user(dee.pk):
        return return_closure(
            by=dee,
            closure=closure,
            reason="Who rings the aunt when things slip? Put her name into the exit plan, then I sign it.",
        )
