"""Who may screen, decide and follow up. Rows outside the reader's scope are 404 before any of this is asked."""

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from families.models import FamilyRecord
from referrals.models import Referral
from triage.models import HarmAnswer, Meeting

STEP_UP_FIRST = (
    "This child may be at risk of significant harm. Record the step-up to Children's Social Work Services first: "
    "such a referral is never left in a queue."
)


def _check_leads(user: User, cluster_id: int, act: str) -> None:
    if cluster_id not in duties(user).leads:
        raise Denied(f"Only a leader of this Cluster may {act}.")


def _check_works_for(user: User, cluster_id: int, act: str) -> None:
    if cluster_id not in duties(user).clusters:
        raise Denied(f"Only staff of this Cluster may {act}.")


def check_plan_meeting(user: User, cluster_id: int) -> None:
    _check_leads(user, cluster_id, "plan a meeting")


def check_run_meeting(user: User, meeting: Meeting) -> None:
    """Open and close it, order the agenda, say who is here."""
    _check_leads(user, meeting.cluster_id, "run this meeting")


def check_decide(user: User, referral: Referral) -> None:
    _check_leads(user, referral.cluster_id, "decide a referral")


def check_screen_outside(user: User, referral: Referral) -> None:
    """A panel guest reads a referral through the meeting's agenda only."""
    _check_works_for(user, referral.cluster_id, "screen a referral outside a meeting")


def check_defer(user: User, referral: Referral) -> None:
    """A concern of significant harm does not wait for the next meeting before CSWS has been told."""
    _check_leads(user, referral.cluster_id, "defer a referral")
    if waits_for_step_up(referral):
        raise Denied(STEP_UP_FIRST)


def check_answer(user: User, record: FamilyRecord) -> None:
    """Any of the staff may note what the referrer told them."""
    _check_works_for(user, record.cluster_id, "answer a question about a referral")


def check_write_letter(user: User, record: FamilyRecord) -> None:
    """Whoever of the staff does the post, after the meeting."""
    _check_works_for(user, record.cluster_id, "write letters about a referral")


def check_end(user: User, referral: Referral) -> None:
    _check_leads(user, referral.cluster_id, "end a referral")


def check_manage_waiting(user: User, record: FamilyRecord) -> None:
    """Priority, reason for waiting, withdrawing, offering again."""
    _check_leads(user, record.cluster_id, "change the waiting list")


def check_check_in(user: User, record: FamilyRecord) -> None:
    """Whoever of the staff rings a family that waits notes it."""
    _check_works_for(user, record.cluster_id, "note a call to a family that waits")


def check_update_passing_on(user: User, record: FamilyRecord) -> None:
    _check_works_for(user, record.cluster_id, "follow up what was passed on")


def check_step_up(user: User, referral: Referral) -> None:
    """Whoever of the staff spoke with CSWS records it: it does not wait for a leader."""
    _check_works_for(user, referral.cluster_id, "record a step-up")


def waits_for_step_up(referral: Referral) -> bool:
    """Flagged, and neither stepped up nor said by a leader to need none: it stands above all else."""
    return bool(
        referral.harm_flagged_at
        and not referral.step_ups.filter(superseded=False).exists()
        and not referral.harm_answers.filter(kind=HarmAnswer.Kind.NO_STEP_UP, superseded=False).exists()
    )


def check_answer_harm(user: User, referral: Referral) -> None:
    """Staff of the Cluster, or a manager to whom the record was opened, says “I am seeing to it”."""
    if referral.cluster_id not in duties(user).clusters and not duties(user).is_manager:
        raise Denied("Only staff of this Cluster, or a manager, may answer for a risk of significant harm.")


def check_no_step_up(user: User, referral: Referral) -> None:
    if referral.cluster_id not in duties(user).leads and not duties(user).is_manager:
        raise Denied("Only a leader of this Cluster may say that no step-up is needed.")


def check_read_screening(user: User) -> None:
    """The list of meetings, the waiting list and the ledger; a panel guest reads single meetings instead."""
    if not duties(user).clusters:
        raise Denied("Screening and waiting lists are read by the staff of a Cluster.")


def check_read_recap(user: User, meeting: Meeting) -> None:
    _check_works_for(user, meeting.cluster_id, "read the recap of a meeting")


def may(check: object, user: User, about: object) -> bool:
    """Whether a check of this module passes, for what a page shows."""
    try:
        check(user, about)  # type: ignore[operator]
    except Denied:
        return False
    return True
