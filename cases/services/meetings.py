"""Team around the family and other meetings about one case: planned with who is asked, recorded with who came."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseMeeting, Forum, MeetingAttendee
from cases.services.common import keys, locked_for_writing
from cases.services.stale import check_version
from cases.services.tasks import ToDo, tasks_of
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from families.models import Person

WHO_CAME = "Tick or enter who came"
CONFERENCE = ["referred_on", "family_plan", "agreed_on", "outcome"]


@dataclass(frozen=True)
class Outside:
    """Somebody from outside. came: False when they sent apologies."""

    name: str
    agency: str = ""
    came: bool = True


@dataclass(frozen=True)
class Who:
    """Who is asked to a meeting, or who came: of the family, of ours, from outside."""

    people: Collection[UUID] = ()
    staff: Collection[int] = ()
    outside: tuple[Outside, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.people or self.staff or any(one.came for one in self.outside))


@dataclass(frozen=True)
class Conference:
    """What is said of a Family Group Conference: when it was asked for, the family's own plan in the family's words,
    when that was agreed on, and what came of it."""

    referred_on: date | None = None
    family_plan: str = ""
    agreed_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Said:
    """What came of a meeting. conference: of a Family Group Conference alone; None leaves what was said of it."""

    child_voice: str = ""
    decisions: str = ""
    next_at: datetime | None = None
    tasks: tuple[ToDo, ...] = ()
    conference: Conference | None = None


@transaction.atomic
def add_meeting(
    *,
    by: User,
    case: Case,
    held_at: datetime,
    kind: str = CaseMeeting.Kind.TAF,
    place: str = "",
    purpose: str = "",
    who: Who | None = None,
    said: Said | None = None,
    forum: Forum | None = None,
) -> CaseMeeting:
    """Plan a meeting with who is asked to it, or record one that has been held.

    Raises Denied or ValidationError (`people` when nobody came, `child_voice` and so on by field, `owner` of a task).
    """
    case = locked_for_writing(by=by, case=case)
    who, said = who or Who(), said or Said()
    to_come = held_at > timezone.now()
    if forum is None and kind in [*Forum.Kind.values, CaseMeeting.Kind.SUPERVISION]:
        raise ValidationError({"kind": "This is a meeting of several cases: take the case to one from “Forums”."})
    if not to_come and forum is None and not who:
        raise ValidationError({"people": WHO_CAME})
    meeting = CaseMeeting(
        **keys(case),
        case=case,
        kind=forum.kind if forum else kind,
        held_at=held_at,
        place=place.strip(),
        purpose=purpose.strip(),
        forum=forum,
        author=by,
    )
    if to_come or forum is not None:
        _plan(case, meeting, who, by)
        tasks_of(case, said.tasks, by=by, meeting=meeting)
    else:
        meeting.recorded_at, meeting.recorded_by = timezone.now(), by
        meeting.child_voice, meeting.decisions = said.child_voice.strip(), said.decisions.strip()
        _conference(meeting, said.conference)
        meeting.save(force_insert=True)
        _came(case, meeting, who)
        _what_comes_of_it(case, meeting, said, by)
    word = "Planned" if to_come or forum else "Recorded"
    audit.event(by=by, kind="case.meeting", text=f"{word}: {meeting.get_kind_display()}", about=meeting)
    return meeting


@transaction.atomic
def plan_again(
    *, by: User, meeting: CaseMeeting, held_at: datetime, place: str, purpose: str, who: Who, version: int | None = None
) -> CaseMeeting:
    """Another day, another place or other people for a meeting still to come. Raises Denied, Conflict, Stale."""
    case = locked_for_writing(by=by, case=meeting.case)
    row = CaseMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    check_version(row, version)
    if row.recorded_at:
        raise Conflict("This meeting has been recorded in the meantime. Load the page again.")
    row.held_at, row.place, row.purpose, row.version = held_at, place.strip(), purpose.strip(), row.version + 1
    row.save(update_fields=["held_at", "place", "purpose", "version"])
    row.present.all().delete()
    _invite(case, row, who)
    audit.event(by=by, kind="case.meeting", text=f"Planned anew: {row.get_kind_display()}", about=row)
    return row


@transaction.atomic
def record_meeting(
    *, by: User, meeting: CaseMeeting, who: Who, said: Said | None = None, version: int | None = None
) -> CaseMeeting:
    """Say who came, what the child said, what was decided and who does what. Said again, it takes the place of what
    was there; the history keeps both. Those who were asked and did not come stay named.

    Raises Denied, ValidationError (`people`, `owner`), Conflict (it is still to come), Stale.
    """
    case = locked_for_writing(by=by, case=meeting.case)
    said = said or Said()
    row = CaseMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    check_version(row, version)
    if row.held_at > timezone.now():
        raise Conflict("This meeting is still to come. Change its day, or record it afterwards.")
    if not who and row.forum_id is None:
        raise ValidationError({"people": WHO_CAME})
    row.child_voice, row.decisions, row.not_held = said.child_voice.strip(), said.decisions.strip(), ""
    _conference(row, said.conference)
    row.recorded_at, row.recorded_by, row.version = (
        row.recorded_at or timezone.now(),
        row.recorded_by or by,
        row.version + 1,
    )
    fields = ["child_voice", "decisions", "not_held", "recorded_at", "recorded_by", "version"]
    row.save(update_fields=fields + CONFERENCE)
    _came(case, row, who)
    _what_comes_of_it(case, row, said, by)
    audit.event(by=by, kind="case.meeting", text=f"Recorded: {row.get_kind_display()}", about=row)
    return row


@transaction.atomic
def meeting_not_held(*, by: User, meeting: CaseMeeting, why: str) -> CaseMeeting:
    """A planned meeting did not take place, or will not. Raises Denied, ValidationError (`why`), Conflict."""
    locked_for_writing(by=by, case=meeting.case)
    row = CaseMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if row.recorded_at:
        raise Conflict("This meeting has been recorded in the meantime. Load the page again.")
    if not why.strip():
        raise ValidationError({"why": "Enter why it was not held"})
    row.not_held, row.recorded_at, row.recorded_by, row.version = why.strip(), timezone.now(), by, row.version + 1
    row.save(update_fields=["not_held", "recorded_at", "recorded_by", "version"])
    audit.event(by=by, kind="case.meeting", text=f"Not held: {row.get_kind_display()}", about=row)
    return row


def _conference(meeting: CaseMeeting, said: Conference | None) -> None:
    if said is None or meeting.kind != CaseMeeting.Kind.FAMILY_GROUP:
        return
    held_on = timezone.localdate(meeting.held_at)
    if said.referred_on and said.referred_on > held_on:
        raise ValidationError({"referred_on": "The family was referred before the conference was held"})
    if said.agreed_on and said.agreed_on < held_on:
        raise ValidationError({"agreed_on": "The plan is agreed on at the conference or after it"})
    meeting.referred_on, meeting.agreed_on = said.referred_on, said.agreed_on
    meeting.family_plan, meeting.outcome = said.family_plan.strip(), said.outcome.strip()


def _plan(case: Case, meeting: CaseMeeting, who: Who, by: User) -> None:
    meeting.save(force_insert=True)
    _invite(case, meeting, who)


def _invite(case: Case, meeting: CaseMeeting, who: Who) -> None:
    MeetingAttendee.objects.bulk_create(_rows(case, meeting, who, invited=True))


def _came(case: Case, meeting: CaseMeeting, who: Who) -> None:
    """The rows of a meeting say who came. Whoever was asked and is not named now did not come."""
    there = {_key(row): row for row in meeting.present.all()}
    wanted = {_key(row): row for row in _rows(case, meeting, who, invited=False)}
    for key, row in wanted.items():
        kept = there.pop(key, None)
        if kept is None:
            row.save(force_insert=True)
        elif kept.came != row.came:
            kept.came = row.came
            kept.save(update_fields=["came"])
    for row in there.values():
        if row.invited:
            row.came = False
            row.save(update_fields=["came"])
        else:
            row.delete()


def _key(row: MeetingAttendee) -> tuple[object, ...]:
    return (str(row.person_id), row.user_id, row.name.casefold(), row.agency.casefold())


def _rows(case: Case, meeting: CaseMeeting, who: Who, *, invited: bool) -> list[MeetingAttendee]:
    """Raises ValidationError (`people`) for somebody who is not of this family."""
    common = {**keys(case), "meeting": meeting, "invited": invited}
    people = set(who.people)
    if people and Person.objects.filter(family_id=case.family_id, pk__in=people).count() != len(people):
        raise ValidationError({"people": "Choose people of this family"})
    came = None if invited else True
    rows = [MeetingAttendee(**common, person_id=pk, came=came) for pk in who.people]
    rows += [MeetingAttendee(**common, user_id=pk, came=came) for pk in who.staff]
    seen = set()
    for one in who.outside:
        name, agency = one.name.strip(), one.agency.strip()
        if not name or (name.casefold(), agency.casefold()) in seen:
            continue
        seen.add((name.casefold(), agency.casefold()))
        rows.append(MeetingAttendee(**common, name=name, agency=agency, came=None if invited else one.came))
    return rows


def _what_comes_of_it(case: Case, meeting: CaseMeeting, said: Said, by: User) -> None:
    tasks_of(case, said.tasks, by=by, meeting=meeting)
    if said.next_at is None or meeting.forum_id:
        return
    if said.next_at <= meeting.held_at:
        raise ValidationError({"next_at": "The next meeting must be after this one"})
    following = CaseMeeting.objects.filter(follows=meeting).first()
    if following and following.recorded_at:
        return
    if following:
        following.held_at, following.version = said.next_at, following.version + 1
        following.save(update_fields=["held_at", "version"])
        return
    following = CaseMeeting.objects.create(
        **keys(case),
        case=case,
        kind=meeting.kind,
        held_at=said.next_at,
        place=meeting.place,
        follows=meeting,
        author=by,
    )
    asked = meeting.present.all()
    invite: Iterable[MeetingAttendee] = (
        MeetingAttendee(
            **keys(case),
            meeting=following,
            person_id=row.person_id,
            user_id=row.user_id,
            name=row.name,
            agency=row.agency,
            invited=True,
        )
        for row in asked
    )
    MeetingAttendee.objects.bulk_create(invite)
