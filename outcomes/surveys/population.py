"""Which families can be drawn for a survey: read in a scope that sees rows of whole Clusters, never free text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q

from cases.models import CaseService
from clusters.models import Service
from families.models import Agreement, Family, Person
from outcomes.surveys.models import SurveyInvitation
from outcomes.transfer_models import Transfer, TransferStatus


@dataclass
class Stratum:
    """The families of one service: the keys of those that can be drawn, and how many cannot, by reason."""

    service: Service
    families: list[str] = field(default_factory=list)
    excluded: dict[str, int] = field(default_factory=dict)


def population(*, clusters: Collection[int], services: Collection[Service], start: date, end: date) -> list[Stratum]:
    """Families that had one of the services on a day of the period, by service. Eight queries at most."""
    rows = CaseService.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=start),
        cluster_id__in=clusters,
        service__in=services,
        starts_on__lte=end,
    )
    pairs = set(rows.values_list("service_id", "family_id"))
    why = _reasons({family for _service, family in pairs})
    strata = {service.pk: Stratum(service) for service in services}
    for service_id, family_id in sorted(pairs, key=str):
        stratum = strata[service_id]
        reason = why.get(family_id)
        if reason:
            stratum.excluded[reason] = stratum.excluded.get(reason, 0) + 1
        else:
            stratum.families.append(str(family_id))
    return list(strata.values())


def _reasons(families: Collection[UUID]) -> dict[UUID, str]:
    """Why a family is not asked; the first reason that holds."""
    of_these = {"family_id__in": families}
    agreed = set(Agreement.objects.filter(**of_these, withdrawn_on=None).values_list("family_id", flat=True))
    withdrawn = set(Agreement.objects.filter(**of_these).exclude(withdrawn_on=None).values_list("family_id", flat=True))
    found = {
        "restricted": Family.objects.filter(pk__in=families, restricted=True).values_list("pk", flat=True),
        "deceased": Person.objects.filter(**of_these, is_child=True, deceased=True).values_list("family_id", flat=True),
        "no_agreement": withdrawn - agreed,
        "declined": SurveyInvitation.objects.filter(**of_these, state=SurveyInvitation.State.DECLINED).values_list(
            "family_id", flat=True
        ),
        "moved": Transfer.objects.filter(**of_these, status=TransferStatus.ENDED).values_list("family_id", flat=True),
    }
    why: dict[UUID, str] = {}
    for reason, ones in found.items():
        for family in ones:
            why.setdefault(family, reason)
    return why
