"""Sessions to come: planned once or weekly, moved, withdrawn, and recorded as they went."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseService, Contact, PlannedSession
from cases.selectors.support import counted_in_sessions, sessions_of, with_use
from cases.services.allocation import check_may_work
from cases.services.common import keys, locked_for_writing
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import User

MOST_AT_ONCE = 26
WEEKS_AHEAD = 52


@transaction.atomic
def plan_sessions(
    *,
    by: User,
    case: Case,
    at: datetime,
    case_service: CaseService | None = None,
    worker: User | None = None,
    kind: str = Contact.Kind.SESSION,
    minutes: int | None = None,
    place: str = "",
    times: int = 1,
) -> list[PlannedSession]:
    """Plan a session or visit, and with `times` the same hour of the weeks after it.

    worker: who gives it; by default the worker of the service, else whoever plans.
    Raises Denied or ValidationError (`at`, `times`, `case_service`, `worker`); then nothing is planned.
    """
    case = locked_for_writing(by=by, case=case)
    if not 1 <= times <= MOST_AT_ONCE:
        raise ValidationError({"times": f"Enter how often, from 1 to {MOST_AT_ONCE}"})
    _check_to_come(at)
    service = _service(by, case, case_service, times) if case_service else None
    giver = worker or (service.worker if service else by)
    if service and service.service.notes_are_private and giver.pk != service.worker_id:
        raise ValidationError({"worker": f"{service.service.name} is given by {service.worker.name}"})
    check_may_work(giver, case.family, timezone.localdate(), field="worker")
    when = _weekly(at, times)
    taken = set(
        PlannedSession.objects.filter(case=case, worker=giver, at__in=when, withdrawn_at__isnull=True).values_list(
            "at", flat=True
        )
    )
    if taken:
        raise ValidationError({"at": f"Something is planned with this family already {_said(min(taken))}"})
    rows = PlannedSession.objects.bulk_create(
        PlannedSession(
            **keys(case),
            case=case,
            case_service=service,
            worker=giver,
            kind=kind,
            at=moment,
            minutes=minutes,
            place=place.strip(),
            planned_by=by,
        )
        for moment in when
    )
    weekly = f", weekly {times} times" if times > 1 else ""
    what = service.service.name if service else Contact.Kind(kind).label
    audit.event(by=by, kind="case.session_planned", text=f"Planned: {what}, {_said(at)}{weekly}", about=case)
    return rows


def _weekly(at: datetime, times: int) -> list[datetime]:
    """The same hour by the clock on the wall, also across the change to summer time."""
    first = timezone.localtime(at).replace(tzinfo=None)
    return [timezone.make_aware(first + timedelta(weeks=week)) for week in range(times)]


def _check_to_come(at: datetime) -> None:
    now = timezone.now()
    if at <= now:
        raise ValidationError({"at": "A session is planned for a time to come. Log a contact for one that was"})
    if at > now + timedelta(weeks=WEEKS_AHEAD):
        raise ValidationError({"at": "A session is planned at most a year ahead"})


def _service(by: User, case: Case, case_service: CaseService, times: int) -> CaseService:
    row = (
        with_use(CaseService.objects.filter(pk=case_service.pk, case=case))
        .select_related("service", "entitlement", "worker")
        .first()
    )
    if row is None:
        raise ValidationError({"case_service": "Choose a service of this case"})
    if row.status != CaseService.Status.ACTIVE:
        raise ValidationError({"case_service": f"{row.service.name} has ended in this case. Choose another service"})
    if counted_in_sessions(row) and row.entitlement:
        used = row.assessment_used + row.intervention_used  # type: ignore[attr-defined]
        planned = PlannedSession.objects.filter(
            case_service=row, contact__isnull=True, withdrawn_at__isnull=True, at__gt=timezone.now()
        ).count()
        left = row.entitlement.assessment_sessions + sessions_of(row) - used - planned
        if times > left:
            beside = f" beside the {planned} planned already" if planned else ""
            most = f"{max(left, 0)} session{'' if left == 1 else 's'} of {row.service.name}"
            raise ValidationError({"times": f"The entitlement leaves {most}{beside}. Plan no more than that"})
    return row


def _own(by: User, planned: PlannedSession) -> PlannedSession:
    """The planned session, locked, still to come or to record, and the user's to change."""
    locked_for_writing(by=by, case=planned.case)
    row = PlannedSession.objects.select_for_update(of=("self",)).select_related("worker").get(pk=planned.pk)
    if row.contact_id:
        raise Conflict("This session has been recorded already.")
    if row.withdrawn_at:
        raise Conflict("This session is not planned any more.")
    return row


@transaction.atomic
def move_session(
    *, by: User, planned: PlannedSession, at: datetime, minutes: int | None = None, place: str = ""
) -> PlannedSession:
    """Another time or place. Raises Denied, Conflict (recorded or withdrawn) or ValidationError (`at`)."""
    row = _own(by, planned)
    if at != row.at:
        _check_to_come(at)
        same = PlannedSession.objects.filter(case_id=row.case_id, worker=row.worker, at=at, withdrawn_at__isnull=True)
        if same.exists():
            raise ValidationError({"at": f"Something is planned with this family already {_said(at)}"})
    before, row.at, row.minutes, row.place = row.at, at, minutes, place.strip()
    row.save(update_fields=["at", "minutes", "place"])
    row.interpreters.filter(status__in=["asked", "booked"]).update(at=at)
    text = (
        f"Moved a planned session from {_said(before)} to {_said(at)}" if at != before else "Changed a planned session"
    )
    audit.event(by=by, kind="case.session_moved", text=text, about=row)
    return row


@transaction.atomic
def withdraw_session(*, by: User, planned: PlannedSession) -> PlannedSession:
    """Take a planned session back, as if it had not been planned: whoever cancels late is recorded in its contact.

    Raises Denied or Conflict (recorded or withdrawn).
    """
    row = _own(by, planned)
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    audit.event(by=by, kind="case.session_withdrawn", text=f"Withdrew what was planned {_said(row.at)}", about=row)
    return row


def recorded(*, by: User, planned: PlannedSession, contact: Contact) -> None:
    """A planned session went as this contact says. Called by `log_contact`, in its transaction.

    Raises Conflict when somebody recorded it first, Denied when it is of another case.
    """
    row = PlannedSession.objects.select_for_update(of=("self",)).get(pk=planned.pk)
    if row.case_id != contact.case_id:
        raise Denied("What was planned belongs to another case.")
    if row.contact_id:
        raise Conflict("This session has been recorded already. Nothing was written twice.")
    row.contact, row.withdrawn_at = contact, None
    row.save(update_fields=["contact", "withdrawn_at"])


def _said(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y at %H:%M}"
