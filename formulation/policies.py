"""Who may write a formulation: those who write in its case. Reading follows the record (row policies)."""

from cases.models import Case
from cases.policies import check_open, check_write
from cluster_ehs.core.denied import Denied
from clusters.models import User


def check_formulate(user: User, case: Case) -> None:
    check_write(user, case)
    check_open(case)


def can_formulate(user: User, case: Case) -> bool:
    try:
        check_formulate(user, case)
    except Denied:
        return False
    return True
