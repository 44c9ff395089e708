"""Reads of reviews of access, and what they show at home and in the numbers of the week."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from clusters.http import UserRequest
from clusters.models import AccessReview, User
from clusters.people import duties


def reviews_of(user: User) -> QuerySet[AccessReview]:
    held = duties(user)
    return AccessReview.objects.all() if held.is_manager else AccessReview.objects.filter(cluster__in=held.leads)


def at_home(request: UserRequest) -> dict[str, Any] | None:
    """Reviews that are not finished, the overdue first. A manager is shown the city's, what is overdue, and what is
    ready to be signed."""
    today = timezone.localdate()
    left = Count("lines", filter=Q(lines__decision="") & ~Q(lines__role__ends_on__lte=today))
    rows = reviews_of(request.user).filter(finished_at=None).select_related("cluster").annotate(left=left)
    if duties(request.user).is_manager:
        rows = rows.filter(Q(cluster=None) | Q(due_on__lt=today) | Q(left=0))
    found = list(rows.order_by("due_on")[:8])
    return {"reviews": found, "today": today} if found else None


def of_reviews(request: HttpRequest, *, clusters: Sequence[int]) -> dict[str, Any]:
    """For the numbers of the week (slot `digest`): lines to confirm in reviews that are overdue."""
    today = timezone.localdate()
    rows = AccessReview.objects.filter(cluster__in=clusters, finished_at=None, due_on__lt=today)
    counts = dict(rows.values_list("cluster_id").annotate(number=Count("pk")).order_by())
    return {"lines": [("reviews of access overdue", counts)]}
