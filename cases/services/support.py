"""More of a service than its entitlement: asked for by a worker, answered by a leader [E][P]."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import CaseService, Extension
from cases.policies import check_leads
from cases.selectors.support import counted_in_sessions
from cases.services.common import keys, locked_for_writing, tell
from cases.workflow import EXTENSION
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import Role, StaffRole, User

MOST_SESSIONS = 30


@transaction.atomic
def ask_extension(
    *, by: User, case_service: CaseService, weeks: int | None = None, sessions: int | None = None, reason: str
) -> Extension:
    """Ask the leader for more of a service: weeks or sessions, as its entitlement counts.

    Raises Denied (the entitlement has none; not a worker of the case), Conflict (one is waiting for its answer)
    or ValidationError (`weeks`, `sessions`, `reason`).
    """
    case = locked_for_writing(by=by, case=case_service.case)
    row = (
        CaseService.objects.select_for_update(of=("self",))
        .select_related("service", "entitlement")
        .get(pk=case_service.pk)
    )
    if row.status != CaseService.Status.ACTIVE:
        raise Denied(f"{row.service.name} has ended in this case.")
    rule = row.entitlement
    if rule is None or not rule.extendable or (rule.weeks is None and rule.intervention_sessions is None):
        raise Denied(f"{row.service.name} cannot be extended: its entitlement allows no extension.")
    if counted_in_sessions(row):
        if sessions is None or not 1 <= sessions <= MOST_SESSIONS:
            raise ValidationError({"sessions": f"Enter a number of sessions from 1 to {MOST_SESSIONS}"})
        weeks = None
    else:
        if weeks is None or not 1 <= weeks <= 52:
            raise ValidationError({"weeks": "Enter a number of weeks from 1 to 52"})
        sessions = None
    if not reason.strip():
        raise ValidationError({"reason": "Enter why the family needs longer"})
    if Extension.objects.filter(case_service=row, status=Extension.Status.ASKED).exists():
        raise Conflict("An extension of this service has been asked for already and waits for the leader’s answer.")
    EXTENSION.step("", Extension.Status.ASKED)
    asked = Extension.objects.create(
        **keys(case), case_service=row, weeks=weeks, sessions=sessions, reason=reason.strip(), asked_by=by
    )
    audit.event(by=by, kind="case.extension_asked", text=f"Asked for {asked.more} of {row.service.name}", about=asked)
    for role in StaffRole.objects.today().filter(cluster_id=case.cluster_id, role=Role.LEADER).select_related("user"):
        tell(
            role.user,
            key=f"extension-asked:{asked.pk}:{role.user_id}",
            subject="An extension is asked for",
            text="A worker asks for more of a service. It waits for your answer.",
            url_name="extension-answer",
            pk=asked.pk,
            about=case,
        )
    return asked


@transaction.atomic
def answer_extension(*, by: User, extension: Extension, approve: bool, answer: str = "") -> Extension:
    """Approve or refuse; a refusal says why. Raises Denied, Conflict (answered already), ValidationError (`answer`)."""
    row = (
        Extension.objects.select_for_update(of=("self",))
        .select_related("case_service__service", "asked_by", "answered_by")
        .get(pk=extension.pk)
    )
    check_leads(by, row.cluster_id, "answer an extension")
    if row.status != Extension.Status.ASKED:
        when = timezone.localtime(row.answered_at) if row.answered_at else None
        who = row.answered_by.name if row.answered_by else "somebody"
        raise Conflict(
            f"{who} answered this already{f' on {when:%-d %B %Y at %H:%M}' if when else ''}: "
            f"{row.get_status_display().lower()}."
        )
    if not approve and not answer.strip():
        raise ValidationError({"answer": "Enter why it is refused"})
    target = Extension.Status.APPROVED if approve else Extension.Status.REFUSED
    EXTENSION.step(row.status, target)
    row.status, row.answered_by, row.answered_at, row.answer = target, by, timezone.now(), answer.strip()
    row.save(update_fields=["status", "answered_by", "answered_at", "answer"])
    audit.event(
        by=by,
        kind="case.extension_answered",
        text=f"{row.more} of {row.case_service.service.name}: {target.label.lower()}",
        about=row,
    )
    tell(
        row.asked_by,
        key=f"extension-answered:{row.pk}",
        subject="Your question for an extension is answered",
        text=f"The extension that you asked for was {target.label.lower()}.",
        url_name="case-services",
        pk=row.case_service.case_id,
        about=row,
    )
    return row
