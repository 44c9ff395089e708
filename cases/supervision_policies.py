"""Who supervises, who writes down what was said, who audits. Who reads it, the row policies decide."""

from __future__ import annotations

from cases.models import Supervision
from cases.policies import leads_cluster
from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties


def check_plan(user: User, cluster_id: int, supervisor: User) -> None:
    """A leader plans every supervision of the Cluster; whoever works there plans what they hold themselves."""
    if leads_cluster(user, cluster_id):
        return
    if cluster_id not in duties(user).clusters or supervisor.pk != user.pk:
        raise Denied("A leader of the Cluster plans supervision that somebody else holds.")


def check_record(user: User, supervision: Supervision) -> None:
    """The supervisor writes; a leader of the Cluster as well, for a supervisor who cannot."""
    if supervision.supervisor_id != user.pk and not leads_cluster(user, supervision.cluster_id):
        raise Denied("Only the supervisor of this session or a leader of the Cluster writes in it.")


def can_record(user: User, supervision: Supervision) -> bool:
    return supervision.supervisor_id == user.pk or leads_cluster(user, supervision.cluster_id)


def check_note(user: User, supervision: Supervision) -> None:
    if supervision.supervisor_id != user.pk:
        raise Denied("What is about a worker is written by the supervisor of the session alone.")


def check_reads_worker(user: User, worker: User, clusters: frozenset[int]) -> None:
    """A worker's cases side by side: for that worker, and for the leaders of a Cluster where they work."""
    if user.pk != worker.pk and not clusters & duties(user).leads:
        raise Denied("Only a leader of the Cluster, and the worker, see a worker’s cases side by side.")
