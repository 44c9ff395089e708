"""What a Cluster may spend on interpreters in a financial year, April to March: dated settings, the latest holds."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from clusters import policies
from clusters.changes import record, said, wrong
from clusters.models import Cluster, InterpreterBudget, User

MOST = 100_000_000


def financial_year(day: date) -> int:
    """The year in whose April the financial year of a day begins."""
    return day.year if day.month >= 4 else day.year - 1


def year_in_words(year: int) -> str:
    """“2026 to 2027”."""
    return f"{year} to {year + 1}"


@transaction.atomic
def set_budget(*, by: User, cluster: Cluster, year: int, pence: int, effective_from: date) -> InterpreterBudget:
    """The budget of a financial year as it holds from a day on. Earlier ones stay to be seen.

    Raises Denied (a manager, or the leader of the Cluster), ValidationError by field.
    """
    policies.check_set_budget(by, cluster)
    if not 0 <= pence <= MOST:
        raise wrong("pounds", f"Enter a budget from £0 to £{MOST // 100:,}.")
    if effective_from >= date(year + 1, 4, 1):
        raise wrong("effective_from", f"The financial year {year_in_words(year)} ends before that day.")
    if InterpreterBudget.objects.filter(cluster=cluster, year=year, effective_from=effective_from).exists():
        raise wrong("effective_from", f"There is a budget from {said(effective_from)} already.")
    made = InterpreterBudget(cluster=cluster, year=year, pence=pence, effective_from=effective_from)
    made.full_clean()
    made.save()
    text = f"Interpreters in {cluster}, {year_in_words(year)}: £{pence / 100:,.2f} from {said(effective_from)}."
    record(by=by, kind="budget", text=text, about=made)
    return made


def budgets_of(clusters: Collection[int], year: int, on: date) -> dict[int, int]:
    """What holds on a day, in pence by Cluster. A Cluster without a budget is not in it."""
    rows = InterpreterBudget.objects.filter(cluster_id__in=clusters, year=year, effective_from__lte=on)
    return dict(rows.order_by("effective_from", "pk").values_list("cluster_id", "pence"))


def all_budgets(clusters: Collection[int]) -> list[InterpreterBudget]:
    return list(InterpreterBudget.objects.filter(cluster_id__in=clusters).select_related("cluster"))
