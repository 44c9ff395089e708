"""How heavy a case weighs against capacity: settings with a date, the latest that has begun counts."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clusters import policies
from clusters.changes import record, said, wrong
from clusters.models import CaseWeight, Service, Stage, User


@transaction.atomic
def set_weight(
    *, by: User, weight: Decimal, effective_from: date, service: Service | None = None, stage: str = ""
) -> CaseWeight:
    """A weight of a service or of a stage from a day on. Earlier ones stay.

    Raises Denied unless a manager acts, ValidationError by field.
    """
    policies.check_manage(by)
    if (service is None) == (stage == ""):
        raise wrong("what", "Choose a service or a stage.")
    if CaseWeight.objects.filter(service=service, stage=stage, effective_from=effective_from).exists():
        raise wrong("effective_from", f"There is a weight from {said(effective_from)} already.")
    made = CaseWeight(service=service, stage=stage, weight=weight, effective_from=effective_from)
    made.full_clean()
    made.save()
    name = service.name if service else Stage(stage).label
    record(by=by, kind="weight", text=f"{name} weighs {weight} from {said(effective_from)}.", about=made)
    return made


def weight_of(*, service_id: int | None = None, stage: str = "", on: date | None = None) -> Decimal:
    """What a service or a stage weighs on a day; 1 when nobody has set it."""
    day = on or timezone.localdate()
    rows = CaseWeight.objects.filter(Q(service_id=service_id), stage=stage, effective_from__lte=day)
    found = rows.order_by("-effective_from").values_list("weight", flat=True).first()
    return Decimal(1) if found is None else found


def all_weights() -> list[CaseWeight]:
    return list(CaseWeight.objects.select_related("service").order_by("stage", "service__order", "-effective_from"))
