"""From one worker to the next: today, or planned for a day on which the sweep carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseService, CaseStatus, Handover, LeadWorker, Task, Work
from cases.policies import check_hand_over, check_leads, check_open
from cases.services.allocation import check_may_work
from cases.services.common import keys, locked, tell
from cases.services.cover_also import cover_also
from cases.services.support_workers import give_to, pass_on
from cases.services.tasks import follow_on
from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor, Named
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, Service, StaffRole, User
from clusters.services import staff

# How far ahead a handover may be planned.
AHEAD = timedelta(days=183)
PLANNER = Named("planner of handovers")
Part = Handover.Part


@dataclass(frozen=True)
class Told:
    """What goes with a handover. `introduced_on`: both workers visited the family together."""

    must_know: str
    family_told: str = ""
    told_on: date | None = None
    introduced_on: date | None = None


@transaction.atomic
def hand_over(
    *,
    by: User,
    case: Case,
    to: User,
    handover: str = "",
    on: date | None = None,
    family_told: str = "",
    told_on: date | None = None,
    introduced_on: date | None = None,
) -> Handover:
    """Make somebody else the lead worker from a day on, today, before, or to come.

    What the earlier lead worker gives and is to do goes with the case; therapy, counselling and the services of others
    stay. A day to come plans it: until then nothing changes.
    Raises Denied, Conflict (one is planned already), ValidationError (`to`, `on`, `handover`, `told_on`).
    """
    case = locked(case)
    check_hand_over(by, case)
    current = LeadWorker.objects.filter(case=case, ends_on__isnull=True).select_related("worker").first()
    if current is None:
        check_open(case)
        raise Conflict("This case has no lead worker to take over from. Load the page again.")
    told = Told(handover, family_told, told_on, introduced_on)
    return _begin(by=by, case=case, part=Part.LEAD, earlier=current.worker, to=to, on=on, told=told, current=current)


@transaction.atomic
def hand_over_service(
    *, by: User, service: CaseService, to: User, handover: str, on: date | None = None, family_told: str = ""
) -> Handover:
    """Somebody else gives one service of a case from a day on. Raises as `hand_over`."""
    case = locked(service.case)
    check_hand_over(by, case)
    service = CaseService.objects.select_related("worker", "service").get(pk=service.pk)
    if service.status != CaseService.Status.ACTIVE:
        raise Conflict(f"{service.service.name} has ended meanwhile. Load the page again.")
    told = Told(handover, family_told)
    return _begin(by=by, case=case, part=Part.SERVICE, earlier=service.worker, to=to, on=on, told=told, service=service)


@transaction.atomic
def hand_over_tasks(
    *, by: User, case: Case, worker: User, to: User, handover: str = "", on: date | None = None
) -> Handover:
    """What somebody is to do in a case that others lead goes to somebody else. Raises as `hand_over`."""
    case = locked(case)
    check_hand_over(by, case)
    told = Told(handover or "The open tasks in this case.")
    return _begin(by=by, case=case, part=Part.TASKS, earlier=worker, to=to, on=on, told=told)


def _begin(
    *,
    by: User,
    case: Case,
    part: str,
    earlier: User,
    to: User,
    on: date | None,
    told: Told,
    current: LeadWorker | None = None,
    service: CaseService | None = None,
) -> Handover:
    today = timezone.localdate()
    day = on or today
    check_open(case)
    since = current.starts_on if current else service.starts_on if service else case.opened_on
    _check(earlier, to, day, told, since=since)
    other = Handover.objects.filter(
        case=case, part=part, case_service=service, from_worker=earlier, done_at=None, withdrawn_at=None
    ).first()
    if other:
        raise Conflict(
            f"A handover to {other.to_worker.name} is planned for {other.starts_on:%-d %B %Y}. Take it back first."
        )
    check_may_work(to, case.family, day, field="to")
    made = Handover.objects.create(
        **keys(case),
        case=case,
        part=part,
        case_service=service,
        from_worker=earlier,
        to_worker=to,
        starts_on=day,
        must_know=told.must_know.strip(),
        family_told=told.family_told.strip(),
        told_on=told.told_on,
        introduced_on=told.introduced_on,
        planned_by=by,
    )
    if day > today:
        text = f"Planned: {_words(made)} on {day:%-d %B %Y}"
        audit.event(by=by, kind="case.handover_planned", text=text, about=case)
        _tell_the_next(by, made, planned=True)
        return made
    _carry_out(by, case, made)
    return made


def _check(earlier: User, to: User, day: date, told: Told, *, since: date) -> None:
    wrong: dict[str, str] = {}
    if earlier.pk == to.pk:
        wrong["to"] = f"{to.name} has it already. Choose somebody else"
    if day < since:
        wrong["on"] = f"The handover must be on or after {since:%-d %B %Y}"
    if day > timezone.localdate() + AHEAD:
        wrong["on"] = "A handover is planned for at most half a year ahead. Check the year"
    if not told.must_know.strip():
        wrong["handover"] = "Enter what the next worker must know"
    if told.told_on and told.told_on > timezone.localdate():
        wrong["told_on"] = "The day on which the family was told cannot lie ahead"
    if told.introduced_on and told.introduced_on > timezone.localdate():
        wrong["introduced_on"] = "Tick the introduction visit once it has taken place"
    if wrong:
        raise ValidationError(wrong)


def _words(handover: Handover) -> str:
    what = {Part.LEAD: "handover", Part.TASKS: "open tasks"}.get(handover.part, "")  # type: ignore[call-overload]
    if handover.case_service is not None:
        what = handover.case_service.service.name
    return f"{what} from {handover.from_worker.name} to {handover.to_worker.name}"


def _tell_the_next(by: Actor, handover: Handover, *, planned: bool = False) -> None:
    if handover.to_worker_id == by.pk:
        return
    tell(
        handover.to_worker,
        key=f"hand{'ing' if planned else 'ed'}-over:{handover.pk}",
        subject="A case will be handed over to you" if planned else "A case has been handed over to you",
        text=f"From {handover.starts_on:%-d %B %Y} you work in a case that another worker hands over. "
        "What you need to know is on its page.",
        url_name="case",
        pk=handover.case_id,
        about=handover,
    )


def _carry_out(by: Actor, case: Case, handover: Handover) -> None:
    """Let the day come: rows of the case, locked by the caller, go to the next worker."""
    earlier, to = handover.from_worker, handover.to_worker
    if handover.part == Part.LEAD:
        LeadWorker.objects.filter(case=case, ends_on__isnull=True).update(ends_on=handover.starts_on)
        handover.lead_worker = LeadWorker.objects.create(
            **keys(case), case=case, worker=to, starts_on=handover.starts_on, handover=handover.must_know
        )
        own = CaseService.objects.filter(case=case, status=CaseService.Status.ACTIVE, worker=earlier)
        for service in own.exclude(service__kind__in=Service.PRIVATE_KINDS):
            give_to(service, to)
        follow_on(case, to=to)
    elif handover.case_service is not None:
        pass_on(
            by=by,
            author=handover.planned_by,
            case=case,
            case_service=handover.case_service,
            to=to,
            text=handover.must_know,
            on=handover.starts_on,
        )
        if handover.case_service.service.notes_are_private:
            handover.must_know = "It stands with the handover of the service, for those whom it concerns."
    if handover.part == Part.LEAD:
        cover_also(case, [to], by=by, made_by=handover.planned_by)
    if handover.part != Part.SERVICE:
        Task.objects.filter(case=case, owner=earlier, done_at__isnull=True).update(owner=to)
    handover.done_at = timezone.now()
    handover.save(update_fields=["done_at", "lead_worker", "must_know"])
    if handover.part == Part.SERVICE:
        # It was said, and told, as it was passed on.
        return
    text = f"Handed over {_words(handover).removeprefix('handover ')}"
    audit.event(by=by, kind="case.handed_over", text=text, about=case)
    _tell_the_next(by, handover)


def why_not(case: Case, handover: Handover) -> str:
    """Why a planned handover cannot be carried out, for the leader; empty when it can."""
    if handover.part == Part.LEAD:
        still = LeadWorker.objects.filter(case=case, ends_on__isnull=True, worker_id=handover.from_worker_id).exists()
    elif handover.case_service_id is not None:
        still = CaseService.objects.filter(
            pk=handover.case_service_id, status=CaseService.Status.ACTIVE, worker_id=handover.from_worker_id
        ).exists()
    else:
        still = True
    if not still or case.status == CaseStatus.CLOSED:
        return "gone"
    try:
        check_may_work(handover.to_worker, case.family, handover.starts_on, field="to")
    except ValidationError as error:
        return error.messages[0]
    return ""


def carry_out_due() -> int:
    """For the sweep: planned handovers whose day has come. Returns how many were made.

    One whose next worker has left meanwhile stays planned, with the earlier worker, and stands red on the leader's
    page; one whose case was closed or handed over otherwise is taken back.
    """
    today, made = timezone.localdate(), 0
    due = {"done_at": None, "withdrawn_at": None, "starts_on__lte": today}
    for cluster_id in Cluster.objects.order_by("pk").values_list("pk", flat=True):
        with acting_as(NamedActor.PLANNER, clusters=[cluster_id]):
            for case_id in (
                Handover.objects.filter(**due, cluster_id=cluster_id)
                .order_by("case_id")
                .values_list("case_id", flat=True)
                .distinct()
            ):
                case = Case.objects.select_for_update(of=("self",)).select_related("family").get(pk=case_id)
                rows = Handover.objects.filter(**due, case=case).select_related(
                    "from_worker", "to_worker", "planned_by", "case_service__service"
                )
                for handover in rows.order_by("starts_on", "created_at"):
                    why = why_not(case, handover)
                    if why == "gone":
                        _withdraw(handover, "The case was closed, or handed over otherwise, before the day.")
                    elif not why:
                        _carry_out(PLANNER, case, handover)
                        made += 1
    return made


def carry_on() -> None:
    carry_out_due()


def _withdraw(handover: Handover, why: str) -> None:
    handover.withdrawn_at, handover.withdrawn_why = timezone.now(), why[:300]
    handover.save(update_fields=["withdrawn_at", "withdrawn_why"])


@transaction.atomic
def withdraw_handover(*, by: User, handover: Handover, why: str = "") -> Handover:
    """Take back a planned handover before its day. Raises Denied, Conflict when it was made or taken back already."""
    case = locked(handover.case)
    check_hand_over(by, case)
    handover = Handover.objects.select_related("from_worker", "to_worker", "case_service__service").get(pk=handover.pk)
    if not handover.planned:
        raise Conflict("This handover was made or taken back meanwhile. Load the page again.")
    _withdraw(handover, why or f"Taken back by {by.name}.")
    audit.event(by=by, kind="case.handover_withdrawn", text=f"Taken back: {_words(handover)}", about=case)
    return handover


@transaction.atomic
def note_introduction(*, by: User, handover: Handover) -> Handover:
    """Both workers visited the family together today. By a leader, or one of the two. A second time does nothing."""
    case = locked(handover.case)
    handover = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    if by.pk not in {handover.from_worker_id, handover.to_worker_id}:
        check_hand_over(by, case)
    if handover.introduced_on is None:
        handover.introduced_on = timezone.localdate()
        handover.save(update_fields=["introduced_on"])
        audit.event(by=by, kind="case.introduced", text="The next worker was introduced to the family", about=case)
    return handover


@dataclass(frozen=True)
class Move:
    """One part of a worker's work, and who takes it."""

    work: Work
    to: User
    must_know: str
    family_told: str = ""


