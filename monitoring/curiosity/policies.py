"""Who goes through looks that are asked about. The row policies hold it too: nobody's own looks, and none at a
restricted record for a leader who is not named."""

from typing import Any

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from clusters.policies import allowed
from monitoring.curiosity.models import CuriosityFinding


def check_list(user: User) -> None:
    if not (duties(user).is_manager or duties(user).leads):
        raise Denied("Looks at records are gone through by Cluster leaders and managers.")


def check_review(user: User, finding: CuriosityFinding) -> None:
    check_list(user)
    if finding.reader_id == user.pk:
        raise Denied("Nobody goes through their own looks.")


def can_list(user: User, **_: Any) -> bool:
    return allowed(check_list, user)
