"""How much of a service is used, against the entitlement it began under [E][P]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from cases.models import Attendance, CaseService, CaseStatus, Contact, Extension, ServiceHandover
from cluster_ehs.core.figures import weeks_between
from clusters.models import Entitlement, Service
from triage.models import Offer

# Running out is said this far ahead: time to ask for more, or to say goodbye well.
WEEKS_AHEAD = 4
SESSIONS_AHEAD = 2


# What counts against an entitlement: a session that took place, however late the family came, and, where the
# entitlement says so, one that they did not come to. What anybody cancelled never counts. `counts` says the same
# of one session.
COUNTED = Q(attendance=Attendance.ATTENDED) | Q(
    attendance=Attendance.NOT_ATTENDED, case_service__entitlement__counts_not_attended=True
)


def counts(attendance: str, rule: Entitlement | None) -> bool:
    """Whether a session is used up by this attendance."""
    if attendance == Attendance.NOT_ATTENDED:
        return rule is not None and rule.counts_not_attended
    return attendance == Attendance.ATTENDED


@dataclass(frozen=True)
class Use:
    """What a service has used up. `unit` is weeks or sessions; `of` is None without a limit.

    remaining: sessions of intervention left, where assessment sessions that were not needed are not left over.
    """

    used: int
    of: int | None
    unit: str
    text: str
    running_out: bool
    ends_on: date | None = None
    remaining: int | None = None

    @property
    def over(self) -> bool:
        return self.of is not None and self.used > self.of

    @property
    def left(self) -> int | None:
        if self.remaining is not None:
            return self.remaining
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
    """Each service with what its use is worked out from: sessions used by kind, weeks and sessions added."""

    def sessions(kind: str) -> Coalesce:
        counted = (
            Contact.objects.filter(COUNTED, case_service=OuterRef("pk"), session_kind=kind)
            .order_by()
            .values("case_service")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    def added(what: str) -> Coalesce:
        rows = (
            Extension.objects.filter(case_service=OuterRef("pk"), status=Extension.Status.APPROVED)
            .order_by()
            .values("case_service")
            .annotate(n=Sum(what))
            .values("n")
        )
        return Coalesce(Subquery(rows, output_field=IntegerField()), 0)

    return services.annotate(
        assessment_used=sessions(Contact.SessionKind.ASSESSMENT),
        intervention_used=sessions(Contact.SessionKind.INTERVENTION),
        weeks_added=added("weeks"),
        sessions_added=added("sessions"),
    )


def _with_extensions(services: QuerySet[CaseService]) -> QuerySet[CaseService]:
    extensions = (
        Extension.objects.filter(case_service=OuterRef("pk"))
        .order_by("created_at")
        .values(
            data=JSONObject(
                id="pk",
                status="status",
                weeks="weeks",
                sessions="sessions",
                reason="reason",
                answer="answer",
                by="asked_by__name",
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
                sessions_added="sessions_added",
                extendable="entitlement__extendable",
                id="id",
            )
        )
    )


def service_from(row: dict[str, Any]) -> CaseService:
    """A service out of `services_beside_case`, with what `use_of` needs; not to be saved."""

    def day(name: str) -> Any:
        return date.fromisoformat(row[name]) if row[name] else None

    service = CaseService(
        pk=row["id"],
        worker_id=row["worker"],
        starts_on=day("starts_on"),
        service=Service(name=row["name"]),
        entitlement=row["entitlement"]
        and Entitlement(
            pk=row["entitlement"],
            weeks=row["weeks"],
            assessment_sessions=row["assessment"],
            intervention_sessions=row["intervention"],
            extendable=row["extendable"],
        ),
        offer=row["offer"]
        and Offer(
            pk=row["offer"],
            status=row["offer_status"],
            waiting_since=day("waiting_since"),
            started_on=day("started_on"),
        ),
    )
    for name in ("assessment_used", "intervention_used", "weeks_added", "sessions_added"):
        setattr(service, name, row[name])
    return service


def services_of_clusters(cluster_ids: Iterable[int]) -> QuerySet[CaseService]:
    """The running services of Clusters, with use and extensions; one query."""
    return (
        _with_extensions(CaseService.objects.filter(cluster_id__in=list(cluster_ids), status=CaseService.Status.ACTIVE))
        .exclude(case__status=CaseStatus.CLOSED)
        .select_related("service", "worker", "entitlement", "offer", "case__family")
    )


def handovers_of(case_id: UUID) -> dict[UUID, list[ServiceHandover]]:
    """Who passed which service of a case to whom, by service; what the reader may not see is not there."""
    found: dict[UUID, list[ServiceHandover]] = {}
    rows = ServiceHandover.objects.filter(case_service__case_id=case_id)
    for row in rows.select_related("from_worker", "to_worker", "author"):
        found.setdefault(row.case_service_id, []).append(row)
    return found


def services_to_add(cluster_id: int) -> list[tuple[Service, str]]:
    """What is offered in a Cluster today, each with the entitlement that would hold, in words; two queries."""
    today = timezone.localdate()
    offered = Service.objects.filter(
        Q(cluster_id=cluster_id) | Q(cluster__isnull=True), Q(retired_on__isnull=True) | Q(retired_on__gt=today)
    )
    rules: dict[int, Entitlement] = {}
    # The Cluster's own rule comes last and takes the place of the general one.
    for rule in Entitlement.objects.filter(
        Q(cluster_id=cluster_id) | Q(cluster__isnull=True), effective_from__lte=today
    ).order_by(F("cluster_id").asc(nulls_first=True), "effective_from"):
        rules[rule.service_id] = rule
    return [(each, rules[each.pk].in_words if each.pk in rules else "No entitlement is set") for each in offered]


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
        most = sessions_of(service)
        of, used = rule.assessment_sessions + most, assessment + intervention
        parts = []
        if rule.assessment_sessions:
            parts.append(f"{assessment} of {rule.assessment_sessions} assessment")
        parts.append(f"{intervention} of {most} sessions")
        left = max(most - intervention, 0)
        near = left <= SESSIONS_AHEAD and _active(service)
        return Use(used, of, "sessions", ", ".join(parts), near, remaining=left)
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


def sessions_of(service: CaseService) -> int:
    """Sessions of intervention at most: those of the entitlement and what extensions added."""
    most = service.entitlement.intervention_sessions if service.entitlement else None
    return (most or 0) + service.sessions_added  # type: ignore[attr-defined]


def counted_in_sessions(service: CaseService) -> bool:
    return service.entitlement is not None and service.entitlement.intervention_sessions is not None


def next_session_kind(service: CaseService) -> str:
    """Assessment until the entitlement's assessment sessions are used, then intervention."""
    rule = service.entitlement
    if rule and service.assessment_used < rule.assessment_sessions:  # type: ignore[attr-defined]
        return Contact.SessionKind.ASSESSMENT
    return Contact.SessionKind.INTERVENTION


