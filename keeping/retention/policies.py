"""Who may say what is kept. Reading a family's record to decide about it is for those who may read it anyway."""

from django.conf import settings

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from keeping.disposal.models import Disposal


def answers_for_retention(user: User) -> bool:
    """The retention owner of the settings; without one every manager is asked."""
    return not settings.RETENTION_OWNER or (user.email or "").lower() == settings.RETENTION_OWNER.lower()


def check_see_due(user: User) -> None:
    if not (duties(user).is_manager or duties(user).leads):
        raise Denied("What is kept, and how long, is for managers and Cluster leaders.")


def can_see_due(user: User, **_: object) -> bool:
    return duties(user).is_manager or bool(duties(user).leads)


def check_review(user: User, cluster_id: int) -> None:
    """A leader may read the record, and so can say what is to become of it; a manager reads no names."""
    if cluster_id not in duties(user).leads:
        raise Denied("A leader of the family’s Cluster looks at the record and says what becomes of it.")


def can_review(user: User, cluster_id: int) -> bool:
    return cluster_id in duties(user).leads


def check_see_disposal(user: User, disposal: Disposal) -> None:
    if not (duties(user).is_manager or disposal.cluster_id in duties(user).leads):
        raise Denied("Disposals are for managers and the leaders of the Cluster.")


def check_answer(user: User, disposal: Disposal, *, yes: bool) -> None:
    check_see_disposal(user, disposal)
    if yes and disposal.asked_by_id == user.pk:
        raise Denied("You asked for this disposal. A second person confirms it.")


def can_answer(user: User, disposal: Disposal) -> bool:
    return disposal.asked_by_id != user.pk


def check_edit_rules(user: User) -> None:
    if not duties(user).is_manager:
        raise Denied("How long records are kept is changed by a manager.")
