from cluster_ehs.core.workflow import Step, Workflow
from formulation.models import Assessment

WORKERS = "lead worker, worker of a service or Cluster leader; at screening the Cluster's staff"

ASSESSMENT = Workflow(
    table="formulation_assessment",
    steps=(
        Step("", Assessment.Status.BEGUN, WORKERS, "Assessment begun"),
        Step(Assessment.Status.BEGUN, Assessment.Status.COMPLETED, WORKERS, "Assessment completed"),
        Step(Assessment.Status.BEGUN, Assessment.Status.ENDED, WORKERS, "Assessment ended without completion"),
        # Finished by a slip of the hand: the same people take it up again.
        Step(Assessment.Status.COMPLETED, Assessment.Status.BEGUN, WORKERS, "Assessment taken up again"),
        Step(Assessment.Status.ENDED, Assessment.Status.BEGUN, WORKERS, "Assessment taken up again"),
    ),
)
