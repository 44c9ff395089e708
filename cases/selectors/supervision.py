"""What a clinical supervisor reads: sessions and notes of the supervised workers, and nothing beside."""

from __future__ import annotations

from django.db.models import QuerySet

from cases.models import Contact
from cases.selectors.contacts import page_of
from clusters.models import ClinicalSupervision, User

__all__ = ["page_of", "sessions"]


def sessions(supervisor: User) -> QuerySet[Contact]:
    """Sessions and contacts by the supervised workers, newest first, with the case's reference."""
    workers = ClinicalSupervision.objects.today().filter(supervisor=supervisor).values("worker_id")
    return (
        Contact.objects.filter(author_id__in=workers)
        .select_related("author", "case", "case_service__service")
        .order_by("-at", "-id")
    )
