"""Who may import: the leader of the Cluster that the sheet is about."""

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties


def check_imports(user: User) -> None:
    if not duties(user).leads:
        raise Denied("Referral sheets are imported by the leader of the Cluster.")


def can_import(user: User) -> bool:
    return bool(duties(user).leads)


def check_import_into(user: User, cluster_id: int) -> None:
    check_imports(user)
    if cluster_id not in duties(user).leads:
        raise Denied("A leader imports sheets of the own Cluster only.")
