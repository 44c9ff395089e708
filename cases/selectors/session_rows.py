"""What is planned, as arrays beside a case: read with the cases of “My work”, so that it costs no query of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases.models import CaseMeeting, PlannedSession
from cases.selectors.cover import covered_workers
from cases.selectors.sessions import booked_for, in_need
from clusters.models import Service, User

FORTNIGHT = timedelta(days=14)


def sessions_beside_case(user: User) -> dict[str, Any]:
    """Annotations: sessions of the user, and of whom the user covers for, to record and of the next fortnight; whether
    somebody needs an interpreter; and the meetings of that time for which none is booked."""
    until = timezone.now() + FORTNIGHT
    sessions = (
        PlannedSession.objects.filter(
            Q(worker=user)
            # Nobody covers therapy or counselling.
            | Q(worker__in=covered_workers(user))
            & (Q(case_service__isnull=True) | ~Q(case_service__service__kind__in=Service.PRIVATE_KINDS)),
            case=OuterRef("pk"),
            withdrawn_at__isnull=True,
            contact__isnull=True,
            at__lt=until,
        )
        .annotate(interpreted=Exists(booked_for("planned")))
        .order_by("at")
        .values(
            data=JSONObject(
                id="id",
                at="at",
                planned_at="created_at",
                kind="kind",
                service="case_service__service__name",
                known_as="case_service__person__known_as",
                first_name="case_service__person__first_name",
                interpreted="interpreted",
            )
        )
    )
    meetings = (
        CaseMeeting.objects.filter(
            case=OuterRef("pk"), held_at__gt=timezone.now(), held_at__lt=until, recorded_at__isnull=True
        )
        .filter(~Exists(booked_for("meeting")))
        .order_by("held_at")
        .values(data=JSONObject(id="id", at="held_at", planned_at="created_at", kind="kind"))
    )
    return {
        "planned_rows": ArraySubquery(sessions),
        "needs_interpreter": Exists(in_need()),
        "meetings_without": ArraySubquery(meetings),
    }
