"""Who asks, who reads, who says which instruments are used."""

from __future__ import annotations

from cases.models import Case, CaseService
from cases.policies import check_open, check_write, leads_cluster
from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from outcomes.measures.models import How, Instrument, Measure


def check_take(user: User, case: Case) -> None:
    """Who works in the case asks; a closed case takes none (what is asked after the end belongs to the follow-up)."""
    check_write(user, case)
    check_open(case)


def check_correct(user: User, measure: Measure, case: Case) -> None:
    """The author, or a leader of the Cluster; of a private one the author alone."""
    check_open(case)
    if measure.how == How.LINK:
        raise Denied("The family answered this itself, so nobody else corrects it. Ask again instead.")
    if measure.author_id == user.pk and measure.cluster_id in duties(user).clusters:
        return
    if measure.private:
        raise Denied("Only who took this measure corrects it: it belongs to therapy or counselling.")
    if not leads_cluster(user, measure.cluster_id):
        raise Denied("Only who took this measure, or the Cluster leader, corrects it.")


def can_correct(user: User, measure: Measure, case: Case) -> bool:
    try:
        check_correct(user, measure, case)
    except Denied:
        return False
    return True


def check_see_to(user: User, measure: Measure) -> None:
    """Anybody who works in the Cluster and reads the record: who comes first acts, whoever leads the case."""
    if measure.cluster_id not in duties(user).clusters:
        raise Denied("Only staff of this Cluster say what was done about an answer on safety.")


def check_asked_here(instrument: Instrument) -> None:
    if not instrument.in_use:
        raise Denied(f"{instrument.name} is not in use. A manager switches instruments on, under Settings.")


def check_see_instruments(user: User) -> None:
    if not (duties(user).is_manager or duties(user).leads):
        raise Denied("Which measures are used is for managers and Cluster leaders to see.")


def check_set_instruments(user: User) -> None:
    """Licences and use hold for the authority, so they are a manager's."""
    if not duties(user).is_manager:
        raise Denied("Only a manager says which measures are used and records their licences.")


def private_service(user: User, services: list[CaseService]) -> CaseService | None:
    """The therapy or counselling that this user gives in the case: what is asked by them is as private as its notes."""
    return next(
        (
            each
            for each in services
            if each.worker_id == user.pk and each.status == CaseService.Status.ACTIVE and each.service.notes_are_private
        ),
        None,
    )
