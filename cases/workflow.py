from cases.models import CaseStatus, Extension, GoalStatus, InterpreterBooking
from cluster_ehs.core.scope import NamedActor
from cluster_ehs.core.workflow import Step, Workflow

CASE = Workflow(
    table="cases_case",
    steps=(
        Step("", CaseStatus.OPEN, "Cluster leader", "Case opened", "lead worker"),
        Step("", CaseStatus.CLOSED, "importer", "Case imported", actor=NamedActor.IMPORTER),
        Step(CaseStatus.OPEN, CaseStatus.CLOSING, "lead worker", "Closure asked for", "leader"),
        Step(CaseStatus.CLOSING, CaseStatus.OPEN, "Cluster leader", "Closure returned", "lead worker"),
        Step(CaseStatus.CLOSING, CaseStatus.CLOSED, "Cluster leader", "Case closed", "lead worker"),
        Step(CaseStatus.CLOSED, CaseStatus.OPEN, "Cluster leader", "Case opened again", "lead worker"),
    ),
)

GOAL = Workflow(
    table="cases_goal",
    steps=(
        Step("", GoalStatus.LIVE, "lead worker", "Goal agreed"),
        Step(GoalStatus.LIVE, GoalStatus.ACHIEVED, "lead worker", "Goal achieved"),
        Step(GoalStatus.LIVE, GoalStatus.CHANGED, "lead worker", "Goal changed"),
        Step(GoalStatus.LIVE, GoalStatus.DROPPED, "lead worker", "Goal dropped"),
    ),
)

EXTENSION = Workflow(
    table="cases_extension",
    steps=(
        Step("", Extension.Status.ASKED, "lead worker or worker of the service", "Extension asked for", "leader"),
        Step(Extension.Status.ASKED, Extension.Status.APPROVED, "Cluster leader", "Extension approved", "worker"),
        Step(Extension.Status.ASKED, Extension.Status.REFUSED, "Cluster leader", "Extension refused", "worker"),
    ),
)

INTERPRETER = Workflow(
    table="cases_interpreterbooking",
    steps=tuple(
        Step(source, target, "whoever works on the case", said)
        for source, target, said in (
            ("", InterpreterBooking.Status.ASKED, "Interpreter asked for"),
            ("", InterpreterBooking.Status.BOOKED, "Interpreter booked"),
            ("", InterpreterBooking.Status.USED, "Interpreter used"),
            (InterpreterBooking.Status.ASKED, InterpreterBooking.Status.BOOKED, "Interpreter booked"),
            (InterpreterBooking.Status.ASKED, InterpreterBooking.Status.USED, "Interpreter used"),
            (InterpreterBooking.Status.ASKED, InterpreterBooking.Status.CANCELLED, "Interpreter cancelled"),
            (InterpreterBooking.Status.BOOKED, InterpreterBooking.Status.USED, "Interpreter used"),
            (InterpreterBooking.Status.BOOKED, InterpreterBooking.Status.CANCELLED, "Interpreter cancelled"),
        )
    ),
)
