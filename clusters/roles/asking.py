"""Asking for a manager's role. Confirming it is in `services`, which gives the role."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from cluster_ehs.core.audit import Actor
from clusters.changes import record, said, wrong
from clusters.models import ManagerRequest, Role, StaffRole, User
from clusters.notices import tell

BY_TWO = "A manager’s role is asked for by one person and confirmed by a manager. It cannot be given at once."


def there_is_a_manager() -> bool:
    """False only before the first manager, whom `create_user` makes on the server."""
    return (
        StaffRole.objects.filter(role=Role.MANAGER, user__is_active=True)
        .exclude(ends_on__lte=timezone.localdate())
        .exists()
    )


def needs_two(user: User, *, starts_on: date, ends_on: date | None) -> bool:
    """Whether a manager's role on these days still lacks its second person."""
    found = ManagerRequest.objects.filter(user=user, status=ManagerRequest.Status.CONFIRMED, role=None)
    return there_is_a_manager() and not found.filter(starts_on=starts_on, ends_on=ends_on).exists()


@transaction.atomic
def ask(
    *, by: Actor, to: User, reason: str, starts_on: date, ends_on: date | None = None, acting: bool = False
) -> ManagerRequest:
    """Note the request and tell the managers who may confirm it. Who may ask is the caller's to check.

    Raises ValidationError naming the field.
    """
    to = User.objects.select_for_update().get(pk=to.pk)
    if not to.is_active:
        raise wrong("role", f"{to} has left. Bring the account back first.")
    if by.pk == to.pk:
        raise wrong("role", "Nobody asks for themselves. Let somebody else ask.")
    if ends_on is not None and ends_on <= starts_on:
        raise wrong("ends_on", "The end must be after the start.")
    if ManagerRequest.objects.filter(user=to, status=ManagerRequest.Status.WAITING).exists():
        raise wrong("role", f"{to}’s role as manager is asked for already and waits to be confirmed.")
    if StaffRole.objects.on(starts_on).filter(user=to, role=Role.MANAGER).exists():
        raise wrong("role", f"{to} is a manager already.")
    confirmers = managers_but(by.pk, to.pk)
    if not confirmers:
        raise wrong(
            "role", "There is no other manager to confirm it. Let a Cluster leader ask, and confirm it yourself."
        )
    asked = ManagerRequest(
        user=to,
        reason=reason.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        acting=acting,
        asked_by_id=by.pk,
        asked_at=timezone.now(),
    )
    asked.full_clean(exclude=["reason"])
    asked.save()
    until = f" until {said(ends_on)}" if ends_on else ""
    record(by=by, kind="role", text=f"Asked for {asked} from {said(starts_on)}{until}: {asked.reason}", about=asked)
    for manager in confirmers:
        tell(
            manager,
            key=f"manager-request:{asked.pk}:{manager.pk}",
            subject="A manager’s role waits for you to confirm it",
            text="Somebody is to become a manager. It needs a second person: read who asks and why, within seven days.",
            url_name="settings-manager-request",
            pk=asked.pk,
            urgent=True,
        )
    return asked


def managers_but(*keys: int | None) -> list[User]:
    """Managers of today, in their own right or acting, without those named."""
    roles = (
        StaffRole.objects.today()
        .filter(role=Role.MANAGER, user__is_active=True)
        .exclude(user_id__in=[key for key in keys if key])
    )
    return list(User.objects.filter(pk__in=roles.values("user_id")))
