"""Weekly screening meetings and monthly panels: agenda, who is here, deferring, actions [P]."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import StaffRole, User
from referrals.models import Referral, Status
from triage import policies
from triage.models import Action, AgendaItem, Attendee, Meeting, Question
from triage.selectors.due import LIVE, due, unplaced
from triage.services.endings import lock_referral
from triage.workflow import MEETING

# Begins the reason of what waits for an answer.
ASKED = "Asked the referrer: "


def _lock(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)


@transaction.atomic
def plan_meeting(
    *, by: User, cluster_id: int, starts_at: datetime, kind: str = Meeting.Kind.SCREENING, place: str = ""
) -> Meeting:
    """Plan a meeting; the referrals to screen that stand on no other agenda come onto its own.

    Raises Denied unless a leader of the Cluster acts, ValidationError for a moment that has passed.
    """
    policies.check_plan_meeting(by, cluster_id)
    if starts_at.date() < timezone.localdate():
        raise ValidationError({"starts_at": "A meeting is planned for today or later."})
    meeting = Meeting.objects.create(
        cluster_id=cluster_id, kind=Meeting.Kind(kind), starts_at=starts_at, place=place.strip()
    )
    local = timezone.localtime(starts_at)
    audit.event(
        by=by,
        kind="meeting",
        text=f"{meeting.get_kind_display()} planned for {local.day} {local:%B %Y at %H:%M}",
        about=meeting,
    )
    remember_attendees(meeting)
    fill(meeting)
    return meeting


def remember_attendees(meeting: Meeting) -> None:
    """Who came to the last meeting of this kind is expected again, while nobody is noted for this one.

    A guest whose role has ended since is left out.
    """
    if meeting.attendees.exists():
        return
    last = (
        Meeting.objects.filter(
            cluster_id=meeting.cluster_id, kind=meeting.kind, starts_at__lt=meeting.starts_at, attendees__isnull=False
        )
        .exclude(status=Meeting.Status.SKIPPED)
        .order_by("-starts_at")
        .first()
    )
    if last is None:
        return
    here = StaffRole.objects.today().filter(cluster_id=meeting.cluster_id).values("user_id")
    again = last.attendees.filter(Q(user__isnull=True) | Q(user__is_active=True, user_id__in=here))
    Attendee.objects.bulk_create(
        Attendee(
            cluster_id=meeting.cluster_id,
            meeting=meeting,
            user_id=each.user_id,
            name=each.name,
            agency=each.agency,
            remembered=True,
        )
        for each in again
    )


@transaction.atomic
def fill_agenda(*, by: User, meeting: Meeting) -> int:
    """Put what has come in since onto the agenda. Returns how many referrals were added."""
    policies.check_run_meeting(by, meeting)
    meeting = _lock(meeting)
    if meeting.status == Meeting.Status.CLOSED:
        raise Conflict("This meeting is closed. Open it again to change its agenda.")
    return fill(meeting)


def fill(meeting: Meeting) -> int:
    """Put what is due onto a locked meeting's agenda, after what stands there."""
    waiting = due(unplaced(meeting.cluster_id), meeting.kind).exclude(agenda_items__meeting=meeting)
    return append(meeting, list(waiting))


def append(meeting: Meeting, referrals: Iterable[Referral]) -> int:
    last = meeting.items.aggregate(last=Max("position"))["last"] or 0
    items = [
        AgendaItem(
            cluster_id=referral.cluster_id,
            family_id=referral.family_id,
            meeting=meeting,
            referral=referral,
            position=position,
        )
        for position, referral in enumerate(referrals, start=last + 1)
    ]
    AgendaItem.objects.bulk_create(items)
    return len(items)


@transaction.atomic
def open_meeting(*, by: User, meeting: Meeting) -> Meeting:
    """Begin, or begin again; what came in since the planning joins the agenda."""
    policies.check_run_meeting(by, meeting)
    meeting = _lock(meeting)
    _step(by, meeting, Meeting.Status.OPEN)
    fill(meeting)
    return meeting


