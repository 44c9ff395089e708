"""Meetings made ahead from their patterns, by the sweep and by a button; made again, nothing is doubled."""

from collections.abc import Sequence
from copy import copy
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters import policies as settings_policies
from clusters.changes import change, record
from clusters.models import Cluster, User
from referrals.models import Referral
from triage import policies
from triage.calendar import Occurrence, moment, occurrences
from triage.models import AgendaItem, Meeting, MeetingPattern, SchoolHoliday
from triage.selectors.due import due, unplaced
from triage.services.meetings import append, fill, next_planned, remember_attendees, take_back_put_off
from triage.workflow import MEETING

AHEAD = timedelta(weeks=10)
AGAIN_AFTER = timedelta(hours=12)


class Planner:
    """The program as it stands in the history when it makes meetings."""

    pk = None
    actor_name = str(NamedActor.PLANNER)


@transaction.atomic
def save_pattern(
    *, by: User, cluster_id: int, pattern: MeetingPattern | None = None, version: int | None = None, **values: Any
) -> MeetingPattern:
    """Add or change a pattern; its meetings to come are made, moved or taken off at once.

    Raises Denied unless a leader of the Cluster acts, Conflict when it was changed meanwhile, ValidationError by field.
    """
    policies.check_plan_meeting(by, cluster_id)
    if pattern:
        pattern = MeetingPattern.objects.select_for_update().get(pk=pattern.pk)
        if version is not None and version != pattern.version:
            raise Conflict("Somebody changed this pattern meanwhile. Load the page again.")
        pattern.version += 1
    else:
        pattern = MeetingPattern(cluster_id=cluster_id)
    for name, value in values.items():
        setattr(pattern, name, value)
    if pattern.ends_on and pattern.ends_on < pattern.starts_on:
        raise ValidationError({"ends_on": "The last day cannot be before the first."})
    pattern.save()
    audit.event(by=by, kind="meeting", text=f"Pattern: {pattern}", about=pattern)
    make_ahead(by=by, pattern=pattern)
    return pattern


@transaction.atomic
def make_meetings(*, by: User, cluster_id: int) -> int:
    """Make the meetings of a Cluster's patterns for the weeks ahead. Returns how many are new."""
    policies.check_plan_meeting(by, cluster_id)
    return sum(
        make_ahead(by=by, pattern=pattern)
        for pattern in MeetingPattern.objects.select_for_update().filter(cluster_id=cluster_id)
    )


def holidays_of(cluster_id: int) -> list[SchoolHoliday]:
    mine = Q(cluster__isnull=True) | Q(cluster_id=cluster_id)
    return list(SchoolHoliday.objects.filter(mine, withdrawn=False, ends_on__gte=timezone.localdate()))


def make_ahead(*, by: Actor, pattern: MeetingPattern) -> int:
    """Bring a pattern's meetings to come in line with it. Returns how many are new.

    What a person changed, what is open and what is past stays as it is.
    """
    now, today = timezone.now(), timezone.localdate()
    wanted = {o.planned_for: o for o in occurrences(pattern, holidays_of(pattern.cluster_id), today, today + AHEAD)}
    # Today's is made only while its time has not passed.
    wanted = {day: o for day, o in wanted.items() if not o.held_on or moment(o.held_on, pattern) > now}
    there = {m.planned_for: m for m in pattern.meetings.select_for_update().filter(planned_for__gte=today)}
    made = _make(by, pattern, [o for day, o in sorted(wanted.items()) if day not in there])
    for day, meeting in there.items():
        if meeting.by_hand or meeting.starts_at <= now or meeting.status not in _MAKER_MAY_CHANGE:
            continue
        _bring_in_line(by, meeting, pattern, wanted.get(day) if day else None)
    MeetingPattern.objects.filter(pk=pattern.pk).update(made_at=now)
    return made


_MAKER_MAY_CHANGE = (Meeting.Status.PLANNED, Meeting.Status.SKIPPED)


