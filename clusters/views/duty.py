"""Settings: who is told of a risk of significant harm."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clusters import policies, selectors
from clusters.duty import on_duty
from clusters.duty_forms import AbsenceForm, DutyContactForm
from clusters.forms import EndForm
from clusters.http import UserRequest
from clusters.models import DutyContact
from clusters.services import duty
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_safe
def duty_list(request: UserRequest) -> HttpResponse:
    """Who would be told now, in each Cluster; everybody who is on the list, and who is away."""
    policies.check_see_settings(request.user)
    now = timezone.now()
    # The city has a few dozen Clusters; a leader one or two.
    chains = [(cluster, on_duty(cluster.pk, now)) for cluster in selectors.clusters_of(request.user)]
    return settings_page(
        request,
        "clusters/duty.html",
        chains=chains,
        contacts=selectors.duty_contacts(request.user),
        absences=selectors.absences(request.user),
    )


@require_http_methods(FORM)
def duty_new(request: UserRequest) -> HttpResponse:
    policies.check_see_settings(request.user)
    form = DutyContactForm(request.POST if request.method == "POST" else None, user=request.user)
    back = reverse("settings-duty")

    def act() -> str:
        duty.add_contact(by=request.user, **form.values)
        return back

    return form_page(request, form, title="Somebody who is told", act=act, done="Saved.", back=back)


@require_http_methods(FORM)
def duty_end(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(DutyContact.objects.select_related("cluster", "user"), pk=pk)
    policies.check_duty(request.user, found.cluster)
    data = request.POST if request.method == "POST" else None
    form = EndForm(data, label="First day on which they are told no more", submit_label="End it")
    back = reverse("settings-duty")

    def act() -> str:
        duty.end_contact(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"{found.called}: told no more", act=act, done="Saved.", back=back)


@require_http_methods(FORM)
def absence_new(request: UserRequest) -> HttpResponse:
    policies.check_see_settings(request.user)
    form = AbsenceForm(request.POST if request.method == "POST" else None, user=request.user)
    back = reverse("settings-duty")

    def act() -> str:
        duty.add_absence(by=request.user, **form.values)
        return back

    return form_page(request, form, title="Somebody is away", act=act, done="Saved.", back=back)
