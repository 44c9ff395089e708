from cluster_ehs.core.scope import NamedActor
from cluster_ehs.core.workflow import Step, Workflow
from referrals.models import Intake, Status

REFERRAL = Workflow(
    table="referrals_referral",
    steps=(
        Step(
            "", Status.TO_SCREEN, "staff of the Cluster, the public form, the importer", "Referral received", "leader"
        ),
        # A sheet brings referrals that were decided, or had ended, before this program was there.
        Step("", Status.DECIDED, "importer", "Referral imported", actor=NamedActor.IMPORTER),
        Step("", Status.ENDED, "importer", "Referral imported", actor=NamedActor.IMPORTER),
        Step(Status.TO_SCREEN, Status.DECIDED, "Cluster leader", "Decision made", "referrer"),
        Step(Status.DECIDED, Status.ENDED, "Cluster leader", "Referral ended"),
        # Taken back within the closure's days: the case is opened again, and its referrals with it.
        Step(Status.ENDED, Status.DECIDED, "Cluster leader", "Ending taken back"),
    ),
)

INTAKE = Workflow(
    table="referrals_intake",
    column="state",
    steps=(
        Step("", Intake.State.NEW, "the public form, a feed, staff of the Cluster", "Received from outside", "leader"),
        Step(Intake.State.NEW, Intake.State.LINKED, "practitioner or leader", "Made into a referral"),
        Step(Intake.State.NEW, Intake.State.DISCARDED, "practitioner or leader", "Set aside, with a reason"),
        Step(Intake.State.DISCARDED, Intake.State.NEW, "practitioner or leader", "Brought back"),
    ),
)
