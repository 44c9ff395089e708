"""Who confirms which line of a review of access."""

from cluster_ehs.core.denied import Denied
from clusters.models import AccessLine, AccessReview, Role, User
from clusters.people import duties
from clusters.policies import allowed


def check_see(user: User, review: AccessReview) -> None:
    if duties(user).is_manager or review.cluster_id in duties(user).leads:
        return
    raise Denied("The review of access is for managers, and for the leader of the Cluster.")


def check_decide(user: User, line: AccessLine) -> None:
    """Nobody confirms an own role. A leader's is confirmed by a manager or by another leader of the Cluster."""
    check_see(user, line.review)
    if line.role.user_id == user.pk:
        raise Denied("Nobody confirms their own role. Somebody else does.")
    if line.review.finished_at is not None:
        raise Denied("This review is finished. What changes now is changed under Staff.")


def check_finish(user: User) -> None:
    if not duties(user).is_manager:
        raise Denied("A manager finishes the review, when every line is decided.")


def can_decide(user: User, line: AccessLine) -> bool:
    return allowed(check_decide, user, line)


def can_review(user: User, **_: object) -> bool:
    return bool(duties(user).is_manager or duties(user).leads)


CITY_WIDE = (Role.MANAGER, Role.CLINICAL_SUPERVISOR)
