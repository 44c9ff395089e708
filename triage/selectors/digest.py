"""What screening counts in the numbers of the week (slot `digest`)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from referrals.models import Referral
from triage.models import Offer


def of_screening(request: HttpRequest, *, clusters: Sequence[int]) -> dict[str, Any]:
    """By Cluster, restricted records left out."""
    alarm = timezone.localdate() - timedelta(weeks=Offer.ALARM_WEEKS)
    waiting = Offer.objects.filter(cluster_id__in=clusters, status=Offer.Status.WAITING)
    return {
        "lines": [
            ("referrals to screen", _count(Referral.objects.to_screen().filter(cluster_id__in=clusters))),
            ("places waited for", _count(waiting)),
            ("of them for eight weeks or more", _count(waiting.filter(waiting_since__lte=alarm))),
        ]
    }


def _count(rows: QuerySet[Any]) -> dict[int, int]:
    rows = rows.exclude(family__restricted=True)
    return dict(rows.order_by().values_list("cluster_id").annotate(number=Count("pk")))
