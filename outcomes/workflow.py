from cluster_ehs.core.workflow import Step, Workflow
from outcomes.models import Closure

CLOSURE = Workflow(
    table="outcomes_closure",
    steps=(
        Step("", Closure.Status.ASKED, "lead worker", "Closure asked for", "leader"),
        Step(Closure.Status.ASKED, Closure.Status.RETURNED, "Cluster leader", "Closure returned", "lead worker"),
        Step(Closure.Status.ASKED, Closure.Status.SIGNED_OFF, "Cluster leader", "Closure signed off", "lead worker"),
    ),
)