def refusal(service: CaseService, kind: str) -> str:
    """Why one more session of this kind is not in the entitlement, and what can be done; empty while it is."""
    rule = service.entitlement
    if rule is None or rule.intervention_sessions is None:
        return ""
    name, day = service.service.name, f"{rule.effective_from:%-d %B %Y}"
    if kind == Contact.SessionKind.ASSESSMENT:
        if service.assessment_used < rule.assessment_sessions:  # type: ignore[attr-defined]
            return ""
        return (
            f"The {rule.assessment_sessions} assessment sessions of {name} are used. Record a session of intervention."
        )
    if service.intervention_used < sessions_of(service):  # type: ignore[attr-defined]
        return ""
    said = f"All {sessions_of(service)} sessions of {name} are used (entitlement of {day})."
    if rule.extendable:
        return f"{said} Ask the leader for more sessions, on the page Services, and record this one once they agree."
    rest = "end the service on the page Services, or choose “No” to save this as a contact that is no session"
    note = "; everybody who reads the case then reads its note" if service.service.notes_are_private else ""
    return f"{said} It cannot be extended: {rest}{note}."


def can_be_extended(service: CaseService) -> bool:
    """An extension is asked for where the entitlement allows one and none is waiting for its answer."""
    rule = service.entitlement
    waiting = any(e["status"] == Extension.Status.ASKED for e in getattr(service, "asked", ()))
    limited = rule and (rule.weeks is not None or rule.intervention_sessions is not None)
    return bool(_active(service) and rule and rule.extendable and limited and not waiting)


RUNNING_STATUS = CaseService.Status.ACTIVE
