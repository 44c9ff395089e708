"""Settings: what a case weighs against a worker's capacity."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clusters import policies
from clusters.http import UserRequest
from clusters.models import Service
from clusters.services.weights import all_weights, set_weight
from clusters.views.pages import form_page
from clusters.weight_forms import WeightForm


@require_http_methods(["GET", "HEAD", "POST"])
def weights(request: UserRequest) -> HttpResponse:
    """The weights of today, those of other days, and a form for the next."""
    policies.check_manage(request.user)
    form = WeightForm(request.POST or None, services=list(Service.objects.filter(retired_on=None)))

    def act() -> str:
        set_weight(by=request.user, **form.values)
        return reverse("settings-weights")

    return form_page(
        request,
        form,
        title="What a case weighs",
        act=act,
        done="Saved.",
        back=reverse("settings-services"),
        template="clusters/weights.html",
        weights=all_weights(),
        today=timezone.localdate(),
    )
