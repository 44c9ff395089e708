"""States of a request about records."""

from cluster_ehs.core.workflow import Step, Workflow
from keeping.requests.models import RightsRequest

_S = RightsRequest.Status

REQUEST = Workflow(
    table="keeping_rightsrequest",
    steps=(
        Step("", _S.OPEN, "staff of the Cluster", "Request logged", "leader"),
        Step(_S.OPEN, _S.READING, "leader", "Sent to the second reader"),
        Step(_S.READING, _S.OPEN, "second reader", "Sent back by the second reader", "leader"),
        Step(_S.READING, _S.ANSWERED, "second reader", "Copy released"),
        Step(_S.OPEN, _S.ANSWERED, "leader", "Request answered"),
        Step(_S.ANSWERED, _S.OPEN, "leader", "Complaint goes on to the next stage"),
        Step(_S.OPEN, _S.REFUSED, "leader", "Request refused"),
        Step(_S.OPEN, _S.WITHDRAWN, "leader", "Request withdrawn"),
        Step(_S.READING, _S.WITHDRAWN, "leader", "Request withdrawn"),
    ),
)
