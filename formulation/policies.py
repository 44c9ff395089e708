"""Who may write a formulation: those who write in its case; at screening, who works in the referral's Cluster.

Reading follows the record (row policies).
"""

from cases.models import Case
from cases.policies import check_open, check_write
from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from referrals.models import Referral, Status


def check_formulate(user: User, case: Case) -> None:
    check_write(user, case)
    check_open(case)


def can_formulate(user: User, case: Case) -> bool:
    try:
        check_formulate(user, case)
    except Denied:
        return False
    return True


def check_works_at_screening(user: User, referral: Referral) -> None:
    if referral.cluster_id not in duties(user).clusters:
        raise Denied("A formulation is begun by the practitioners and leaders of the referral’s Cluster.")


def check_formulate_at_screening(user: User, referral: Referral) -> None:
    """A referral that no case has taken up: whoever screens it may begin the formulation."""
    check_works_at_screening(user, referral)
    if referral.status == Status.ENDED:
        raise Denied("This referral has ended. What was written stays to be read; nothing is added to it.")


def can_formulate_at_screening(user: User, referral: Referral) -> bool:
    try:
        check_formulate_at_screening(user, referral)
    except Denied:
        return False
    return True
