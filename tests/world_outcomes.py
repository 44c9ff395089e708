"""Readings and needs for the walk over every address (`tests.world`)."""

from typing import Any

from django.utils import timezone

from cases.models import Case
from clusters.models import User
from families.models import Person
from outcomes.models import AvertedReason, AvertedStep, FamilyReading, ReadingPoints, ReadingSample, SecondReading
from outcomes.readings.scale import Domain


def read_and_needed(case: Case, child: Person, worker: User, leader: User) -> dict[str, Any]:
    """A reading, which the leader is to rate again. A restricted record is in no sample."""
    keys = {"cluster_id": case.cluster_id, "family_id": case.family_id}
    day = timezone.localdate()
    reading = FamilyReading.objects.create(**keys, case=case, moment="start", taken_on=day, author=worker)
    ReadingPoints.objects.bulk_create(
        ReadingPoints(**keys, reading=reading, domain=domain, points=4) for domain in Domain.values
    )
    sample = ReadingSample.objects.create(
        cluster_id=case.cluster_id,
        moments=["start"],
        starts_on=day,
        ends_on=day,
        wanted=1,
        frame=1,
        seed=1,
        reader=leader,
        drawn_by=leader,
    )
    second = SecondReading.objects.create(**keys, sample=sample, reading=reading, reader=leader)
    averted = AvertedStep.objects.create(
        **keys, case=case, level="protection", averted_on=day, judged_by="taf", author=worker
    )
    AvertedReason.objects.create(**keys, averted=averted, text="Gran moved in")
    return {
        "averted": averted.pk,
        "reading": reading.pk,
        "second_reading": second.pk,
        **({"reading_sample": sample.pk} if not case.family.restricted else {}),
    }