@transaction.atomic
def move_work(
    *,
    by: User,
    worker: User,
    cluster: Cluster,
    moves: Sequence[Move],
    on: date | None = None,
    end_role: StaffRole | None = None,
) -> int:
    """Hand several cases of one worker over at once: all of them, or none. Returns how many parts were handed over.

    end_role: the worker's role that ends on that day, in the same transaction; refused while anything is left behind.

    Raises Denied, Conflict, ValidationError with the key of each move as the field (`to-…`, `handover-…`), or `on`.
    """
    check_leads(by, cluster.pk, "move a worker’s cases")
    if not moves:
        raise ValidationError("Tick at least one case")
    wrong: dict[str, list[str]] = {}
    # In one order, so that two leaders who move at once wait for each other instead of stopping each other.
    for move in sorted(moves, key=lambda move: str(move.work.item)):
        try:
            with transaction.atomic():
                _move(by, worker, cluster, move, on)
        except ValidationError as error:
            for field, found in error.message_dict.items():
                wrong.setdefault("on" if field == "on" else f"{field}-{move.work.key}", []).extend(found)
    if wrong:
        raise ValidationError(wrong)
    if end_role is not None:
        staff.end_role(end_role, by=by, ends_on=on or timezone.localdate())
    return len(moves)


def _move(by: User, worker: User, cluster: Cluster, move: Move, on: date | None) -> None:
    gone = Conflict("A case of this worker has changed meanwhile. Load the page again; nothing was moved.")
    if move.work.part == Part.SERVICE:
        service = (
            CaseService.objects.filter(
                pk=move.work.item, worker=worker, cluster=cluster, status=CaseService.Status.ACTIVE
            )
            .select_related("case")
            .first()
        )
        if service is None:
            raise gone
        hand_over_service(
            by=by, service=service, to=move.to, handover=move.must_know, on=on, family_told=move.family_told
        )
        return
    case = Case.objects.open().filter(pk=move.work.item, cluster=cluster).first()
    if case is None:
        raise gone
    if move.work.part == Part.TASKS:
        hand_over_tasks(by=by, case=case, worker=worker, to=move.to, handover=move.must_know, on=on)
        return
    if not LeadWorker.objects.filter(case=case, worker=worker, ends_on__isnull=True).exists():
        raise gone
    hand_over(by=by, case=case, to=move.to, handover=move.must_know, on=on, family_told=move.family_told)
