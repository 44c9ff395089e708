"""What schools pay their Cluster [G]: dated settings by financial year, the latest holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from clusters import policies
from clusters.changes import record, said, wrong
from clusters.models import Cluster, School, SchoolContribution, SchoolMembership, User
from clusters.services.budgets import financial_year, year_in_words

MOST = 1_000_000_000


@transaction.atomic
def set_contribution(
    *, by: User, cluster: Cluster, school: School, year: int, pence: int, effective_from: date, source: str = ""
) -> SchoolContribution:
    """What a school pays for a whole financial year as it holds from a day on. Earlier sums stay to be seen.

    Raises Denied (a manager, or the leader of the Cluster), ValidationError by field.
    """
    policies.check_set_contribution(by, cluster)
    if not 0 <= pence <= MOST:
        raise wrong("pounds", f"Enter a sum from £0 to £{MOST // 100:,}.")
    if effective_from >= date(year + 1, 4, 1):
        raise wrong("effective_from", f"The financial year {year_in_words(year)} ends before that day.")
    same = SchoolContribution.objects.filter(cluster=cluster, school=school, year=year, effective_from=effective_from)
    if same.exists():
        raise wrong("effective_from", f"There is a sum from {said(effective_from)} already.")
    made = SchoolContribution(
        cluster=cluster, school=school, year=year, pence=pence, effective_from=effective_from, source=source
    )
    made.full_clean()
    made.save()
    text = f"{school} pays {cluster} £{pence / 100:,.2f} for {year_in_words(year)}, from {said(effective_from)}."
    record(by=by, kind="contribution", text=text, about=made)
    return made


def all_contributions(clusters: Collection[int]) -> list[SchoolContribution]:
    found = SchoolContribution.objects.filter(cluster_id__in=clusters)
    return list(found.select_related("cluster", "school"))


def members(clusters: Collection[int], start: date, end: date) -> list[SchoolMembership]:
    """Memberships of schools on a day of a period, by name."""
    found = SchoolMembership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=start), cluster_id__in=clusters, starts_on__lte=end
    )
    return list(found.select_related("school", "cluster").order_by("school__name", "school_id", "cluster__name"))


def contributed(clusters: Collection[int], start: date, end: date, on: date) -> dict[int, int]:
    """School -> pence for the days of a period: each financial year's sum by the share of its days, half up.

    on: the day whose sums hold. A school without a sum is not in it.
    """
    rows = SchoolContribution.objects.filter(
        cluster_id__in=clusters,
        year__range=(financial_year(start), financial_year(end)),
        effective_from__lte=on,
    ).order_by("effective_from", "pk")
    holds = {(row.cluster_id, row.school_id, row.year): row.pence for row in rows}
    sums: dict[int, int] = {}
    for (_, school, year), pence in holds.items():
        first, after = date(year, 4, 1), date(year + 1, 4, 1)
        days = (min(end + timedelta(days=1), after) - max(start, first)).days
        whole = (after - first).days
        sums[school] = sums.get(school, 0) + (2 * pence * max(days, 0) + whole) // (2 * whole)
    return sums
