from cluster_ehs.core.workflow import Step, Workflow
from outcomes.followup.workflow import FOLLOW_UP as FOLLOW_UP  # registers itself
from outcomes.models import Closure, TransferStatus

CLOSURE = Workflow(
    table="outcomes_closure",
    steps=(
        Step("", Closure.Status.ASKED, "lead worker", "Closure asked for", "leader"),
        Step(Closure.Status.ASKED, Closure.Status.RETURNED, "Cluster leader", "Closure returned", "lead worker"),
        Step(Closure.Status.ASKED, Closure.Status.SIGNED_OFF, "Cluster leader", "Closure signed off", "lead worker"),
    ),
)

TRANSFER = Workflow(
    table="outcomes_transfer",
    steps=(
        Step("", TransferStatus.OFFERED, "Cluster leader", "Transfer offered", "leader there"),
        Step(TransferStatus.OFFERED, TransferStatus.ACCEPTED, "leader there", "Transfer accepted", "leader"),
        Step(TransferStatus.OFFERED, TransferStatus.DECLINED, "leader there", "Transfer declined", "leader"),
        Step(TransferStatus.OFFERED, TransferStatus.WITHDRAWN, "Cluster leader", "Transfer withdrawn"),
        Step(TransferStatus.ACCEPTED, TransferStatus.ENDED, "Cluster leader", "Moved: ended here"),
    ),
)
