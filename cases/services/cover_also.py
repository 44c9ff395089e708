"""Cases that come to a worker who is, or will be, away: whoever covers for them covers these too."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.utils import timezone

from cases.models import Case, Cover
from cases.services.common import keys, tell
from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from clusters.models import User
from families.models import NamedReader


def cover_also(case: Case, workers: Iterable[User], *, by: Actor, made_by: User) -> list[Cover]:
    """Extend the standing covers of these workers to a case that comes to them. The caller has locked the case.

    Of several who cover on the same days it is who covers most cases. A restricted record is covered only by those
    named on it, and a case that is covered on these days already stays as it is.
    """
    like = list(
        Cover.objects.standing()
        .filter(worker__in={worker.pk for worker in workers}, cluster_id=case.cluster_id)
        .values("worker_id", "covering_id", "starts_on", "ends_on")
        .annotate(number=Count("pk"))
        .order_by("-number", "starts_on", "covering_id")
    )
    if not like:
        return []
    today = timezone.localdate()
    taken = list(Cover.objects.standing().filter(case=case).values_list("starts_on", "ends_on"))
    people = User.objects.in_bulk({row[key] for row in like for key in ("worker_id", "covering_id")})
    named = set(NamedReader.objects.filter(family=case.family_id).values_list("user_id", flat=True))
    made = []
    for row in like:
        first, last = max(row["starts_on"], today), row["ends_on"]
        worker, covering = people[row["worker_id"]], people[row["covering_id"]]
        if any(start <= last and first <= end for start, end in taken):
            continue
        if case.family.restricted and covering.pk not in named:
            continue
        cover = Cover.objects.create(
            **keys(case),
            case=case,
            worker=worker,
            covering=covering,
            starts_on=first,
            ends_on=last,
            must_know=f"This case came to {worker.name} while you cover for them.",
            made_by=made_by,
        )
        taken.append((first, last))
        made.append(cover)
        text = f"Covered as {worker.name}’s other cases: by {covering.name} until {last:%-d %B %Y}"
        audit.event(by=by, kind="case.cover_arranged", text=text, about=case)
        if covering.pk != by.pk:
            tell(
                covering,
                key=f"cover:{cover.pk}",
                subject="One more case that you cover",
                text="A case came to a worker for whom you cover. Until they are back it stands among your own work.",
                url_name="case",
                pk=case.pk,
                about=cover,
            )
    return made
