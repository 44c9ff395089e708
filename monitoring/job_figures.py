"""How many reports and returns are due and since when, for `/metrics`: of the whole service, no number of a Cluster."""

from datetime import datetime

from django.db.models import Min

from cluster_ehs.core.scope import NamedActor, acting_as
from monitoring.models import ReportRun, ReturnRun

Due = tuple[int, datetime | None]


def reports_due() -> Due:
    with acting_as(NamedActor.SCHEDULER):
        due = ReportRun.objects.exclude(status=ReportRun.Status.DONE)
        return due.count(), due.aggregate(oldest=Min("created_at"))["oldest"]


def returns_due() -> Due:
    with acting_as(NamedActor.SCHEDULER):
        due = ReturnRun.objects.filter(status=ReturnRun.Status.QUEUED)
        return due.count(), due.aggregate(oldest=Min("created_at"))["oldest"]
