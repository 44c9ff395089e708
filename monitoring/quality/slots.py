"""What data quality shows on the pages of records, in My work and on the homes."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from cases.models import Case, CaseStatus
from cluster_ehs.core import numbers, slots
from cluster_ehs.core.figures import percentage
from cluster_ehs.core.tasks import SWEEPS
from clusters.http import UserRequest
from clusters.people import duties
from families.models import Family
from monitoring.principles_views import standing_of
from monitoring.quality import policies, selectors, services
from monitoring.quality.models import Finding
from referrals.models import Referral

MINE, SEVERE = "to put right", "to put right, severe"
OF_CLUSTER, SEVERE_OF_CLUSTER = "to put right in the Cluster", "to put right in the Cluster, severe"
IN_WORK, WITHOUT_SEVERE = "families in the work, when last checked", "families without a severe finding"


def of_case(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any] | None:
    """What is to be put right in the family's records, on the overview of a case; closed when it was put right."""
    if case.status == CaseStatus.CLOSED:
        return None
    found = standing_of(request, case)
    return _of_family(request, case.family_id) if found and found.to_put_right else None


def of_family(request: HttpRequest, *, family: Family, **_: Any) -> dict[str, Any] | None:
    return _of_family(request, family.pk)


def of_referral(request: HttpRequest, *, referral: Referral, **_: Any) -> dict[str, Any] | None:
    return _of_family(request, referral.family_id)


def _of_family(request: Any, family_id: UUID) -> dict[str, Any] | None:
    left = services.close_put_right(family_id)
    if not left:
        return None
    return {
        "lines": [(selectors.line(row), policies.can_set_aside(request.user, row)) for row in left],
        "number": sum(not row.is_aside for row in left),
    }


def _own(request: HttpRequest, **narrow: Any) -> QuerySet | None:
    user: Any = request.user
    rows = Finding.objects.to_do().filter(ask=user, rule__owner="worker", rule__active=True, **narrow)
    return rows.filter(cluster_id__in=duties(user).clusters) if duties(user).clusters else None


def _of_leader(request: HttpRequest, **narrow: Any) -> QuerySet | None:
    leads = duties(request.user).leads  # type: ignore[arg-type]
    return Finding.objects.to_do().filter(cluster_id__in=leads, rule__active=True, **narrow) if leads else None


def _scores(request: HttpRequest) -> QuerySet | None:
    """The latest score of each Cluster that the reader leads."""
    leads = duties(request.user).leads  # type: ignore[arg-type]
    return selectors.latest_scores(leads) if leads else None


def in_my_work(request: UserRequest) -> dict[str, Any]:
    """One line, not a flood: how many things are to be put right. Counted with the page's other numbers."""
    number, severe = numbers.of(request, MINE), numbers.of(request, SEVERE)
    if not number:
        return {"overdue": [], "this_week": []}
    url = reverse("quality-mine") + "?of=me"
    line = {
        "title": f"{number} thing{'' if number == 1 else 's'} to put right in your records",
        "detail": f"{severe} of them severe" if severe else "None of them is severe",
        "url": url,
        "action": "Put right",
        "action_url": url,
        "days_late": 0,
        "when": None,
    }
    return {"overdue": [line], "this_week": []}


def at_leaders_home(request: UserRequest) -> dict[str, Any]:
    """The score of the leader's Clusters and how many findings they have. Counted with the page's other numbers."""
    return {
        "number": numbers.of(request, OF_CLUSTER),
        "severe": numbers.of(request, SEVERE_OF_CLUSTER),
        "score": percentage(numbers.of(request, WITHOUT_SEVERE), numbers.of(request, IN_WORK)),
    }


def works_in(user: Any, **about: Any) -> bool:
    """Findings stand on a record's page for those who work in its Cluster."""
    record = about.get("case") or about.get("family") or about.get("referral")
    return record is None or record.cluster_id in duties(user).clusters


def fill_all() -> None:
    if services.carry_on not in SWEEPS:
        SWEEPS.append(services.carry_on)
    numbers.count(MINE, _own)
    numbers.count(SEVERE, lambda request: _own(request, rule__severity="severe"))
    numbers.count(OF_CLUSTER, _of_leader)
    numbers.count(IN_WORK, _scores, sum_of="records")
    numbers.count(WITHOUT_SEVERE, _scores, sum_of="without_severe")
    numbers.count(SEVERE_OF_CLUSTER, lambda request: _of_leader(request, rule__severity="severe"))
    template = "monitoring/quality/of_record.html"
    slots.fill("case.overview.side", order=80, template=template, selector=of_case, policy=works_in)
    slots.fill("family.beside", order=70, template=template, selector=of_family, policy=works_in)
    slots.fill("referral.beside", order=70, template=template, selector=of_referral, policy=works_in)
    slots.fill("my_work", order=80, template="quality:my_work", selector=in_my_work, policy=policies.has_findings)
    slots.fill(
        "home.side",
        order=70,
        template="monitoring/quality/at_home.html",
        selector=at_leaders_home,
        policy=lambda user, **_: bool(duties(user).leads),
    )
    slots.fill(
        "settings.nav",
        order=70,
        template="quality:settings",
        selector=lambda request: {
            "label": "Data quality",
            "url_name": "settings-quality",
            "about": "The rules by which records are looked through: which hold, how grave, whose to put right.",
        },
        policy=policies.is_manager,
    )