@transaction.atomic
def close_meeting(*, by: User, meeting: Meeting) -> Meeting:
    """End the meeting. What was not reached stands on the next planned one, or on the one planned next."""
    policies.check_run_meeting(by, meeting)
    meeting = _lock(meeting)
    _step(by, meeting, Meeting.Status.CLOSED)
    following = next_planned(meeting.cluster_id, after=meeting, kind=meeting.kind)
    if following:
        remember_attendees(following)
        left = Referral.objects.to_screen().filter(
            agenda_items__meeting=meeting, agenda_items__deferred_at__isnull=True
        )
        append(
            following,
            left.exclude(agenda_items__meeting=following).order_by("harm_flagged_at", "agenda_items__position"),
        )
    return meeting


def _step(by: User, meeting: Meeting, target: Meeting.Status) -> None:
    step = MEETING.step(meeting.status, target)
    meeting.status = target
    meeting.save(update_fields=["status"])
    audit.event(by=by, kind="meeting", text=step.logged, about=meeting)


def next_planned(cluster_id: int, *, after: Meeting | None = None, kind: str = "") -> Meeting | None:
    """The next meeting that has not begun, other than `after`; of one kind if given."""
    planned = Meeting.objects.filter(cluster_id=cluster_id, status=Meeting.Status.PLANNED)
    if kind:
        planned = planned.filter(kind=kind)
    if after:
        planned = planned.exclude(pk=after.pk)
    return planned.filter(starts_at__gt=timezone.now()).order_by("starts_at").first()


def take_place(*, by: User, meeting: Meeting, referral: Referral) -> None:
    """A decision is made in this meeting: it must stand on the agenda, and the meeting must have begun.

    The first decision opens a planned meeting of today. Raises ValidationError, Conflict when closed.
    """
    if not meeting.items.filter(referral=referral).exists():
        raise ValidationError("This referral is not on the agenda of the meeting.")
    if meeting.status == Meeting.Status.OPEN:
        return
    if meeting.status == Meeting.Status.PLANNED:
        if timezone.localdate(meeting.starts_at) > timezone.localdate():
            raise ValidationError("The meeting has not begun. Decide outside a meeting, or wait for it.")
        meeting = _lock(meeting)
        if meeting.status == Meeting.Status.PLANNED:
            _step(by, meeting, Meeting.Status.OPEN)
        return
    raise Conflict("This meeting is closed. Open it again to decide in it, or decide outside a meeting.")


@transaction.atomic
def defer(*, by: User, item: AgendaItem, reason: str, to: Meeting | None = None, to_kind: str = "") -> AgendaItem:
    """Leave a referral to a later meeting, with the reason: `to`, or else the next planned one of `to_kind`.

    Without either it stays with meetings of the same kind. With none planned it stands on the one planned next.
    Raises Denied unless a leader acts or when harm is feared and CSWS has not been told, Conflict when it was
    decided meanwhile.
    """
    policies.check_defer(by, item.referral)
    referral = lock_referral(item.referral)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is deferred, and what is needed to decide."})
    if referral.status != Status.TO_SCREEN:
        raise Conflict("This referral has been decided meanwhile. Load the page again.")
    if to and (to.cluster_id != item.cluster_id or to.status == Meeting.Status.CLOSED or to.pk == item.meeting_id):
        raise ValidationError({"to": "Choose a meeting that is still to come."})
    item = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if item.deferred_at:
        raise Conflict("This referral is already deferred from this meeting.")
    put_off(by=by, item=item, reason=reason.strip(), to_kind=to.kind if to else to_kind or item.meeting.kind)
    following = to or next_planned(item.cluster_id, after=item.meeting, kind=item.deferred_to)
    if following and not following.items.filter(referral=referral).exists():
        append(following, [referral])
    audit.event(
        by=by, kind="deferred", text=f"Referral {referral.reference} deferred: {item.deferred_reason}", about=item
    )
    return item