def _make(by: Actor, pattern: MeetingPattern, new: Sequence[Occurrence]) -> int:
    for each in new:
        meeting = Meeting.objects.create(
            cluster_id=pattern.cluster_id,
            kind=pattern.kind,
            starts_at=moment(each.held_on or each.planned_for, pattern),
            place=pattern.place,
            pattern=pattern,
            planned_for=each.planned_for,
            note=each.note,
        )
        if each.held_on is None:
            _set_status(meeting, Meeting.Status.SKIPPED)
    if new:
        audit.event(by=by, kind="meeting", text=f"{len(new)} meetings made: {pattern}", about=pattern)
        for kind in Meeting.Kind.values:
            fill_next(pattern.cluster_id, kind)
    return len(new)


def _set_status(meeting: Meeting, target: Meeting.Status) -> None:
    MEETING.step(meeting.status, target)
    meeting.status = target
    meeting.save(update_fields=["status"])


def _bring_in_line(by: Actor, meeting: Meeting, pattern: MeetingPattern, wanted: Occurrence | None) -> None:
    note = wanted.note if wanted else "Not held: the pattern has changed"
    held_on = wanted.held_on if wanted else None
    starts_at = moment(held_on, pattern) if held_on else meeting.starts_at
    as_it_is = (meeting.note, meeting.starts_at, meeting.place, meeting.status == Meeting.Status.PLANNED)
    if as_it_is == (note, starts_at, pattern.place, held_on is not None):
        return
    meeting.note, meeting.starts_at, meeting.place = note, starts_at, pattern.place
    meeting.save(update_fields=["note", "starts_at", "place"])
    if held_on is None and meeting.status == Meeting.Status.PLANNED:
        not_held(meeting)
    elif held_on and meeting.status == Meeting.Status.SKIPPED:
        _set_status(meeting, Meeting.Status.PLANNED)
    audit.event(by=by, kind="meeting", text=note or f"Meeting as its pattern says: {pattern}", about=meeting)


def not_held(meeting: Meeting) -> None:
    """A locked meeting is not held: what stood on its agenda goes to the next one."""
    _set_status(meeting, Meeting.Status.SKIPPED)
    following = next_planned(meeting.cluster_id, after=meeting, kind=meeting.kind)
    waiting = list(
        Referral.objects.to_screen()
        .filter(agenda_items__meeting=meeting, agenda_items__deferred_at__isnull=True)
        .order_by("agenda_items__position")
    )
    AgendaItem.objects.filter(meeting=meeting, deferred_at__isnull=True).delete()
    if following:
        there = set(following.items.values_list("referral_id", flat=True))
        append(following, [referral for referral in waiting if referral.pk not in there])


@transaction.atomic
def change_meeting(
    *, by: User, meeting: Meeting, starts_at: datetime, place: str, held: bool = True, note: str = ""
) -> Meeting:
    """Move a planned meeting, or say that it is not held, or that it is after all. The pattern leaves it alone then.

    Raises Denied, Conflict once it is open or closed, ValidationError by field.
    """
    policies.check_run_meeting(by, meeting)
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if meeting.status not in _MAKER_MAY_CHANGE:
        raise Conflict(f"This meeting is {meeting.get_status_display().lower()}: it can no longer be moved.")
    if held and starts_at < timezone.now() and starts_at != meeting.starts_at:
        raise ValidationError({"starts_at": "Choose a moment that is still to come."})
    if not held and not note.strip():
        raise ValidationError({"note": "Say why it is not held."})
    meeting.starts_at, meeting.place, meeting.note, meeting.by_hand = starts_at, place.strip(), note.strip(), True
    meeting.save(update_fields=["starts_at", "place", "note", "by_hand"])
    if not held and meeting.status == Meeting.Status.PLANNED:
        not_held(meeting)
    elif held and meeting.status == Meeting.Status.SKIPPED:
        _set_status(meeting, Meeting.Status.PLANNED)
    local = timezone.localtime(starts_at)
    words = f"on {local.day} {local:%B %Y at %H:%M}" if held else f"not held: {note.strip()}"
    audit.event(by=by, kind="meeting", text=f"{meeting.get_kind_display()} {words}", about=meeting)
    return meeting


