"""Settings: which instruments are used, and the licences of those that need one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from clusters.views.pages import form_page, settings_page
from outcomes.measures import policies, selectors
from outcomes.measures.forms import LicenceForm, UseForm
from outcomes.measures.models import Instrument
from outcomes.measures.services import licences_on, record_licence, set_use

FORM = ["GET", "HEAD", "POST"]


def settings_entry(request: UserRequest) -> dict[str, Any]:
    return {
        "label": "Measures",
        "url_name": "settings-measures",
        "about": "Questionnaires and scales: their licences, and which are used",
    }


@require_safe
def instrument_list(request: UserRequest) -> HttpResponse:
    policies.check_see_instruments(request.user)
    rows = Instrument.objects.prefetch_related("licences").order_by("order", "name")
    return settings_page(request, "outcomes/measures/settings.html", instruments=rows)


def _instrument(code: str) -> Instrument:
    return get_object_or_404(selectors.with_questions(Instrument.objects.all()), code=code)


@require_http_methods(FORM)
def instrument(request: UserRequest, code: str) -> HttpResponse:
    """What it asks and how it is scored; a manager says whether it is used."""
    policies.check_see_instruments(request.user)
    if request.method == "POST":
        policies.check_set_instruments(request.user)
    found = _instrument(code)
    form = UseForm(posted(request), instrument=found)

    def act() -> str:
        set_use(by=request.user, instrument=found, **form.choice)
        return reverse("settings-measures")

    today = timezone.localdate()
    return form_page(
        request,
        form,
        title=found.name,
        act=act,
        done="Saved.",
        back=reverse("settings-measures"),
        template="outcomes/measures/setting.html",
        instrument=found,
        total_bands=[band for band in found.bands.all() if band.item_id is None],
        licensed=not found.licence_needed or bool(licences_on(found, today)),
        licences=found.licences.select_related("recorded_by"),
        today=today,
        changes_it=duties(request.user).is_manager,
    )


@require_http_methods(FORM)
def licence_new(request: UserRequest, code: str) -> HttpResponse:
    policies.check_set_instruments(request.user)
    found = get_object_or_404(Instrument, code=code, licence_needed=True)
    form = LicenceForm(posted(request))

    def act() -> str:
        record_licence(by=request.user, instrument=found, **form.values)
        return reverse("settings-measure", args=[code])

    return form_page(
        request,
        form,
        title=f"Licence for {found.name}",
        act=act,
        done="Recorded. You can switch it on now.",
        back=reverse("settings-measure", args=[code]),
        template="outcomes/measures/licence.html",
        instrument=found,
    )
