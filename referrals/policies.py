"""Who may log a referral, read it, and take a child of another Cluster's school."""

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from referrals.models import Intake, Referral


def check_log(user: User, cluster_id: int | None = None) -> None:
    """Practitioners and leaders log referrals, each for the own Clusters."""
    mine = duties(user).clusters
    if not mine:
        raise Denied("Referrals are logged by practitioners and leaders of a Cluster.")
    if cluster_id is not None and cluster_id not in mine:
        raise Denied("Referrals are logged for a Cluster by its own practitioners and leaders.")


def can_log(user: User, **_: object) -> bool:
    return bool(duties(user).clusters)


def check_list(user: User) -> None:
    """The Cluster's workers read the list; a manager reads it by reference, without names."""
    if not duties(user).clusters and not duties(user).is_manager:
        raise Denied("The list of referrals is for the Cluster's practitioners and leaders.")


def can_list(user: User, **_: object) -> bool:
    return bool(duties(user).clusters) or duties(user).is_manager


def check_override(user: User, cluster_id: int) -> None:
    """A leader takes a child whose school is not a member, with a reason (domain section 1)."""
    if cluster_id not in duties(user).leads:
        raise Denied("Only a leader of the Cluster takes a child of a school that is not a member, with a reason.")


def can_override(user: User, referral: Referral) -> bool:
    return referral.cluster_id in duties(user).leads


def check_own_school(user: User) -> None:
    if not duties(user).schools:
        raise Denied("This page is for people of a school who have a sign-in of their own.")


def can_see_own_school(user: User, **_: object) -> bool:
    return bool(duties(user).schools)


def check_to_match(user: User) -> None:
    """What came in from outside is matched by the Cluster's practitioners and leaders."""
    if not duties(user).clusters:
        raise Denied("What came in from outside is matched by practitioners and leaders of a Cluster.")


def can_match(user: User, **_: object) -> bool:
    return bool(duties(user).clusters)


def check_intake(user: User, intake: Intake) -> None:
    """Without a Cluster yet, any leader sees to it, so that it does not lie unseen."""
    if intake.cluster_id is None:
        if not duties(user).leads:
            raise Denied("What has no Cluster yet is passed on by a leader.")
    elif intake.cluster_id not in duties(user).clusters:
        raise Denied("This is matched by the practitioners and leaders of its Cluster.")


def check_send_intake(user: User) -> None:
    """A program that brings notifications acts for somebody who answers for the feed."""
    if not (duties(user).is_manager or duties(user).leads):
        raise Denied("Notifications are sent by programs of a manager or a Cluster leader.")


def may_change_entries_of(user: User) -> frozenset[int] | None:
    """The Clusters whose notifications a program of this person may change; None: all of them. New ones go anywhere."""
    return None if duties(user).is_manager else duties(user).leads


def check_bring_files(user: User) -> None:
    if not duties(user).leads:
        raise Denied("Files of notifications, and rows that could not be taken, are seen to by a Cluster leader.")


def can_bring_files(user: User, **_: object) -> bool:
    return bool(duties(user).leads)
