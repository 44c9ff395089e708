"""Evaluation: an extract that was taken, one that has ended, and the need segments of two Clusters."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cluster_ehs.core.scope import acting_as_user
from clusters.models import Cluster, User
from monitoring.extract import services as extracts
from monitoring.segments import services as segments

EXTRACTS: tuple[tuple[dict[str, Any], str], ...] = (
    (
        {
            "purpose": "How long families wait between referral and first contact, for a student’s thesis.",
            "recipient": "Wen Invented, University of the North",
            "basis": "research",
            "ethics_reference": "REC 26/114",
        },
        "Handed over by the secure portal",
    ),
    (
        {
            "purpose": "Who is reached, how soon, and what changes: the second evaluation of the Clusters.",
            "recipient": "Ada Invented, Institute of Public Health",
            "basis": "task",
        },
        "First delivery, by the secure portal",
    ),
)


def make_evaluation(manager: User) -> None:
    """Two years of every Cluster, asked for by the manager and worked out at once."""
    today = timezone.localdate()
    span: dict[str, Any] = {
        "clusters": list(Cluster.objects.filter(retired_on__isnull=True)),
        "period_from": today - timedelta(days=2200),
        "period_to": today,
    }
    for number, (about, why) in enumerate(EXTRACTS):
        with acting_as_user(manager.pk):
            extract = extracts.ask_extract(by=manager, **span, **about)
        extracts.make_extract(extract.pk)
        with acting_as_user(manager.pk):
            extract.refresh_from_db()
            extracts.take_extract(by=manager, extract=extract, why=why)
            if number == 0:
                extracts.end_extract(by=manager, extract=extract)
    with acting_as_user(manager.pk):
        run = segments.ask_segments(by=manager, **span)
    segments.make_segments(run.pk)
