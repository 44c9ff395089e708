"""Who covers which case: beside a case, for the reader's own work, and for a leader's page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cases.models import Case, CaseService, Cover
from clusters.models import User


def cover_beside_case(user: User | None = None) -> ArraySubquery:
    """The cover of today of a case, at most one; with a user, only when it is that user who covers."""
    rows = Cover.objects.today().filter(case=OuterRef("pk"), **({"covering": user} if user else {}))
    return ArraySubquery(
        rows.values(
            data=JSONObject(
                covering_id="covering_id",
                covering="covering__name",
                worker_id="worker_id",
                worker="worker__name",
                until="ends_on",
                must_know="must_know",
            )
        )
    )


def has_covers() -> Exists:
    """Beside a case: it is, was or will be covered."""
    return Exists(Cover.objects.filter(case=OuterRef("pk")))


def covered_workers(user: User) -> QuerySet[Cover, dict[str, Any]]:
    """Beside something of a case: those for whom the user covers that case today."""
    return Cover.objects.today().filter(covering=user, case=OuterRef("case_id")).values("worker_id")


def day_of(text: str) -> str:
    """The last day of a cover in words, from the array beside a case."""
    return f"{date.fromisoformat(text):%-d %B}"


def card(case: Case) -> dict[str, Any] | None:
    """For the overview: who covers and what they are to know, from what was loaded with the case."""
    rows = getattr(case, "cover_now", None)
    return {"cover": {**rows[0], "until": date.fromisoformat(rows[0]["until"])}} if rows else None


def worked_by(worker: User, cluster_id: int) -> QuerySet[Case]:
    """Open cases that a worker leads or gives a service in, as the reader may see them."""
    return (
        Case.objects.open()
        .filter(
            Q(lead_workers__worker=worker, lead_workers__ends_on__isnull=True)
            | Q(services__worker=worker, services__status=CaseService.Status.ACTIVE),
            cluster_id=cluster_id,
        )
        .select_related("family")
        .distinct()
        .order_by("family__name", "reference")
    )


def standing(cluster_ids: Collection[int]) -> list[Cover]:
    """Covers of today and to come in Clusters, the nearest first."""
    rows = Cover.objects.standing().filter(cluster_id__in=cluster_ids)
    return list(rows.select_related("case__family", "worker", "covering").order_by("starts_on", "covering__name"))


def together(covers: Collection[Cover]) -> list[list[Cover]]:
    """Covers by the same worker for the same one on the same days, as one arrangement."""
    made: dict[tuple[Any, ...], list[Cover]] = {}
    for cover in covers:
        made.setdefault((cover.starts_on, cover.ends_on, cover.covering_id, cover.worker_id), []).append(cover)
    return list(made.values())


def of_case(case: Case) -> list[Cover]:
    return list(
        Cover.objects.filter(case=case)
        .select_related("worker", "covering", "made_by", "ended_by")
        .order_by("-starts_on", "-created_at")
    )
