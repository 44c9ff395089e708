"""Confirming or refusing a manager's role, and acting up."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from cluster_ehs.core.audit import Actor, Named
from cluster_ehs.core.denied import Conflict
from clusters import policies as settings_policies
from clusters.account_changes.policies import check_apart
from clusters.changes import record, said, wrong
from clusters.models import Cluster, ManagerRequest, Role, StaffRole, User
from clusters.notices import tell
from clusters.roles import policies
from clusters.roles.asking import ask
from clusters.roles.models import CONFIRM_WITHIN
from clusters.services.staff import put_role

# Longer than that is a post, not a cover.
ACTING_AT_MOST = timedelta(days=366)


@transaction.atomic
def ask_for_manager(*, by: User, to: User, reason: str, starts_on: date, ends_on: date | None = None) -> ManagerRequest:
    """Raises Denied, ValidationError naming the field."""
    policies.check_ask(by, to)
    if len(reason.strip()) < 10:
        raise wrong("reason", "Say why, in a few words: who confirms it reads this.")
    return ask(by=by, to=to, reason=reason, starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def answer(asked: ManagerRequest, *, by: User, confirm: bool) -> ManagerRequest:
    """The second person's answer; confirmed, the role is given. Raises Denied, Conflict (answered, lapsed)."""
    asked = ManagerRequest.objects.select_for_update(of=("self",)).select_related("user", "asked_by").get(pk=asked.pk)
    policies.check_confirm(by, asked)
    if confirm:
        check_apart(by, asked.asked_by)
    if asked.status != ManagerRequest.Status.WAITING:
        raise Conflict(f"This was answered already: {asked.get_status_display().lower()}.")
    if timezone.now() > asked.lapses_at:
        raise Conflict("The seven days are over. It must be asked for again.")
    asked.status = ManagerRequest.Status.CONFIRMED if confirm else ManagerRequest.Status.REFUSED
    asked.answered_by, asked.answered_at = by, timezone.now()
    asked.starts_on = max(asked.starts_on, timezone.localdate())
    asked.save(update_fields=["status", "answered_by", "answered_at", "starts_on"])
    if confirm:
        asked.role = put_role(
            by=by,
            to=asked.user,
            role=Role.MANAGER,
            starts_on=asked.starts_on,
            ends_on=asked.ends_on,
            acting_reason=asked.reason if asked.acting else "",
        )
        asked.save(update_fields=["role"])
    word = "Confirmed" if confirm else "Refused"
    record(by=by, kind="role", text=f"{word} {asked}, asked for by {asked.asked_by_name}.", about=asked)
    _tell(asked, asked.asked_by, f"{asked.user}’s role as manager was {word.lower()}")
    if confirm:
        _tell(asked, asked.user, "You are a manager from now on")
    return asked


@transaction.atomic
def act_up(
    *, by: User, to: User, role: str, starts_on: date, ends_on: date, reason: str, cluster: Cluster | None = None
) -> StaffRole | ManagerRequest:
    """Somebody does a higher post for a time, with a reason; it ends by itself. As a manager it is asked for first.

    `ends_on` is the first day without it. Raises Denied, ValidationError naming the field.
    """
    settings_policies.check_give_role(by, to=to, role=role, cluster=cluster)
    if role not in (Role.LEADER, Role.MANAGER):
        raise wrong("role", "Somebody acts up as a Cluster leader or as a manager.")
    if len(reason.strip()) < 10:
        raise wrong("reason", "Say why, in a few words: whom they stand in for.")
    if ends_on <= starts_on or ends_on <= timezone.localdate():
        raise wrong("ends_on", "The end must be after the start, and still to come.")
    if ends_on - starts_on > ACTING_AT_MOST:
        raise wrong("ends_on", "Acting up lasts a year at most. For longer, give the role itself.")
    if not to.roles.today().filter(role__in=[Role.PRACTITIONER, Role.LEADER]).exists():
        raise wrong("role", f"{to} does not work here today. Only staff act up.")
    if role == Role.MANAGER:
        return ask(by=by, to=to, reason=reason, starts_on=starts_on, ends_on=ends_on, acting=True)
    given = put_role(
        by=by, to=to, role=role, cluster=cluster, starts_on=starts_on, ends_on=ends_on, acting_reason=reason.strip()
    )
    tell(
        to,
        key=f"acting-up:{given.pk}",
        subject=f"You act as {Role(role).label} of {cluster}",
        text=f"From {said(starts_on)}. It ends by itself on {said(ends_on)}.",
        url_name="home",
    )
    return given


def lapse_old() -> None:
    """For the sweep of each minute: what nobody confirmed in seven days is over."""
    waiting = ManagerRequest.objects.filter(status=ManagerRequest.Status.WAITING)
    for asked in waiting.filter(asked_at__lt=timezone.now() - CONFIRM_WITHIN).select_related("user", "asked_by"):
        with transaction.atomic():
            late = waiting.select_for_update(skip_locked=True).filter(pk=asked.pk)
            if late.update(status=ManagerRequest.Status.LAPSED):
                nobody: Actor = Named("scheduler")
                record(by=nobody, kind="role", text=f"{asked} was not confirmed in seven days.", about=asked)
                _tell(asked, asked.asked_by, f"{asked.user}’s role as manager was not confirmed in seven days")


def _tell(asked: ManagerRequest, person: User | None, subject: str) -> None:
    tell(
        person,
        key=f"manager-request:{asked.pk}:{asked.status}:{person.pk if person else ''}",
        subject=subject,
        text="Two people are needed for a manager’s role.",
        url_name="home",
    )
