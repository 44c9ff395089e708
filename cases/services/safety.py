"""A worry about significant harm is never parked: the record is flagged, the leaders are told at once (domain 2.1)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.policies import check_write
from cases.services.common import keys, locked, tell
from cluster_ehs.core import audit
from clusters.models import Role, StaffRole, User
from families.models import Flag, NamedReader

FLAG_TEXT = "Worry about a child’s safety"


@transaction.atomic
def raise_worry(*, by: User, case: Case, worry: str) -> Flag:
    """Flag the record and tell the leaders. For a restricted record only leaders who are named, else the managers.

    The words stay in the record; the message says only that there is something to read.
    Raises Denied or ValidationError (`worry`).
    """
    case = locked(case)
    check_write(by, case)
    if not worry.strip():
        raise ValidationError({"worry": "Enter what you are worried about"})
    now = timezone.localtime()
    flag = Flag.objects.create(
        **keys(case),
        kind=Flag.Kind.OTHER,
        text=f"{FLAG_TEXT}, {now:%-d %b %Y at %H:%M}: ask {by.name} or the leader"[:300],
    )
    audit.event(by=by, kind="case.safety_worry", text=f"Worried about safety: {worry.strip()}", about=case)
    roles = StaffRole.objects.today().select_related("user")
    told = roles.filter(cluster_id=case.cluster_id, role=Role.LEADER)
    if case.family.restricted:
        named = NamedReader.objects.filter(family_id=case.family_id).values("user_id")
        told = told.filter(user_id__in=named)
        if not told:
            told = roles.filter(role=Role.MANAGER)
    for role in told:
        tell(
            role.user,
            key=f"safety:{flag.pk}:{role.user_id}",
            subject="A worry about a child’s safety: please read it now",
            text="A worker has recorded a worry about a child’s safety.",
            url_name="case",
            pk=case.pk,
            about=case,
            urgent=True,
        )
    return flag
