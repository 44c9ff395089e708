"""What every page that changes a family's record does: load it, show one form, tell the second of two editors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from cluster_ehs.core import audit
from cluster_ehs.core.form_answers import differences
from cluster_ehs.core.forms import EhsForm
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from families import policies
from families.models import Family
from families.services import Stale


def editable_family(request: UserRequest, pk: UUID) -> Family:
    """The family, when the user may change it; 404 when it cannot be seen, 403 when it may only be read."""
    family = get_object_or_404(Family.objects.select_related("cluster"), pk=pk)
    policies.check_edit(request.user, family)
    return family


def form_page(request: UserRequest, family: Family, form: EhsForm, title: str, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "family": family,
        "back_url": reverse("family", args=[family.pk]),
        "back_label": str(family),
    }
    return render(request, "families/form.html", context | more, status=409 if more.get("conflict") else 200)


def with_version(request: UserRequest, version: int) -> Any:
    """What was posted, with the version of today: the next save is made knowing the other text."""
    data = request.POST.copy()
    data["version"] = str(version)
    return data


def ask(
    request: UserRequest,
    family: Family,
    form_of: Callable[..., EhsForm],
    *,
    title: str,
    done: str,
    save: Callable[[EhsForm], Any],
    record: Any = None,
    said: Callable[[Any], dict[str, Any]] = lambda record: {},
    initial: dict[str, Any] | None = None,
    lead: str = "",
) -> HttpResponse:
    """One form: shown, read and saved.

    form_of(data, initial=…, version=…) makes it. record: what is changed; without one the form makes something, once
    however often it is sent. said(record): what the record says, as the form takes it.
    """
    options: dict[str, Any] = {"cancel_url": reverse("family", args=[family.pk])}
    version = record.version if record is not None else None
    before = said(record) if record is not None and request.method == "GET" else initial
    form = form_of(posted(request), initial=before, version=version, **options)
    if request.method == "POST" and form.is_valid():
        try:
            if record is None:
                once(user_id=request.user.pk, key=form.token, make=lambda: _key(save(form)))
            else:
                save(form)
        except Stale as stale:
            form = form_of(with_version(request, stale.now.version), version=stale.now.version, **options)
            form.is_valid()
            theirs = differences(form, said(stale.now))
            return form_page(request, family, form, title, theirs=theirs, conflict=True, lead=lead)
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                form.add_error(name if name in form.fields else None, texts)
        else:
            messages.success(request, done)
            return redirect("family", pk=family.pk)
    elif request.method == "GET" and record is not None:
        audit.look(by=request.user, at=family, page="family")
    return form_page(request, family, form, title, lead=lead)


def _key(made: Any) -> str:
    return str(made[0].pk if isinstance(made, list) else made.pk)
