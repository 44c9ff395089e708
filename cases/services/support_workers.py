"""Services of a running case: one more of them, another worker, an end. The case itself goes on."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseService, Contact, PlannedSession, ServiceHandover
from cases.policies import check_leads, check_open
from cases.services.allocation import check_may_work, entitlement_on
from cases.services.common import keys, locked, locked_for_writing, refuse_later_than, tell
from cases.services.cover_also import cover_also
from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Conflict
from clusters.models import Service, User
from families.models import Person
from triage.models import Offer
from triage.workflow import OFFER


@transaction.atomic
def add_service(
    *, by: User, case: Case, service: Service, worker: User, person: Person | None = None, on: date | None = None
) -> CaseService:
    """Give an open case one more service, without an offer of the waiting list, under the entitlement of that day.

    Raises Denied (not a leader of the Cluster; closed) or ValidationError (`service`, `worker`, `person`, `on`).
    """
    today = timezone.localdate()
    day = on or today
    case = locked(case)
    check_leads(by, case.cluster_id, "add a service to a case")
    check_open(case)
    refuse_later_than(day, today, field="on", what="The first day")
    if day < case.opened_on:
        raise ValidationError({"on": f"The first day must be on or after {case.opened_on:%-d %B %Y}"})
    if (service.retired_on and service.retired_on <= day) or service.cluster_id not in (None, case.cluster_id):
        raise ValidationError({"service": f"{service.name} is not offered in this Cluster. Choose another service"})
    if person is not None and person.family_id != case.family_id:
        raise ValidationError({"person": "Choose somebody of this family"})
    running = CaseService.objects.filter(
        case=case, service=service, person=person, status=CaseService.Status.ACTIVE
    ).select_related("worker")
    if twice := running.first():
        whom = f" for {person.short_name}" if person else ""
        raise ValidationError(
            {"service": f"{service.name}{whom} runs in this case already, with {twice.worker.name}. End it first"}
        )
    check_may_work(worker, case.family, day, field="worker")
    row = CaseService.objects.create(
        **keys(case),
        case=case,
        service=service,
        worker=worker,
        person=person,
        entitlement=entitlement_on(cluster_id=case.cluster_id, service_id=service.pk, day=day),
        starts_on=day,
    )
    audit.event(by=by, kind="case.service_added", text=f"Added {service.name} with {worker.name}", about=row)
    if worker.pk != by.pk:
        tell(
            worker,
            key=f"service-added:{row.pk}",
            subject="A family has been allocated to you",
            text=f"A family waits for your first contact ({service.name}).",
            url_name="case",
            pk=case.pk,
        )
    cover_also(case, [worker], by=by, made_by=by)
    return row


def _running(case_service: CaseService) -> CaseService:
    row = (
        CaseService.objects.select_for_update(of=("self",)).select_related("service", "worker").get(pk=case_service.pk)
    )
    if row.status != CaseService.Status.ACTIVE:
        when = f" on {row.ends_on:%-d %B %Y}" if row.ends_on else ""
        raise Conflict(f"{row.service.name} was ended{when}. Load the page again.")
    return row


@transaction.atomic
def end_service(
    *, by: User, case_service: CaseService, reason: str, words: str = "", on: date | None = None
) -> CaseService:
    """End one service from a day on; what was planned of it is withdrawn, and the case stays open.

    A place that was allocated and never begun is withdrawn too: the family does not wait for it any more.
    Raises Denied, Conflict (ended already) or ValidationError (`on`, `reason`).
    """
    today = timezone.localdate()
    day = on or today
    locked_for_writing(by=by, case=case_service.case)
    row = _running(case_service)
    refuse_later_than(day, today, field="on", what="The last day")
    if day < row.starts_on:
        raise ValidationError({"on": f"The last day must be on or after {row.starts_on:%-d %B %Y}, when it began"})
    last = Contact.objects.filter(case_service=row).order_by("-at").values_list("at", flat=True).first()
    if last and timezone.localtime(last).date() > day:
        raise ValidationError({"on": f"A session is recorded on {timezone.localtime(last):%-d %B %Y}, after that day"})
    if reason not in CaseService.EndReason.values:
        raise ValidationError({"reason": "Choose how it ended"})
    row.status, row.ends_on, row.end_reason, row.end_words = CaseService.Status.ENDED, day, reason, words.strip()
    row.save(update_fields=["status", "ends_on", "end_reason", "end_words"])
    PlannedSession.objects.filter(case_service=row, contact__isnull=True, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now()
    )
    if row.offer_id:
        offer = Offer.objects.select_for_update(of=("self",)).get(pk=row.offer_id)
        if offer.status == Offer.Status.ALLOCATED:
            OFFER.step(offer.status, Offer.Status.WITHDRAWN)
            Offer.objects.filter(pk=offer.pk).update(status=Offer.Status.WITHDRAWN)
    said = CaseService.EndReason(reason).label.lower()
    audit.event(by=by, kind="case.service_ended", text=f"Ended {row.service.name}: {said}", about=row)
    return row


@transaction.atomic
def change_worker(
    *, by: User, case_service: CaseService, to: User, text: str, on: date | None = None
) -> ServiceHandover:
    """Give a running service to another worker, with what they must know and what is planned from that day on.

    The handover of therapy or counselling is read by whom it concerns: both workers, its author, and their clinical
    supervisors. Raises Denied (not a leader), Conflict (ended already) or ValidationError (`to`, `on`, `text`).
    """
    case = locked(case_service.case)
    check_leads(by, case.cluster_id, "give a service to another worker")
    return pass_on(by=by, author=by, case=case, case_service=case_service, to=to, text=text, on=on)


def give_to(row: CaseService, to: User) -> None:
    """The service and its sessions to come; the words stand in the handover of the case, or of the service."""
    CaseService.objects.filter(pk=row.pk).update(worker=to)
    PlannedSession.objects.filter(
        case_service=row,
        worker_id=row.worker_id,
        contact__isnull=True,
        withdrawn_at__isnull=True,
        at__gt=timezone.now(),
    ).update(worker=to)


def pass_on(
    *,
    by: Actor,
    author: User,
    case: Case,
    case_service: CaseService,
    to: User,
    text: str,
    on: date | None = None,
) -> ServiceHandover:
    """As `change_worker`, of a case that the caller has locked and may change; also when a planned day has come."""
    today = timezone.localdate()
    day = on or today
    check_open(case)
    row = _running(case_service)
    refuse_later_than(day, today, field="on", what="The day of the handover")
    if row.worker_id == to.pk:
        raise ValidationError({"to": f"{to.name} gives this service already"})
    if day < row.starts_on:
        raise ValidationError({"on": f"The handover must be on or after {row.starts_on:%-d %B %Y}"})
    if not text.strip():
        raise ValidationError({"text": "Enter what the next worker must know"})
    check_may_work(to, case.family, day, field="to")
    handover = ServiceHandover.objects.create(
        **keys(case),
        case_service=row,
        from_worker=row.worker,
        to_worker=to,
        handed_on=day,
        text=text.strip(),
        private=row.service.notes_are_private,
        author=author,
    )
    before = row.worker
    give_to(row, to)
    cover_also(case, [to], by=by, made_by=author)
    audit.event(
        by=by,
        kind="case.service_handed_over",
        text=f"{row.service.name} passed from {before.name} to {to.name}",
        about=row,
    )
    if to.pk != by.pk:
        tell(
            to,
            key=f"service-handed-over:{handover.pk}",
            subject="A service of a family has been handed over to you",
            text=f"You now give {row.service.name} to a family. What you need to know is on its page.",
            url_name="case-services",
            pk=case.pk,
        )
    return handover