def fill_next(cluster_id: int, kind: str) -> int:
    """What is due comes onto today's open meeting, then the next one; who came last time is expected again."""
    day = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    live = Meeting.objects.filter(cluster_id=cluster_id, kind=kind, starts_at__gte=day)
    found = [
        live.filter(status=status).order_by("starts_at").values_list("pk", flat=True).first()
        for status in (Meeting.Status.OPEN, Meeting.Status.PLANNED)
    ]
    added = 0
    for meeting in (
        Meeting.objects.select_for_update(of=("self",)).filter(pk__in=[pk for pk in found if pk]).order_by("status")
    ):
        remember_attendees(meeting)
        added += fill(meeting)
    return added


def carry_on() -> None:
    """For the sweep: meetings of the weeks ahead, and the agendas of the next ones. Each Cluster by itself."""
    latest = SchoolHoliday.objects.aggregate(at=Max("changed_at"))["at"]
    old = Q(made_at__isnull=True) | Q(made_at__lt=timezone.now() - AGAIN_AFTER)
    if latest:
        old |= Q(made_at__lt=latest)
    with acting_as(NamedActor.SCHEDULER):
        to_make = set(MeetingPattern.objects.filter(old).values_list("cluster_id", flat=True))
        to_fill = {
            cluster
            for kind in Meeting.Kind.values
            for cluster in due(unplaced(None), kind).order_by().values_list("cluster_id", flat=True).distinct()
        }
    for cluster_id in sorted(to_make | to_fill):
        with acting_as(NamedActor.PLANNER, clusters=[cluster_id]):
            for pattern in MeetingPattern.objects.select_for_update().filter(old, cluster_id=cluster_id):
                make_ahead(by=Planner(), pattern=pattern)
            take_back_put_off(cluster_id)
            for kind in Meeting.Kind.values:
                fill_next(cluster_id, kind)


@transaction.atomic
def add_holiday(*, by: User, name: str, starts_on: date, ends_on: date, **values: Any) -> SchoolHoliday:
    """Days without school, of the authority or of one Cluster; the sweep moves meetings within the minute."""
    settings_policies.check_manage(by)
    holiday = SchoolHoliday(name=name.strip(), starts_on=starts_on, ends_on=ends_on, **values)
    _check_holiday(holiday)
    holiday.save()
    record(by=by, kind="holiday", text=f"Added the school holiday {_in_words(holiday)}.", about=holiday)
    return holiday


@transaction.atomic
def change_holiday(*, by: User, holiday: SchoolHoliday, **values: Any) -> SchoolHoliday:
    """Meetings that a holiday no longer touches are held again."""
    settings_policies.check_manage(by)
    holiday = SchoolHoliday.objects.select_for_update().get(pk=holiday.pk)
    wanted = copy(holiday)
    for name, value in values.items():
        setattr(wanted, name, value)
    _check_holiday(wanted)
    change(holiday, values, by=by, kind="holiday")
    holiday.save(update_fields=["changed_at"])
    return holiday


def _check_holiday(holiday: SchoolHoliday) -> None:
    if holiday.ends_on < holiday.starts_on:
        raise ValidationError({"ends_on": "The last day cannot be before the first."})
    if (holiday.ends_on - holiday.starts_on).days > 70:
        raise ValidationError({"ends_on": "A school holiday is at most ten weeks long. Check the year."})
    same = SchoolHoliday.objects.filter(Q(cluster_id=holiday.cluster_id), starts_on=holiday.starts_on)
    if same.exclude(pk=holiday.pk).exists():
        raise ValidationError({"starts_on": "There is a holiday from this day already."})


def _in_words(holiday: SchoolHoliday) -> str:
    whose = str(Cluster.objects.get(pk=holiday.cluster_id)) if holiday.cluster_id else "every Cluster"
    return f"“{holiday.name}”, {holiday.starts_on:%-d %B %Y} to {holiday.ends_on:%-d %B %Y}, for {whose}"
