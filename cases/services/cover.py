"""Cover for absence: made by a leader for some days, ended before its last day when the worker is back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Cover
from cases.policies import check_leads
from cases.selectors.cover import worked_by
from cases.services.allocation import check_may_work
from cases.services.common import keys, tell
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Cluster, Role, StaffRole, User

# Longer than this is no absence: the cases are handed over.
LONGEST = timedelta(days=183)


@transaction.atomic
def cover_cases(
    *,
    by: User,
    worker: User,
    covering: User,
    cluster: Cluster,
    starts_on: date,
    ends_on: date,
    must_know: str,
    cases: Collection[Case],
) -> list[Cover]:
    """Somebody looks after cases of a worker who is away, from the first to the last day, both counted.

    In these cases and on these days `covering` writes as the worker would; the lead worker stays the lead worker, and
    therapy and counselling notes stay closed. Raises Denied (not a leader) or ValidationError (`covering`, `starts_on`,
    `ends_on`, `must_know`, `cases`).
    """
    check_leads(by, cluster.pk, "arrange cover")
    wanted = {case.pk for case in cases}
    mine = set(worked_by(worker, cluster.pk).filter(pk__in=wanted).values_list("pk", flat=True))
    found = list(
        Case.objects.select_for_update(of=("self",)).filter(pk__in=mine).select_related("family").order_by("pk")
    )
    _check(worker, covering, cluster, starts_on, ends_on, must_know, anything=bool(wanted))
    if len(found) < len(wanted):
        raise ValidationError({"cases": f"{worker.name} no longer works in one of these cases. Load the page again"})
    _refuse_overlaps(found, starts_on, ends_on)
    for case in found:
        check_may_work(covering, case.family, starts_on, field="covering")
    made = [
        Cover.objects.create(
            **keys(case),
            case=case,
            worker=worker,
            covering=covering,
            starts_on=starts_on,
            ends_on=ends_on,
            must_know=must_know.strip(),
            made_by=by,
        )
        for case in found
    ]
    days = _days(starts_on, ends_on)
    for cover in made:
        text = f"Arranged cover: {covering.name} for {worker.name}, {days}"
        audit.event(by=by, kind="case.cover_arranged", text=text, about=cover.case)
    if covering.pk != by.pk:
        number = "one case" if len(made) == 1 else f"{len(made)} cases"
        tell(
            covering,
            key=f"cover:{made[0].pk}",
            subject="You cover for somebody who is away",
            text=f"You look after {number} of another worker, {days}. On these days what is due there stands among "
            "your own work. What you need to know is on each case’s page.",
            url_name="home",
        )
    return made


def _days(starts_on: date, ends_on: date) -> str:
    return f"{starts_on:%-d %B %Y} to {ends_on:%-d %B %Y}"


def _check(
    worker: User, covering: User, cluster: Cluster, starts_on: date, ends_on: date, must_know: str, *, anything: bool
) -> None:
    wrong: dict[str, str] = {}
    if covering.pk == worker.pk:
        wrong["covering"] = f"{worker.name} is the one who is away. Choose somebody else"
    elif not works_all_days(covering, cluster.pk, starts_on, ends_on):
        wrong["covering"] = (
            f"{covering.name} does not work in this Cluster on every day of the cover. Choose somebody who does, or "
            "other days"
        )
    if starts_on < timezone.localdate():
        wrong["starts_on"] = "The first day of the cover must be today or later"
    if ends_on < starts_on:
        wrong["ends_on"] = "The last day of the cover must be the same as or after the first"
    elif ends_on - starts_on > LONGEST:
        wrong["ends_on"] = "Cover is for at most half a year. Hand the cases over instead, or check the year"
    if not must_know.strip():
        wrong["must_know"] = "Enter what the covering worker needs to know"
    if not anything:
        wrong["cases"] = "Tick at least one case"
    if wrong:
        raise ValidationError(wrong)


def works_all_days(user: User, cluster_id: int, starts_on: date, ends_on: date) -> bool:
    """Whether roles in the Cluster follow each other without a gap. A role's `ends_on` is the day after its last."""
    roles = StaffRole.objects.filter(
        user=user, user__is_active=True, cluster_id=cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER]
    )
    day = starts_on
    for first, after in roles.order_by("starts_on").values_list("starts_on", "ends_on"):
        if first <= day and (after is None or after > day):
            if after is None or after > ends_on:
                return True
            day = after
    return False


def _refuse_overlaps(cases: list[Case], starts_on: date, ends_on: date) -> None:
    """One case has one cover at a time: said of each that has."""
    rows = Cover.objects.filter(case__in=cases, ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    taken = [
        f"{row.case.family.name} is covered by {row.covering.name}, {_days(row.starts_on, row.ends_on)}. End that "
        "first, or leave the case out"
        for row in rows.select_related("case__family", "covering").order_by("case__family__name")
    ]
    if taken:
        raise ValidationError({"cases": taken})


@transaction.atomic
def end_cover(*, by: User, cover: Cover) -> Cover:
    """End a cover at once, or take back one that has not begun. Raises Denied, Conflict (it is over)."""
    found = Cover.objects.select_for_update(of=("self",)).select_related("case", "worker", "covering").get(pk=cover.pk)
    check_leads(by, found.cluster_id, "end a cover")
    today = timezone.localdate()
    if found.ended_at is not None or found.ends_on < today:
        raise Conflict("This cover is over already.")
    begun = found.starts_on <= today
    found.ended_at, found.ended_by = timezone.now(), by
    found.save(update_fields=["ended_at", "ended_by"])
    text = f"{'Ended' if begun else 'Took back'} the cover by {found.covering.name} for {found.worker.name}"
    audit.event(by=by, kind="case.cover_ended", text=text, about=found.case)
    if found.covering_id != by.pk:
        tell(
            found.covering,
            key=f"cover-ended:{found.pk}",
            subject="You no longer cover a case",
            text="A leader ended your cover of another worker’s case. You can read it; its worker writes in it again.",
            url_name="case",
            pk=found.case_id,
            about=found,
        )
    return found
