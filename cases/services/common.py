"""What several services share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from cases.models import Case
from cases.policies import check_open, check_write
from cluster_ehs.core.tasks import queue_message
from clusters.models import User
from families.models import FamilyRecord


def keys(of: FamilyRecord) -> dict[str, Any]:
    """The Cluster and family that every row of a case carries."""
    return {"cluster_id": of.cluster_id, "family_id": of.family_id}


def locked(case: Case) -> Case:
    """The case as it is now, held until the end of the transaction."""
    return Case.objects.select_for_update(of=("self",)).get(pk=case.pk)


def locked_for_writing(*, by: User, case: Case) -> Case:
    """The case, locked, open, and the user's to write. Raises Denied."""
    case = locked(case)
    check_write(by, case)
    check_open(case)
    return case


def refuse_later_than(day: date, today: date, *, field: str, what: str) -> None:
    if day > today:
        raise ValidationError({field: f"{what} must be today or in the past"})


def tell(user: User | None, *, key: str, subject: str, text: str, url_name: str, pk: object = None) -> None:
    """A mail that says that something waits, with a link, and no names."""
    if user is None or not user.email:
        return
    address = settings.PUBLIC_URL + (reverse(url_name, args=[pk]) if pk else reverse(url_name))
    queue_message(key=key, to=user.email, subject=subject, body=f"{text}\n\n{address}\n")
