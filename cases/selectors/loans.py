"""Cases on loan to partner services: where they are, since when, and which are overdue."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils import timezone

from cases.models import Case, CaseStatus, Loan
from clusters.models import PartnerService
from clusters.people import duties


def loan_beside_case() -> ArraySubquery:
    """The loan a case is out on, as an array of one or none beside it."""
    rows = Loan.objects.filter(case=OuterRef("pk"), back_on__isnull=True)
    return ArraySubquery(rows.values(data=JSONObject(partner="partner__name", since="lent_on", due="back_expected_on")))


def loans_of(case_id: UUID) -> list[Loan]:
    """Every loan of a case, the latest first."""
    return list(Loan.objects.filter(case_id=case_id).select_related("partner", "lent_by", "back_by"))


def on_loan(clusters: Collection[int]) -> list[tuple[Loan, int]]:
    """Cases that are out, the longest overdue first, with the days overdue."""
    rows = Loan.objects.filter(cluster_id__in=clusters, back_on__isnull=True).exclude(case__status=CaseStatus.CLOSED)
    today = timezone.localdate()
    found = rows.select_related("partner", "case__family").order_by("back_expected_on", "pk")[:100]
    return [(loan, loan.days_late(today)) for loan in found]


def overdue_of_leader(request: HttpRequest) -> QuerySet[Loan] | None:
    """For `core.numbers`: whether the list has anything late, before it is read."""
    leads = duties(request.user).leads  # type: ignore[arg-type]
    late = Loan.objects.filter(cluster_id__in=leads, back_on__isnull=True, back_expected_on__lt=timezone.localdate())
    return late.exclude(case__status=CaseStatus.CLOSED) if leads else None


def lenders() -> list[PartnerService]:
    """The partner services that hand back."""
    today = timezone.localdate()
    current = Q(retired_on__isnull=True) | Q(retired_on__gt=today)
    return list(PartnerService.objects.filter(current, returns_expected=True))


def away(case: Case) -> dict[str, Any] | None:
    """The loan that `loan_beside_case` put beside a case."""
    rows = getattr(case, "loan", None)
    return rows[0] if rows else None
