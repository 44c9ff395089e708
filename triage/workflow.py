from cluster_ehs.core.scope import NamedActor
from cluster_ehs.core.workflow import Step, Workflow
from triage.models import Meeting, Offer, PassingOn

MEETING = Workflow(
    table="triage_meeting",
    steps=(
        Step("", Meeting.Status.PLANNED, "Cluster leader", "Meeting planned"),
        Step(Meeting.Status.PLANNED, Meeting.Status.OPEN, "Cluster leader", "Meeting opened"),
        Step(Meeting.Status.OPEN, Meeting.Status.CLOSED, "Cluster leader", "Meeting closed"),
        Step(Meeting.Status.CLOSED, Meeting.Status.OPEN, "Cluster leader", "Meeting opened again"),
        Step(Meeting.Status.PLANNED, Meeting.Status.SKIPPED, "Cluster leader or the program", "Meeting not held"),
        Step(Meeting.Status.SKIPPED, Meeting.Status.PLANNED, "Cluster leader or the program", "Meeting held after all"),
    ),
)

OFFER = Workflow(
    table="triage_offer",
    steps=(
        Step("", Offer.Status.WAITING, "Cluster leader", "Service offered", "family"),
        Step("", Offer.Status.STARTED, "importer", "Offer imported", actor=NamedActor.IMPORTER),
        Step("", Offer.Status.WITHDRAWN, "importer", "Offer imported", actor=NamedActor.IMPORTER),
        Step(Offer.Status.WAITING, Offer.Status.ALLOCATED, "Cluster leader", "Allocated", "worker"),
        # Waiting ends with the first attended contact or session of that service (domain section 5).
        Step(Offer.Status.ALLOCATED, Offer.Status.STARTED, "lead worker or worker of the service", "Service begun"),
        Step(Offer.Status.ALLOCATED, Offer.Status.WAITING, "Cluster leader", "Back on the waiting list"),
        Step(Offer.Status.WAITING, Offer.Status.WITHDRAWN, "Cluster leader", "Ended before it began"),
        Step(Offer.Status.ALLOCATED, Offer.Status.WITHDRAWN, "Cluster leader", "Ended before it began"),
    ),
)

PASSING_ON = Workflow(
    table="triage_passingon",
    steps=(
        Step("", PassingOn.Status.SENT, "Cluster leader", "Passed on", "partner service"),
        Step(PassingOn.Status.SENT, PassingOn.Status.ACCEPTED, "staff of the Cluster", "Accepted by the partner"),
        Step(
            PassingOn.Status.SENT,
            PassingOn.Status.DECLINED,
            "staff of the Cluster",
            "Declined by the partner",
            "leader",
        ),
        Step(PassingOn.Status.ACCEPTED, PassingOn.Status.OUTCOME_KNOWN, "staff of the Cluster", "Outcome known"),
        Step(PassingOn.Status.ACCEPTED, PassingOn.Status.BACK, "staff of the Cluster", "Back to the Cluster", "leader"),
        Step(PassingOn.Status.DECLINED, PassingOn.Status.BACK, "staff of the Cluster", "Back to the Cluster", "leader"),
    ),
)
