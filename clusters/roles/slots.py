"""What waits for a second person, on the homes of managers."""

from typing import Any

from clusters.http import UserRequest
from clusters.models import AccountRequest, ManagerRequest, User
from clusters.people import duties


def is_manager(user: User, **_: Any) -> bool:
    return duties(user).is_manager


def to_confirm(request: UserRequest) -> dict[str, Any] | None:
    """Requests that this manager may confirm; nothing when there are none."""
    waiting = ManagerRequest.objects.filter(status=ManagerRequest.Status.WAITING).exclude(user=request.user)
    found = [asked for asked in waiting.select_related("user") if asked.asked_by_id != request.user.pk]
    accounts = AccountRequest.objects.filter(status=AccountRequest.Status.WAITING).exclude(user=request.user)
    changes = list(accounts.exclude(asked_by=request.user).select_related("user"))
    return {"requests": found, "changes": changes} if found or changes else None
