"""What several services share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists

from cases.models import Case
from cases.policies import ONLY_WORKERS, check_open, leads_cluster, worked_on_by
from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.notices import tell as tell  # what services of cases tell people by
from clusters.people import duties
from families.models import FamilyRecord


def keys(of: FamilyRecord) -> dict[str, Any]:
    """The Cluster and family that every row of a case carries."""
    return {"cluster_id": of.cluster_id, "family_id": of.family_id}


def locked(case: Case) -> Case:
    """The case as it is now, held until the end of the transaction."""
    return Case.objects.select_for_update(of=("self",)).get(pk=case.pk)


def locked_for_writing(*, by: User, case: Case, **more: Any) -> Case:
    """The case, locked, open, and the user's to write, in one query. Raises Denied.

    more: annotations that the service needs of the locked case.
    """
    found = (
        Case.objects.select_for_update(of=("self",))
        .annotate(works_on_it=Exists(worked_on_by(by)), **more)
        .get(pk=case.pk)
    )
    if not leads_cluster(by, found.cluster_id) and not (
        found.works_on_it and found.cluster_id in duties(by).clusters  # type: ignore[attr-defined]
    ):
        raise Denied(ONLY_WORKERS)
    check_open(found)
    return found


def refuse_later_than(day: date, today: date, *, field: str, what: str) -> None:
    if day > today:
        raise ValidationError({field: f"{what} must be today or in the past"})
