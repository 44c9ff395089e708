"""Ask for need segments and work them out. The worker alone comes to `make_segments`."""

import uuid
from collections.abc import Sequence
from datetime import date
from importlib import import_module

from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, User
from clusters.people import duties
from monitoring import worked_out
from monitoring.policies import check_see_figures
from monitoring.segments.families import families
from monitoring.segments.models import DEFINITION, NeedSegments


def can_see_segments(user: User) -> bool:
    return duties(user).is_manager


def check_see_segments(user: User) -> None:
    if not can_see_segments(user):
        raise Denied("Need segments are for managers.")


def ask_segments(*, by: User, clusters: Sequence[Cluster], period_from: date, period_to: date) -> NeedSegments:
    """Ask for the families of a period to be grouped; a worker does it. Raises Denied."""
    check_see_segments(by)
    check_see_figures(by, [cluster.pk for cluster in clusters])
    with transaction.atomic():
        run = NeedSegments.objects.create(
            asked_by=by,
            cluster_ids=[cluster.pk for cluster in clusters],
            cluster_names=[cluster.name for cluster in clusters],
            period_from=period_from,
            period_to=period_to,
            definition=DEFINITION,
        )
        audit.event(by=by, kind="report", text=f"Asked for need segments, {run.period_words}", about=run)
        transaction.on_commit(lambda: worked_out.make_soon(run), robust=True)
    return run


def make_segments(pk: uuid.UUID) -> bool:
    """Work the segments out. False when another worker has them, or they are done. Raises LostLease."""
    run = worked_out.take(NeedSegments, pk)
    if run is None:
        return False
    worked_out.keep(run, step="reading needs", progress=10)
    with acting_as(NamedActor.FIGURES):
        lines = families(clusters=run.cluster_ids, start=run.period_from, end=run.period_to, today=timezone.localdate())
    worked_out.keep(run, step="looking for groups", progress=40)
    # Here and not above: scikit-learn takes seconds and a hundred megabytes, which only this task is to spend.
    analysis = import_module("monitoring.segments.analysis")
    worked_out.finish(run, result=analysis.analyse(lines))
    return True


def carry_on() -> None:
    """For the sweep."""
    worked_out.carry_on(NeedSegments)
