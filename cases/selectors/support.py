"""How much of a service is used, against the entitlement it began under [E][P]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from cases.models import Attendance, CaseService, CaseStatus, Contact, Extension
from cluster_ehs.core.figures import weeks_between
from clusters.models import Entitlement, Service
from triage.models import Offer

# Running out is said this far ahead: time to ask for more, or to say goodbye well.
WEEKS_AHEAD = 4
SESSIONS_AHEAD = 2


@dataclass(frozen=True)
class Use:
    """What a service has used up. `unit` is weeks or sessions; `of` is None without a limit."""

    used: int
    of: int | None
    unit: str
    text: str
    running_out: bool
    ends_on: date | None = None

    @property
    def over(self) -> bool:
        return self.of is not None and self.used > self.of

    @property
    def left(self) -> int | None:
        return None if self.of is None else max(self.of - self.used, 0)

    @property
    def warning(self) -> str:
        if not self.running_out or self.left is None:
            return ""
        if self.unit == "sessions":
            return "No sessions left" if not self.left else f"{self.left} session{'s' if self.left > 1 else ''} left"
        if not self.left:
            return "The time is used up"
        return f"Ends {self.ends_on:%-d %b}" if self.ends_on else f"{self.left} weeks left"


def with_use(services: QuerySet[CaseService]) -> QuerySet[CaseService]:
    """Each service with what its use is worked out from: attended sessions by kind, weeks added by extensions."""

    def sessions(kind: str) -> Coalesce:
        counted = (
            Contact.objects.filter(case_service=OuterRef("pk"), attendance=Attendance.ATTENDED, session_kind=kind)
            .order_by()
            .values("case_service")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    added = (
        Extension.objects.filter(case_service=OuterRef("pk"), status=Extension.Status.APPROVED)
        .order_by()
        .values("case_service")
        .annotate(n=Sum("weeks"))
        .values("n")
    )
    return services.annotate(
        assessment_used=sessions(Contact.SessionKind.ASSESSMENT),
        intervention_used=sessions(Contact.SessionKind.INTERVENTION),
        weeks_added=Coalesce(Subquery(added, output_field=IntegerField()), 0),
    )


def _with_extensions(services: QuerySet[CaseService]) -> QuerySet[CaseService]:
    extensions = (
        Extension.objects.filter(case_service=OuterRef("pk"))
        .order_by("created_at")
        .values(
            data=JSONObject(
                id="pk", status="status", weeks="weeks", reason="reason", answer="answer", by="asked_by__name"
            )
        )
    )
    return with_use(services).annotate(asked=ArraySubquery(extensions))


def services_of(case_id: UUID) -> QuerySet[CaseService]:
    """The services of a case, active ones first, with worker, entitlement, use and extensions; one query."""
    return (
        _with_extensions(CaseService.objects.filter(case_id=case_id))
        .select_related("service", "worker", "entitlement", "offer", "person")
        .order_by("status", "starts_on", "service__order")
    )


def services_beside_case() -> ArraySubquery:
    """The running services of a case as one array beside it, for lists of cases; read by `service_from`."""
    rows = with_use(CaseService.objects.filter(case=OuterRef("pk"), status=CaseService.Status.ACTIVE))
    return ArraySubquery(
        rows.order_by("starts_on").values(
            data=JSONObject(
                worker="worker_id",
                starts_on="starts_on",
                name="service__name",
                entitlement="entitlement_id",
                weeks="entitlement__weeks",
                assessment="entitlement__assessment_sessions",
                intervention="entitlement__intervention_sessions",
                offer="offer_id",
                offer_status="offer__status",
                waiting_since="offer__waiting_since",
                started_on="offer__started_on",
                assessment_used="assessment_used",
                intervention_used="intervention_used",
                weeks_added="weeks_added",
            )
        )
    )


def service_from(row: dict[str, Any]) -> CaseService:
    """A service out of `services_beside_case`, with what `use_of` needs; not to be saved."""

    def day(name: str) -> Any:
        return date.fromisoformat(row[name]) if row[name] else None

    service = CaseService(
        worker_id=row["worker"],
        starts_on=day("starts_on"),
        service=Service(name=row["name"]),
        entitlement=row["entitlement"]
        and Entitlement(
            pk=row["entitlement"],
            weeks=row["weeks"],
            assessment_sessions=row["assessment"],
            intervention_sessions=row["intervention"],
        ),
        offer=row["offer"]
        and Offer(
            pk=row["offer"],
            status=row["offer_status"],
            waiting_since=day("waiting_since"),
            started_on=day("started_on"),
        ),
    )
    for name in ("assessment_used", "intervention_used", "weeks_added"):
        setattr(service, name, row[name])
    return service


def services_of_clusters(cluster_ids: Iterable[int]) -> QuerySet[CaseService]:
    """The running services of Clusters, with use and extensions; one query."""
    return (
        _with_extensions(CaseService.objects.filter(cluster_id__in=list(cluster_ids), status=CaseService.Status.ACTIVE))
        .exclude(case__status=CaseStatus.CLOSED)
        .select_related("service", "worker", "entitlement", "offer", "case__family")
    )


def begun_on(service: CaseService) -> date | None:
    """The first attended contact or session of the service; None while the family waits for it."""
    if service.offer_id is None:
        return service.starts_on
    return service.offer.started_on if service.offer else None


def use_of(service: CaseService, today: date | None = None) -> Use:
    """The use of a service that came from `with_use`, with its entitlement and offer."""
    today = today or timezone.localdate()
    rule = service.entitlement
    assessment, intervention = service.assessment_used, service.intervention_used  # type: ignore[attr-defined]
    if rule is not None and rule.intervention_sessions is not None:
        of = rule.assessment_sessions + rule.intervention_sessions
        used = assessment + intervention
        parts = []
        if rule.assessment_sessions:
            parts.append(f"{assessment} of {rule.assessment_sessions} assessment")
        parts.append(f"{intervention} of {rule.intervention_sessions} sessions")
        near = rule.intervention_sessions - intervention <= SESSIONS_AHEAD
        return Use(used, of, "sessions", ", ".join(parts), near and _active(service))
    begun = begun_on(service)
    used_weeks = weeks_between(begun, service.ends_on or today) or 0
    if rule is None or rule.weeks is None:
        sessions_used = assessment + intervention
        if sessions_used:
            return Use(sessions_used, None, "sessions", f"{sessions_used} sessions", False)
        return Use(used_weeks, None, "weeks", f"{used_weeks} weeks" if begun else "not begun yet", False)
    of = rule.weeks + service.weeks_added  # type: ignore[attr-defined]
    ends = begun + timedelta(weeks=of) if begun else None
    text = f"{used_weeks} of {of} weeks" if begun else f"not begun yet, up to {of} weeks"
    near = begun is not None and of - used_weeks <= WEEKS_AHEAD
    return Use(used_weeks, of, "weeks", text, near and _active(service), ends)


def _active(service: CaseService) -> bool:
    return service.status == CaseService.Status.ACTIVE


def can_be_extended(service: CaseService) -> bool:
    """An extension is asked for where the entitlement allows one, in weeks, and none is waiting for its answer."""
    rule = service.entitlement
    waiting = any(e["status"] == Extension.Status.ASKED for e in getattr(service, "asked", ()))
    return bool(_active(service) and rule and rule.extendable and rule.weeks is not None and not waiting)


RUNNING_STATUS = CaseService.Status.ACTIVE