def put_off(*, by: User, item: AgendaItem, reason: str, to_kind: str) -> None:
    """Take a locked item off its agenda; where it goes is the caller's matter."""
    item.deferred_reason, item.deferred_by, item.deferred_at = reason, by, timezone.now()
    item.deferred_to = to_kind
    item.save(update_fields=["deferred_reason", "deferred_by", "deferred_at", "deferred_to"])


def take_back_put_off(cluster_id: int) -> int:
    """What was put off for a question that is answered now is back on its agenda, while that meeting is not over."""
    today = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    not_over = Q(meeting__status=Meeting.Status.OPEN) | Q(
        meeting__status=Meeting.Status.PLANNED, meeting__starts_at__gte=today
    )
    answered = Question.objects.filter(referral=OuterRef("referral"), answered_at__gte=OuterRef("deferred_at"))
    elsewhere = AgendaItem.objects.filter(
        referral=OuterRef("referral"), deferred_at__isnull=True, meeting__status__in=LIVE
    )
    return (
        AgendaItem.objects.filter(not_over, cluster_id=cluster_id)
        .filter(Exists(answered), ~Exists(elsewhere), referral__status=Status.TO_SCREEN)
        .filter(deferred_reason__startswith=ASKED)
        .update(deferred_at=None, deferred_by=None, deferred_to="")
    )


@transaction.atomic
def move_item(*, by: User, item: AgendaItem, up: bool) -> None:
    """Change places with the neighbour. At the end of the agenda, or at the border of the harm flags, nothing moves."""
    meeting = _lock(item.meeting)
    policies.check_run_meeting(by, meeting)
    flagged = item.referral.harm_flagged_at is not None
    alike = meeting.items.filter(referral__harm_flagged_at__isnull=not flagged).order_by("position", "created_at")
    ids = list(alike.values_list("pk", flat=True))
    here = ids.index(item.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(ids):
        return
    rows = {row.pk: row for row in alike}
    one, other = rows[ids[here]], rows[ids[there]]
    one.position, other.position = other.position, one.position
    AgendaItem.objects.bulk_update([one, other], ["position"])


@transaction.atomic
def add_attendee(*, by: User, meeting: Meeting, user: User | None = None, name: str = "", agency: str = "") -> Attendee:
    """Somebody with a sign-in, or a name with its agency. Twice the same is one."""
    policies.check_run_meeting(by, meeting)
    name = user.name if user else name.strip()
    if not name:
        raise ValidationError({"name": "Choose a person or enter a name."})
    attendee, new = Attendee.objects.get_or_create(
        meeting=meeting, name=name, agency=agency.strip(), defaults={"cluster_id": meeting.cluster_id, "user": user}
    )
    if new:
        audit.event(by=by, kind="meeting", text=f"{name} added to the meeting", about=meeting)
    return attendee


@transaction.atomic
def remove_attendee(*, by: User, attendee: Attendee) -> None:
    policies.check_run_meeting(by, attendee.meeting)
    audit.event(by=by, kind="meeting", text=f"{attendee.name} taken off the meeting", about=attendee.meeting)
    attendee.delete()


@transaction.atomic
def add_action(
    *, by: User, meeting: Meeting, text: str, owner: User | None = None, due_on: date | None = None
) -> Action:
    """Something agreed at the meeting, with an owner and a date."""
    policies.check_run_meeting(by, meeting)
    if not text.strip():
        raise ValidationError({"text": "Enter what is to be done."})
    action = Action.objects.create(
        cluster_id=meeting.cluster_id, meeting=meeting, text=text.strip(), owner=owner, due_on=due_on
    )
    audit.event(by=by, kind="meeting", text=f"Action agreed: {action.text}", about=meeting)
    return action


@transaction.atomic
def finish_action(*, by: User, action: Action) -> Action:
    """Mark an action done, by its owner or a leader."""
    if action.owner_id != by.pk:
        policies.check_run_meeting(by, action.meeting)
    action = Action.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if action.done_on is None:
        action.done_on = timezone.localdate()
        action.save(update_fields=["done_on"])
        audit.event(by=by, kind="meeting", text=f"Action done: {action.text}", about=action.meeting)
    return action
