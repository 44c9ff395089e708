"""Settings: what schools pay their Cluster."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clusters import policies, selectors
from clusters.contribution_forms import ContributionForm
from clusters.http import UserRequest
from clusters.services.budgets import year_in_words
from clusters.services.contributions import all_contributions, members, set_contribution
from clusters.views.pages import form_page


@require_http_methods(["GET", "HEAD", "POST"])
def contributions(request: UserRequest) -> HttpResponse:
    """What the schools of the reader's Clusters pay, and a form for the next sum."""
    policies.check_see_settings(request.user)
    clusters = [cluster.pk for cluster in selectors.clusters_of(request.user).filter(retired_on=None)]
    today = timezone.localdate()
    form = ContributionForm(request.POST or None, members=members(clusters, today, today))

    def act() -> str:
        set_contribution(by=request.user, **form.values)
        return reverse("settings-contributions")

    return form_page(
        request,
        form,
        title="Contributions of schools",
        act=act,
        done="Saved.",
        back=reverse("settings"),
        template="clusters/contributions.html",
        rows=[(e, year_in_words(e.year), f"{e.pence / 100:,.2f}") for e in all_contributions(clusters)],
        today=today,
    )
