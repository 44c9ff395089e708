"""Who may do what with a family's record. What may be read at all is decided by the row policies before this."""

from collections.abc import Collection

from django.utils import timezone

from cluster_ehs.core.denied import Denied
from clusters.models import Role, User
from clusters.people import duties
from families.models import EmergencyAccess, Family, StoredFile

BREAKS_GLASS = (Role.PRACTITIONER, Role.LEADER, Role.MANAGER, Role.CLINICAL_SUPERVISOR)


def check_search(user: User) -> None:
    if not duties(user).clusters:
        raise Denied("Families are looked up by practitioners and leaders of a Cluster.")


def can_search(user: User, **_: object) -> bool:
    return bool(duties(user).clusters)


def has_emergency_access(user: User, family: Family) -> bool:
    now = timezone.now()
    return EmergencyAccess.objects.filter(
        family_id=family.pk, user_id=user.pk, starts_at__lte=now, ends_at__gt=now
    ).exists()


def check_open(user: User, family: Family) -> None:
    """A panel guest sees a family on the agenda, not its record."""
    if family.cluster_id not in duties(user).clusters and not has_emergency_access(user, family):
        raise Denied("The family's record is for the workers of its Cluster. You see the agenda of your meeting.")


def check_edit(user: User, family: Family) -> None:
    if family.cluster_id not in duties(user).clusters and not has_emergency_access(user, family):
        raise Denied("A family's record is changed by practitioners and leaders of its Cluster.")


def check_restrict(user: User, family: Family) -> None:
    if family.cluster_id not in duties(user).leads:
        raise Denied("Only a leader of the Cluster restricts a record and names who may read it.")


def can_restrict(user: User, family: Family) -> bool:
    return family.cluster_id in duties(user).leads


def check_duplicates(user: User) -> None:
    if not duties(user).leads:
        raise Denied("Duplicates are looked at and merged by a leader of the Cluster.")


def can_merge(user: User, **_: object) -> bool:
    return bool(duties(user).leads)


def check_merge(user: User, cluster_id: int) -> None:
    if cluster_id not in duties(user).leads:
        raise Denied("Only a leader of the Cluster says that two records are of one person, and merges them.")


def check_history(user: User, family: Family, *, workers: Collection[int] = ()) -> None:
    """`workers`: ids of the lead worker and the workers of the family's services."""
    if not can_history(user, family, workers=workers):
        raise Denied("The history of a record is read by the leaders of its Cluster and by the family's own workers.")


def can_history(user: User, family: Family, *, workers: Collection[int] = ()) -> bool:
    return family.cluster_id in duties(user).leads or user.pk in workers


def check_open_file(user: User, file: StoredFile) -> None:
    """A file that was removed is opened by leaders alone; that it was there, and why it went, everybody may read."""
    if file.removed_at and file.cluster_id not in duties(user).leads:
        raise Denied(f"This file was removed: {file.removed_why} A leader of the Cluster can still open it.")


def check_break_glass(user: User) -> None:
    if not any(duties(user).has(role) for role in BREAKS_GLASS):
        raise Denied("Emergency access is for staff who work with families. Ring the Cluster instead.")


def can_break_glass(user: User, **_: object) -> bool:
    return any(duties(user).has(role) for role in BREAKS_GLASS)


def check_end_emergency(user: User, access: EmergencyAccess) -> None:
    """Whoever opened the record, its leaders, and managers, who alone are told when a restricted one is opened."""
    held = duties(user)
    if user.pk != access.user_id and access.cluster_id not in held.leads and not held.is_manager:
        raise Denied("Who opened a record in an emergency closes it again, or a leader of its Cluster, or a manager.")
