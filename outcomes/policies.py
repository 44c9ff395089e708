"""Who asks for a closure, who signs it off, who opens a case again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cases.models import Case, CaseStatus
from cases.policies import check_leads, check_open, check_write, lead_worker, leads_cluster
from cluster_ehs.core.denied import Denied
from clusters.models import Role, StaffRole, User
from clusters.people import duties
from families.models import NamedReader
from outcomes.models import Closure, ExitPlan

# A family that comes back later is a re-referral, with its own screening (domain section 2.9).
REOPEN_DAYS = 28


def check_ask(user: User, case: Case, lead: User | None = None) -> None:
    """The lead worker, who holds the plan, or a leader. `lead` saves the look-up where the page knows it."""
    check_open(case)
    if leads_cluster(user, case.cluster_id):
        return
    holder = lead or lead_worker(case)
    if holder is not None and holder.pk == user.pk and case.cluster_id in duties(user).clusters:
        return
    check_write(user, case)
    raise Denied("Only the lead worker or the Cluster leader can ask for the case to be closed.")


def can_ask(user: User, case: Case, lead: User | None = None) -> bool:
    try:
        check_ask(user, case, lead)
    except Denied:
        return False
    return case.status == CaseStatus.OPEN


def check_sign(user: User, closure: Closure) -> None:
    check_leads(user, closure.cluster_id, "sign a closure off or return it")


def check_reopen(user: User, case: Case) -> None:
    check_leads(user, case.cluster_id, "open a closed case again")
    if case.status != CaseStatus.CLOSED or case.closed_on is None:
        raise Denied("This case is not closed.")
    last = case.closed_on + timedelta(days=REOPEN_DAYS)
    if timezone.localdate() > last:
        raise Denied(
            f"This case was closed on {case.closed_on:%-d %B %Y}; it could be opened again until {last:%-d %B %Y}. "
            "A family that comes back later is a re-referral: log a new referral for it."
        )


def can_reopen(user: User, case: Case) -> bool:
    try:
        check_reopen(user, case)
    except Denied:
        return False
    return True


def check_share(user: User, exit_plan: ExitPlan) -> None:
    """Staff of the Cluster: the case may be closed, and its worker gone, when the family is given its plan."""
    if exit_plan.cluster_id not in duties(user).clusters:
        raise Denied("Only staff of this Cluster record that the family has its exit plan.")


def signers(case: Case) -> list[User]:
    """Whom to tell that a closure waits: the Cluster's leaders.

    About a restricted record only a leader who is named for it hears; when none is, a manager (domain section 5).
    """
    roles = StaffRole.objects.today().filter(user__is_active=True).select_related("user")
    leaders = [role.user for role in roles.filter(role=Role.LEADER, cluster_id=case.cluster_id).order_by("pk")]
    if not case.family.restricted:
        return leaders
    named = set(NamedReader.objects.filter(family_id=case.family_id).values_list("user_id", flat=True))
    chosen = [leader for leader in leaders if leader.pk in named]
    return chosen or [role.user for role in roles.filter(role=Role.MANAGER).order_by("pk")]


def reads_text(user: User, *, case: Case | None = None, **_: object) -> bool:
    """Closures are read by the staff who read the record."""
    return case is None or case.cluster_id in duties(user).clusters


def is_leader(user: User, **_: object) -> bool:
    return bool(duties(user).leads)


def is_staff(user: User, **_: object) -> bool:
    return bool(duties(user).clusters)
