"""What waits for a second person, on the homes of managers."""

from typing import Any

from django.db.models import Value
from django.urls import reverse

from clusters.http import UserRequest
from clusters.models import AccountRequest, ManagerRequest, User
from clusters.people import duties
from clusters.roles.models import CONFIRM_WITHIN


def is_manager(user: User, **_: Any) -> bool:
    return duties(user).is_manager


def has_no_role(user: User, **_: Any) -> bool:
    return not duties(user).roles


def to_confirm(request: UserRequest) -> dict[str, Any] | None:
    """Roles and changes of accounts that this manager may confirm, in one statement; nothing when there are none."""
    roles, accounts = (
        model.objects.filter(status="waiting").exclude(user=request.user).exclude(asked_by=request.user).order_by()
        for model in (ManagerRequest, AccountRequest)
    )
    columns = ("pk", "user__name", "asked_at")
    rows = roles.values_list(*columns, Value("")).union(accounts.values_list(*columns, "what"), all=True)
    labels = dict(AccountRequest.What.choices)
    found = [
        {
            "url": reverse("settings-account-request" if what else "settings-manager-request", args=[pk]),
            "text": f"{name}: {labels[what]}" if what else name,
            "until": asked_at + CONFIRM_WITHIN,
        }
        for pk, name, asked_at, what in rows
    ]
    return {"requests": sorted(found, key=lambda row: row["until"])} if found else None
