"""What every writing view here does: once per form, and a rule's refusal at its field."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from cluster_ehs.core.forms import EhsForm
from cluster_ehs.core.once import once
from clusters.http import UserRequest


def write_once(request: UserRequest, form: EhsForm, make: Callable[[], str]) -> str | None:
    """Carry the form out, the first time it is sent; answers the address to go to, the same for a second delivery.

    A ValidationError of the service stands at its field, nothing is written, and the answer is None.
    """
    try:
        with transaction.atomic():
            return once(user_id=request.user.pk, key=form.token, make=make)
    except ValidationError as error:
        add_errors(form, error)
        return None


def add_errors(form: EhsForm, error: ValidationError) -> None:
    """Errors by field; one of a field that this form does not show stands above it."""
    by_field: dict[str | None, list[Any]] = getattr(error, "error_dict", None) or {None: error.error_list}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, [e.message for e in errors])
