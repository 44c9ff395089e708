"""Who may do what with a case. What may be *seen* is decided by the row policies of the database (domain section 5)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Case, CaseService, CaseStatus, Cover, LeadWorker
from cluster_ehs.core.denied import Denied
from clusters.models import Role, User
from clusters.people import duties

ONLY_WORKERS = (
    "Only the lead worker, a worker of one of its services, who covers for them today or the Cluster leader can write "
    "in this case. You can read it."
)


def lead_worker(case: Case) -> User | None:
    """The one who holds the plan today."""
    row = LeadWorker.objects.filter(case=case, ends_on__isnull=True).select_related("worker").first()
    return row.worker if row else None


def worked_on_by(user: User) -> QuerySet[Case]:
    """For `Exists` beside a case: its lead worker, the worker of an active service, or who covers it today."""
    return Case.objects.filter(
        Q(lead_workers__worker=user, lead_workers__ends_on__isnull=True)
        | Q(services__worker=user, services__status=CaseService.Status.ACTIVE)
        | Q(pk__in=Cover.objects.today().filter(covering=user).values("case_id")),
        pk=OuterRef("pk"),
    )


def works_on(user: User, case: Case) -> bool:
    """Whether the user leads this case, gives an active service in it, or covers it today."""
    if case.cluster_id not in duties(user).clusters:
        return False
    return Case.objects.filter(Exists(worked_on_by(user)), pk=case.pk).exists()


def leads_cluster(user: User, cluster_id: int) -> bool:
    return cluster_id in duties(user).leads


def can_write(user: User, case: Case) -> bool:
    return leads_cluster(user, case.cluster_id) or works_on(user, case)


def check_works_in_cases(user: User) -> None:
    """Before it is known which case: whoever neither leads nor works in a Cluster writes in none."""
    if not duties(user).clusters:
        raise Denied("Only practitioners and leaders of a Cluster log contacts.")


def check_write(user: User, case: Case) -> None:
    if not can_write(user, case):
        raise Denied(ONLY_WORKERS)


def check_open(case: Case) -> None:
    """A closed case is read, not written; it would have to be opened again."""
    if case.status == CaseStatus.CLOSED:
        day = f"{case.closed_on:%-d %B %Y}" if case.closed_on else "earlier"
        raise Denied(f"This case was closed on {day}. A leader can open it again; until then nothing is added to it.")


def check_leads(user: User, cluster_id: int, what: str = "do this") -> None:
    if not leads_cluster(user, cluster_id):
        raise Denied(f"Only a leader of this Cluster can {what}.")


def check_allocate(user: User, cluster_id: int) -> None:
    check_leads(user, cluster_id, "allocate a family")


def check_allocates(user: User) -> None:
    """Before it is known which family: whoever leads no Cluster allocates nobody."""
    if not duties(user).leads:
        raise Denied("Only a leader of a Cluster can allocate a family.")


def check_hand_over(user: User, case: Case) -> None:
    check_leads(user, case.cluster_id, "hand a case over to another lead worker")


def check_share_plan(user: User, case: Case) -> None:
    """The family's private link is made and taken back by the lead worker or a leader."""
    if leads_cluster(user, case.cluster_id):
        return
    holder = lead_worker(case)
    if holder is None or holder.pk != user.pk:
        raise Denied("Only the lead worker or the Cluster leader can give the family its private link.")


def staff_of_clusters(user: User, **_: object) -> bool:
    """Practitioners and leaders: those who read the cases of a Cluster."""
    return bool(duties(user).clusters)


def sees_case_list(user: User, **_: object) -> bool:
    return bool(duties(user).clusters) or duties(user).is_manager


def is_clinical_supervisor(user: User, **_: object) -> bool:
    return duties(user).has(Role.CLINICAL_SUPERVISOR)


def is_leader(user: User, **_: object) -> bool:
    return bool(duties(user).leads)


def is_practitioner(user: User, **_: object) -> bool:
    return bool(duties(user).works_in)


def check_sees_case_list(user: User) -> None:
    if not sees_case_list(user):
        raise Denied("The list of cases is for the practitioners and leaders of a Cluster and for managers.")


def check_supervises(user: User) -> None:
    if not is_clinical_supervisor(user):
        raise Denied("Supervised sessions are read by the clinical supervisor of their worker.")


def check_staff_of(user: User, cluster_id: int) -> None:
    if cluster_id not in duties(user).clusters:
        raise Denied("This is for those who work in this Cluster.")


def check_staff(user: User) -> None:
    if not staff_of_clusters(user):
        raise Denied("This is for the practitioners and leaders of a Cluster.")
