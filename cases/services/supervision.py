"""Outcome-focused supervision: who with whom and when, each case's part, what is about a worker, how often [E][P]."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import (
    Case,
    ClinicalSession,
    Supervisee,
    Supervision,
    SupervisionCase,
    SupervisionInterval,
    SupervisionNote,
)
from cases.policies import check_open
from cases.services.common import keys, locked, refuse_later_than
from cases.services.stale import check_version
from cases.services.tasks import ToDo, tasks_of
from cases.supervision_policies import check_note, check_plan, check_record
from cluster_ehs.core import audit
from clusters.changes import record, said
from clusters.models import Cluster, Post, Role, StaffRole, User
from clusters.people import duties
from clusters.policies import check_manage


@transaction.atomic
def plan_supervision(
    *,
    by: User,
    cluster: Cluster,
    kind: str,
    supervisor: User,
    workers: Collection[User],
    held_at: datetime,
    minutes: int | None = None,
    place: str = "",
) -> Supervision:
    """A session to come, or one that has been held. A leader plans any; others one that they hold themselves.

    Raises Denied, ValidationError (`workers`, `supervisor`).
    """
    check_plan(by, cluster.pk, supervisor)
    _check_people(cluster.pk, kind, supervisor, workers)
    session = Supervision.objects.create(
        cluster=cluster,
        kind=kind,
        supervisor=supervisor,
        held_at=held_at,
        minutes=minutes,
        place=place.strip(),
        author=by,
    )
    Supervisee.objects.bulk_create(
        Supervisee(cluster=cluster, supervision=session, worker=worker) for worker in workers
    )
    audit.event(by=by, kind="supervision.planned", text=f"{session}, {_day(held_at)}", about=session)
    return session


def _check_people(cluster_id: int, kind: str, supervisor: User, workers: Collection[User]) -> None:
    if not workers:
        raise ValidationError({"workers": "Choose who is supervised"})
    if kind == Supervision.Kind.INDIVIDUAL and len(workers) > 1:
        raise ValidationError({"workers": "Individual supervision is of one worker; choose group for several"})
    if any(worker.pk == supervisor.pk for worker in workers):
        raise ValidationError({"workers": f"{supervisor.name} is the supervisor. Nobody supervises themself."})
    wanted = {supervisor.pk, *(worker.pk for worker in workers)}
    here = StaffRole.objects.today().filter(
        user_id__in=wanted, cluster_id=cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER]
    )
    if set(here.values_list("user_id", flat=True)) != wanted:
        raise ValidationError({"workers": "Choose people who work in this Cluster today"})


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y}"


@transaction.atomic
def say_who_came(*, by: User, supervision: Supervision, came: Collection[int], cancelled: bool = False) -> None:
    """Which of the supervisees were there; or that it is not held at all. Raises Denied."""
    row = Supervision.objects.select_for_update(of=("self",)).get(pk=supervision.pk)
    check_record(by, row)
    row.supervisees.filter(worker_id__in=list(came)).update(came=True)
    row.supervisees.exclude(worker_id__in=list(came)).update(came=False)
    Supervision.objects.filter(pk=row.pk).update(cancelled_at=timezone.now() if cancelled else None)
    text = "Not held" if cancelled else "Said who came"
    audit.event(by=by, kind="supervision.held", text=f"{text}: {row}, {_day(row.held_at)}", about=row)


@transaction.atomic
def discuss_case(
    *,
    by: User,
    supervision: Supervision,
    case: Case,
    worker: User,
    track: str,
    notes: str = "",
    decisions: str = "",
    tasks: Iterable[ToDo] = (),
    version: int | None = None,
) -> SupervisionCase:
    """One case's part of a session; said again it takes the place of what was there (the history keeps both).

    The history says that the case was discussed and not what was said: the history is read by more people.
    Raises Denied, ValidationError (`case`, `track`, `decisions`, `owner`), Stale.
    """
    check_record(by, supervision)
    if supervision.held_at > timezone.now():
        raise ValidationError("This session is still to come. Write down afterwards what was said.")
    case = locked(case)
    check_open(case)
    if case.cluster_id != supervision.cluster_id:
        raise ValidationError({"case": "This case belongs to another Cluster"})
    if track != "on_track" and not decisions.strip():
        raise ValidationError({"decisions": "Enter what was decided: the plan is not on track, or it is not sure"})
    part = SupervisionCase.objects.select_for_update(of=("self",)).filter(supervision=supervision, case=case).first()
    if part is None:
        part = SupervisionCase(
            **keys(case), supervision=supervision, case=case, author=by, held_at=supervision.held_at, version=0
        )
    else:
        check_version(part, version)
    part.worker, part.track, part.notes, part.decisions = worker, track, notes.strip(), decisions.strip()
    part.version += 1
    part.save()
    tasks_of(case, tasks, by=by, supervision_case=part)
    audit.event(by=by, kind="case.supervised", text="Discussed in supervision", about=part)
    return part


@transaction.atomic
def note_about_worker(
    *,
    by: User,
    supervision: Supervision,
    worker: User,
    wellbeing: str = "",
    workload: str = "",
    training: str = "",
    version: int | None = None,
) -> SupervisionNote:
    """What is about the worker: read by the supervisor and that worker alone. Raises Denied, ValidationError, Stale."""
    check_note(by, supervision)
    if not supervision.supervisees.filter(worker=worker).exists():
        raise ValidationError({"wellbeing": f"{worker.name} is not in this session"})
    rows = SupervisionNote.objects.select_for_update(of=("self",))
    note = rows.filter(supervision=supervision, worker=worker).first()
    if note is None:
        note = SupervisionNote(
            cluster_id=supervision.cluster_id, supervision=supervision, worker=worker, author=by, version=0
        )
    else:
        check_version(note, version)
    note.wellbeing, note.workload, note.training = wellbeing.strip(), workload.strip(), training.strip()
    note.version += 1
    note.save()
    return note


@transaction.atomic
def record_clinical_session(
    *, by: User, held_on: date, minutes: int, supervisor: User | None = None
) -> ClinicalSession:
    """Clinical supervision outside the team took place. Its content is not kept. Raises ValidationError, Denied."""
    held = duties(by)
    clusters = sorted(held.works_in or held.clusters)
    check_plan(by, clusters[0] if clusters else 0, by)
    refuse_later_than(held_on, timezone.localdate(), field="held_on", what="The day of the session")
    made = ClinicalSession.objects.create(
        cluster_id=clusters[0], worker=by, supervisor=supervisor, held_on=held_on, minutes=minutes
    )
    audit.event(by=by, kind="supervision.clinical", text="Clinical supervision took place", about=made)
    return made


@transaction.atomic
def set_interval(*, by: User, post: str, weeks: int, effective_from: date) -> SupervisionInterval:
    """Weeks at most between two supervisions of a post, from a day on; earlier ones stay.

    Raises Denied, ValidationError (`effective_from`).
    """
    check_manage(by)
    if SupervisionInterval.objects.filter(post=post, effective_from=effective_from).exists():
        raise ValidationError({"effective_from": f"There is an interval from {said(effective_from)} already."})
    made = SupervisionInterval(post=post, weeks=weeks, effective_from=effective_from)
    made.full_clean()
    made.save()
    text = f"{Post(post).label}: supervision every {weeks} weeks from {said(effective_from)}."
    record(by=by, kind="supervision_interval", text=text, about=made)
    return made
