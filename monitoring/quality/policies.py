"""Who sees findings, sets one aside, edits the rules."""

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from monitoring.quality.models import Finding


def has_findings(user: User, **_: object) -> bool:
    """Practitioners see their own, leaders those of their Clusters."""
    return bool(duties(user).clusters)


def check_has_findings(user: User) -> None:
    if not has_findings(user):
        raise Denied("What is to be put right is shown to practitioners and leaders of a Cluster.")


def can_set_aside(user: User, finding: Finding) -> bool:
    """A leader of the Cluster; or who is asked, where the rule is the worker's."""
    mine = duties(user)
    asked = finding.ask_id == user.pk and finding.rule.owner == "worker" and finding.cluster_id in mine.clusters
    return finding.cluster_id in mine.leads or asked


def check_set_aside(user: User, finding: Finding) -> None:
    if not can_set_aside(user, finding):
        raise Denied("A finding is set aside by whoever is asked to put it right, or by a leader of the Cluster.")


def check_edit_rules(user: User) -> None:
    if not duties(user).is_manager:
        raise Denied("The rules of data quality are set by managers.")


def is_manager(user: User, **_: object) -> bool:
    return duties(user).is_manager
