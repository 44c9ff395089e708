"""Settings: what may be spent on interpreters."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clusters import policies, selectors
from clusters.budget_forms import BudgetForm
from clusters.http import UserRequest
from clusters.services.budgets import all_budgets, set_budget, year_in_words
from clusters.views.pages import form_page


@require_http_methods(["GET", "HEAD", "POST"])
def budgets(request: UserRequest) -> HttpResponse:
    """The budgets of the Clusters whose settings the reader sees, and a form for the next."""
    policies.check_see_settings(request.user)
    clusters = list(selectors.clusters_of(request.user).filter(retired_on=None))
    form = BudgetForm(request.POST or None, clusters=clusters)

    def act() -> str:
        set_budget(by=request.user, **form.values)
        return reverse("settings-interpreters")

    found = all_budgets([cluster.pk for cluster in clusters])
    return form_page(
        request,
        form,
        title="Budgets for interpreters",
        act=act,
        done="Saved.",
        back=reverse("settings"),
        template="clusters/budgets.html",
        rows=[(each, year_in_words(each.year), f"{each.pence / 100:,.2f}") for each in found],
        today=timezone.localdate(),
    )
