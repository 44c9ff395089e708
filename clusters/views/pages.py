"""What the pages of this app share: one way to show a form and carry it out once."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cluster_ehs.core import slots
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.once import answered, once
from clusters import policies
from clusters.http import UserRequest
from clusters.people import duties


def form_page(
    request: UserRequest,
    form: Any,
    *,
    title: str,
    act: Callable[[], str],
    done: str,
    back: str,
    template: str = "clusters/form.html",
    **context: Any,
) -> HttpResponse:
    """Show a form; when it is sent and right, run `act` once and go to the address that it gives.

    A ValidationError of the service goes to the fields that it names, and nothing of `act` stays.
    """
    if request.method == "POST" and not form.is_valid() and (earlier := done_before(request, form)):
        return redirect(earlier)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                token = getattr(form, "token", None)
                url = once(user_id=request.user.pk, key=str(token), make=act) if token else act()
        except ValidationError as error:
            add_errors(form, error)
        except IntegrityError as error:
            raise Conflict("Somebody saved the same thing at this moment. Load the page again.") from error
        else:
            messages.success(request, done)
            return redirect(url)
    if not form.cancel_url:
        form.cancel_url = back
    page = {"form": form, "title": title, "back_url": back}
    return render(request, template, {**page, **settings_nav(request), **context})


def done_before(request: UserRequest, form: Any) -> str | None:
    """Where the first delivery of this form led. The second may be invalid for no other reason than the first:
    the name that it adds is there already."""
    return answered(user_id=request.user.pk, key=getattr(form, "token", None))


def add_errors(form: Any, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name != NON_FIELD_ERRORS and name in form.fields else None, errors)


SECTIONS = (
    ("settings", "Overview", False),
    ("settings-clusters", "Clusters", False),
    ("settings-schools", "Schools", True),
    ("settings-services", "Services", False),
    ("settings-interpreters", "Interpreters", False),
    ("settings-contributions", "Schools’ contributions", False),
    ("settings-partners", "Partner services", True),
    ("settings-vocabularies", "Code lists", True),
    ("settings-staff", "Staff", False),
    ("settings-access-reviews", "Access", False),
    ("settings-duty", "Risk of harm", False),
    ("settings-supervision", "Supervision", True),
    ("settings-translations", "Translations", True),
    ("settings-live", "Live data", True),
    ("settings-changes", "Changes", False),
)


def settings_nav(request: UserRequest) -> dict[str, Any]:
    """The tabs of the settings pages; leaders see those that concern their Cluster."""
    if not request.path.startswith(reverse("settings")) or not policies.can_see_settings(request.user):
        return {}
    manager = duties(request.user).is_manager
    items = []
    others = [(each["url_name"], each["label"], False) for each in slots.gather("settings.nav", request)]
    for name, label, for_managers in (*SECTIONS[:-1], *others, SECTIONS[-1]):
        if for_managers and not manager:
            continue
        url = reverse(name)
        current = request.path == url or (name != "settings" and request.path.startswith(url))
        items.append({"label": label, "url": url, "current": current})
    return {"settings_nav": items, "manages": manager}


def settings_page(request: UserRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {**context, **settings_nav(request)})
