"""What a leader's home says of the waiting lists and of what was passed on, read together."""

from collections.abc import Collection
from typing import Any

from django.db.models import DateField, QuerySet, Value
from django.http import HttpRequest

from triage.selectors.ledger import Partner, partner_rows, partners_of
from triage.selectors.waiting import Queue, queue_rows, queues_of

# Each half of the union with the names of its own columns, in the order that both share.
_QUEUE = ("service_id", "service__code", "service__name", "service__order", "since", "waiting", "over", "unasked")
_PARTNER = ("partner_id", "status", "partner__name", "partner__order", "none", "n", "late", "nought")


def queues_and_partners(request: HttpRequest, clusters: Collection[int]) -> tuple[list[Queue], list[Partner]]:
    """Both in one statement, once for a page."""
    kept = request.__dict__.get("_queues_and_partners")
    if kept is None:
        kept = request.__dict__["_queues_and_partners"] = _read(clusters)
    return kept


def _read(clusters: Collection[int]) -> tuple[list[Queue], list[Partner]]:
    nothing = {"none": Value(None, DateField()), "nought": Value(0)}
    queues = _part(queue_rows(clusters).annotate(part=Value(0)), _QUEUE)
    partners = _part(partner_rows(clusters).annotate(part=Value(1), **nothing), _PARTNER)
    # By part, order and name, as each has them by itself.
    rows = list(queues.union(partners, all=True).order_by("part", "service__order", "service__name"))
    return (
        queues_of([dict(zip(_QUEUE, row[1:], strict=True)) for row in rows if row[0] == 0]),
        partners_of([dict(zip(_PARTNER, row[1:], strict=True)) for row in rows if row[0] == 1]),
    )


def _part(rows: QuerySet, names: tuple[str, ...]) -> Any:
    return rows.order_by().values_list("part", *names)
