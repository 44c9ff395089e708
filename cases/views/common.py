"""What the views of a case share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from cases.policies import ONLY_WORKERS, check_open
from cluster_ehs.core import drafts
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Draft
from clusters.http import UserRequest

SAVED_ALREADY = (
    "This was saved already, and what you send now says something else. Look at what was saved; then add to it what "
    "you wrote since."
)


def content(request: UserRequest) -> drafts.Fields:
    """What a form says, whichever page sent it: to tell a form sent twice from one sent again with other words."""
    return {name: values for name, values in drafts.typed(request).items() if name not in ("once", drafts.PAGE)}


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Show what a service refused beside the field that it names, with everything typed still there."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    for name, messages in by_field.items():
        for message in messages:
            form.add_error(name if name in form.fields else None, message)


def refuse_readers(page: dict[str, Any]) -> None:
    """A page for writing is not for those who only read: 403 with the reason."""
    check_open(page["case"])
    if not page["can_write"]:
        raise Denied(ONLY_WORKERS)


def draft(request: UserRequest, key: str) -> Draft | None:
    """What was being typed, when the page is opened again."""
    return drafts.load(request.user, key) if request.method == "GET" else None
