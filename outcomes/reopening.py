"""A case opened again by mistake goes back to how it was closed, in one step, as long as nothing was written since."""

from __future__ import annotations

from datetime import timedelta

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from cases.models import Case, CaseService, CaseStatus, LeadWorker
from cases.policies import check_leads
from cases.services.common import keys, locked, tell
from cases.workflow import CASE
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Denied
from clusters.models import User
from outcomes.followup.services import take_up_again
from outcomes.models import Closure, UndoneReopening
from outcomes.policies import REOPEN_DAYS
from referrals.models import Referral, Status
from triage.models import Ending, Outcome
from triage.services.endings import record_ending


def reopened_closure(case: Case) -> Closure | None:
    """The closure that was taken back last, while the case is open because of that."""
    if case.status == CaseStatus.CLOSED:
        return None
    taken_back = Closure.objects.filter(case=case, status=Closure.Status.SIGNED_OFF, reopened_at__isnull=False)
    return taken_back.select_related("reopened_by").order_by("-reopened_at").first()


def check_undo_reopening(user: User, case: Case) -> Closure:
    """The closure that would hold again. Raises Denied: not a leader, not opened again, or more than 28 days ago."""
    check_leads(user, case.cluster_id, "undo a reopening")
    closure = reopened_closure(case)
    if closure is None or closure.reopened_at is None:
        raise Denied("This case was not opened again.")
    last = timezone.localdate(closure.reopened_at) + timedelta(days=REOPEN_DAYS)
    if timezone.localdate() > last:
        raise Denied(
            f"This case was opened again on {timezone.localdate(closure.reopened_at):%-d %B %Y}; that could be undone "
            f"until {last:%-d %B %Y}. Close the case with a closure."
        )
    return closure


def written_since(case: Case) -> list[str]:
    """What was written in the case since it was opened again, in words: “contacts (2)”. Private notes count too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, number FROM ehs_written_since_reopening(%s)", [case.pk])
        rows = cursor.fetchall()
    names = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models()}
    return [f"{names.get(table, table)} ({number})" for table, number in rows]


@transaction.atomic
def undo_reopening(*, by: User, case: Case, reason: str) -> Case:
    """Close the case again with the closure and the endings that it had. Within 28 days of the reopening.

    The reopening stays in the chronology, as undone. Raises Denied (not a leader, not opened again, too late, or
    something was written since, which it names) or ValidationError (`reason`).
    """
    case = locked(case)
    closure = check_undo_reopening(by, case)
    assert closure.reopened_at and closure.reopened_by  # noqa: S101 - both or neither, by its constraint
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it was a mistake"})
    since = written_since(case)
    if since:
        raise Denied(f"Since the case was opened again there is in it: {', '.join(since)}. Close it with a closure.")
    UndoneReopening.objects.create(
        **keys(case),
        closure=closure,
        reopened_by=closure.reopened_by,
        reopened_at=closure.reopened_at,
        reopened_reason=closure.reopened_reason,
        undone_by=by,
        reason=reason.strip(),
    )
    Closure.objects.filter(pk=closure.pk).update(reopened_by=None, reopened_at=None, reopened_reason="")
    led = LeadWorker.objects.filter(case=case, ends_on__isnull=True).select_related("worker").first()
    LeadWorker.objects.filter(case=case, ends_on__isnull=True).delete()
    for service in CaseService.objects.filter(case=case, status=CaseService.Status.ACTIVE):
        service.status, service.ends_on = CaseService.Status.ENDED, max(closure.closed_on, service.starts_on)
        service.save(update_fields=["status", "ends_on"])
    outcomes = [Outcome(row.outcome) for row in closure.outcomes.all()]
    referrals = Referral.objects.select_for_update(of=("self",)).filter(case_link__case=case, status=Status.DECIDED)
    for referral in referrals.order_by("pk"):
        record_ending(by=by, referral=referral, where=Ending.Where.CASE, outcomes=outcomes, ended_on=closure.closed_on)
    # By way of “waiting for sign-off”: no case goes from open to closed, and the sign-off is there already.
    CASE.step(case.status, CaseStatus.CLOSING)
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSING)
    CASE.step(CaseStatus.CLOSING, CaseStatus.CLOSED)
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.CLOSED, closed_on=closure.closed_on, review_due_on=None, next_step="", next_step_on=None
    )
    take_up_again(closure_id=closure.pk)
    audit.event(by=by, kind="case.reopening_undone", text=f"Undid the reopening: {reason.strip()}", about=case)
    if led and led.worker_id != by.pk:
        tell(
            led.worker,
            key=f"reopening-undone:{closure.pk}:{timezone.now():%Y%m%d%H%M%S}",
            subject="A case was opened again by mistake",
            text="A leader undid it: the case is closed as it was, and you are not its lead worker.",
            url_name="case",
            pk=case.pk,
            about=case,
        )
    case.refresh_from_db()
    return case
