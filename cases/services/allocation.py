"""From the waiting list to a case with one lead worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cases.models import Case, CaseReferral, CaseService, CaseStatus, LeadWorker
from cases.policies import check_allocate
from cases.services.common import keys, refuse_later_than, tell
from cases.services.cover_also import cover_also
from cases.workflow import CASE
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Entitlement, Role, StaffRole, User
from clusters.references import next_reference
from families.models import Family, NamedReader
from referrals.models import Status as ReferralStatus
from triage.models import Offer
from triage.workflow import OFFER

# Told by the apps above: what happens when a case takes up a referral (`by`, `case`, `referral`), the family locked.
WHEN_TAKEN_UP: list[Callable[..., None]] = []


def entitlement_on(*, cluster_id: int, service_id: int, day: date) -> Entitlement | None:
    """What the service may use up when it begins on a day: the Cluster's own rule before the general one [E][P]."""
    return (
        Entitlement.objects.filter(
            Q(cluster_id=cluster_id) | Q(cluster__isnull=True), service_id=service_id, effective_from__lte=day
        )
        .order_by(F("cluster_id").desc(nulls_last=True), "-effective_from")
        .first()
    )


@transaction.atomic
def open_case(
    *,
    by: User,
    offers: Iterable[Offer],
    lead_worker: User | None = None,
    workers: Mapping[UUID, User] | None = None,
    on: date | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
) -> Case:
    """Take up offers of one family: a case is opened, or the open one gets the services and referrals too.

    workers: offer id -> who gives that service; without an entry the lead worker does.
    Raises Denied (not a leader of the Cluster), Conflict (somebody was first) or ValidationError (`lead_worker`,
    `worker`, `on`).
    """
    today = timezone.localdate()
    day = on or today
    refuse_later_than(day, today, field="on", what="The day of allocation")
    wanted = [offer.pk for offer in offers]
    rows = list(
        Offer.objects.select_for_update(of=("self",))
        .filter(pk__in=wanted)
        .select_related("decision__referral", "service", "cluster")
        .order_by("pk")
    )
    if not rows or len(rows) != len(set(wanted)):
        raise Conflict("What was offered is no longer there. Load the waiting list again.")
    first = rows[0]
    check_allocate(by, first.cluster_id)
    if any(row.family_id != first.family_id for row in rows):
        raise ValidationError("One case helps one family: take up the offers of each family for themselves.")
    for row in rows:
        _check_waits(row)

    # One case per family also when the places of two siblings are allocated at the same moment.
    family = Family.objects.select_for_update(of=("self",)).get(pk=first.family_id)
    case = Case.objects.open().filter(family_id=family.pk).select_for_update(of=("self",)).first()
    opened = case is None
    if case is None:
        if lead_worker is None:
            raise ValidationError({"lead_worker": "Choose the lead worker: a case always has exactly one"})
        check_may_work(lead_worker, family, day, field="lead_worker")
        CASE.step("", CaseStatus.OPEN)
        case = Case.objects.create(
            cluster_id=family.cluster_id,
            family=family,
            reference=next_reference(first.cluster, year=day.year, kind="case"),
            opened_on=day,
            next_step=next_step,
            next_step_on=next_step_on,
        )
        LeadWorker.objects.create(**keys(case), case=case, worker=lead_worker, starts_on=day)
        audit.event(
            by=by, kind="case.opened", text=f"Opened the case, with {lead_worker.name} as lead worker", about=case
        )
    holder = lead_worker if opened else LeadWorker.objects.get(case=case, ends_on__isnull=True).worker
    for row in rows:
        _take_up(
            by=by,
            case=case,
            offer=row,
            worker=(workers or {}).get(row.pk) or lead_worker or holder,
            family=family,
            day=day,
        )
    came_to = {*(workers or {}).values(), lead_worker or holder}
    cover_also(case, [worker for worker in came_to if worker], by=by, made_by=by)
    return case


def _check_waits(offer: Offer) -> None:
    if offer.status == Offer.Status.WAITING:
        if offer.decision.referral.status != ReferralStatus.DECIDED:
            raise Conflict("This referral has ended meanwhile. Load the waiting list again.")
        return
    taken = CaseService.objects.filter(offer=offer).select_related("worker").first()
    if taken:
        when = timezone.localtime(taken.created_at)
        raise Conflict(
            f"This place was already allocated to {taken.worker.name} on {when:%-d %B %Y} at {when:%H:%M}. "
            "Nothing was changed."
        )
    OFFER.step(offer.status, Offer.Status.ALLOCATED)


def check_may_work(worker: User, family: Family, day: date, *, field: str) -> None:
    """Raises ValidationError unless the worker has a role in the Cluster today, or on a day to come."""
    today = timezone.localdate()
    if not (
        worker.is_active
        and StaffRole.objects.on(max(day, today))
        .filter(user=worker, cluster_id=family.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER])
        .exists()
    ):
        when = f"on {day:%-d %B %Y}" if day > today else "today"
        raise ValidationError({field: f"{worker.name} does not work in this Cluster {when}. Choose somebody who does"})
    if family.restricted and not NamedReader.objects.filter(family=family, user=worker).exists():
        raise ValidationError(
            {field: f"{worker.name} is not named on this restricted record. Name them first, or choose somebody named"}
        )


def _take_up(*, by: User, case: Case, offer: Offer, worker: User | None, family: Family, day: date) -> None:
    if worker is None:
        raise ValidationError({"worker": "Choose who gives the service"})
    check_may_work(worker, family, day, field="worker")
    link, made = CaseReferral.objects.get_or_create(
        referral_id=offer.decision.referral_id, defaults={**keys(case), "case": case}
    )
    if link.case_id != case.pk:
        raise Conflict("This referral belongs to an earlier case of the family. Load the waiting list again.")
    if made:
        for follow in WHEN_TAKEN_UP:
            follow(by=by, case=case, referral=offer.decision.referral)
    service = CaseService.objects.create(
        **keys(case),
        case=case,
        service=offer.service,
        offer=offer,
        worker=worker,
        person_id=offer.person_id,
        entitlement=entitlement_on(cluster_id=case.cluster_id, service_id=offer.service_id, day=day),
        starts_on=day,
    )
    OFFER.step(offer.status, Offer.Status.ALLOCATED)
    Offer.objects.filter(pk=offer.pk).update(status=Offer.Status.ALLOCATED)
    audit.event(
        by=by, kind="case.service_allocated", text=f"Allocated {offer.service.name} to {worker.name}", about=case
    )
    if worker.pk != by.pk:
        tell(
            worker,
            key=f"allocated:{service.pk}",
            subject="A family has been allocated to you",
            text=f"A family waits for your first contact ({offer.service.name}).",
            url_name="case",
            pk=case.pk,
            about=case,
        )
