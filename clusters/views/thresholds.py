"""Settings: the authority's thresholds, one dated document after another."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clusters import policies
from clusters.http import UserRequest
from clusters.models import ThresholdDocument
from clusters.services import thresholds
from clusters.threshold_forms import LevelsForm, ThresholdForm
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_safe
def threshold_list(request: UserRequest) -> HttpResponse:
    """Every document with its levels: to come, in force, and those before."""
    policies.check_manage(request.user)
    documents = list(ThresholdDocument.objects.prefetch_related("levels"))
    return settings_page(request, "clusters/thresholds.html", documents=documents, today=timezone.localdate())


@require_http_methods(FORM)
def threshold_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    before = ThresholdDocument.objects.first()
    initial = {"name": before.name, "authority": before.authority} if before else {}
    form = ThresholdForm(request.POST if request.method == "POST" else None, initial=initial)

    def act() -> str:
        made = thresholds.add_document(by=request.user, **form.values)
        return reverse("settings-threshold-edit", args=[made.pk])

    back = reverse("settings-thresholds")
    return form_page(
        request, form, title="A new document of thresholds", act=act, done="Saved. Now its levels.", back=back
    )


@require_http_methods(FORM)
def threshold_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    document = get_object_or_404(ThresholdDocument, pk=pk)
    thresholds.check_to_come(document)
    form = LevelsForm(request.POST if request.method == "POST" else None, document=document)
    back = reverse("settings-thresholds")

    def act() -> str:
        thresholds.change_document(document, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"{document}", act=act, done="Saved.", back=back)
