from cluster_ehs.core.workflow import Step, Workflow
from outcomes.followup.models import FollowUpStatus

FOLLOW_UP = Workflow(
    table="outcomes_followup",
    steps=(
        Step("", FollowUpStatus.DUE, "Cluster leader", "Follow-up planned", "who stays in touch"),
        Step(FollowUpStatus.DUE, FollowUpStatus.DONE, "who stays in touch, or the family", "Follow-up answered"),
        Step(FollowUpStatus.DUE, FollowUpStatus.NOT_REACHED, "who stays in touch", "Family not reached"),
        # Who was not reached may still answer.
        Step(FollowUpStatus.NOT_REACHED, FollowUpStatus.DONE, "who stays in touch", "Follow-up answered"),
        Step(FollowUpStatus.DUE, FollowUpStatus.NOT_NEEDED, "Cluster leader", "Follow-up not needed"),
        # A reopening that was undone.
        Step(FollowUpStatus.NOT_NEEDED, FollowUpStatus.DUE, "Cluster leader", "Follow-up planned again"),
    ),
)
