"""The copy of what is held: asked for, gathered by a worker, read twice, released, taken, removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import User
from clusters.notices import tell
from families.models import Person
from keeping.models import (
    AccessJob,
    HeldCopy,
    HeldEntry,
    HeldFile,
    Mark,
    PrivateReading,
    RedactedDocument,
    RightsRequest,
)
from keeping.requests.letters import answer_letter
from keeping.requests.policies import check_handle, check_second
from keeping.requests.workflow import REQUEST
from keeping.subject_access import files
from keeping.subject_access.held import held_on
from keeping.subject_access.marking import check_private, first_marks, others_than
from keeping.subject_access.models import Reason
from monitoring import worked_out

What, Status, Kind = AccessJob.What, RightsRequest.Status, RightsRequest.Kind
NOT_YET = "The copy is not gathered yet."


def ask_worker(asked: RightsRequest, what: str, *, after: datetime | None = None) -> AccessJob:
    """A job for the worker. after: not before this moment; until then it counts as leased."""
    job = AccessJob.objects.create(
        what=what,
        request_id=asked.pk,
        about_family=asked.family_id,
        about_cluster=asked.cluster_id,
        leased_until=after,
    )
    if after is None:
        transaction.on_commit(lambda: worked_out.make_soon(job), robust=True)
    return job


def last_job(asked: RightsRequest, what: str) -> AccessJob | None:
    return AccessJob.objects.filter(request_id=asked.pk, what=what).first()


def _locked(asked: RightsRequest, *statuses: str) -> RightsRequest:
    found = RightsRequest.objects.select_for_update(of=("self",)).select_related("family").get(pk=asked.pk)
    if found.kind != Kind.ACCESS or found.status not in statuses:
        raise Conflict(f"This request is now “{found.get_status_display()}”. Load the page again.")
    return found


@transaction.atomic
def gather(*, by: User, asked: RightsRequest) -> AccessJob:
    """Have everything gathered. A second time throws away what was marked the first. Raises Denied, Conflict."""
    asked = _locked(asked, Status.OPEN)
    check_handle(by, asked)
    if asked.identity == RightsRequest.Identity.ASKED:
        raise Conflict("Identity was asked for and is not shown yet. Nothing is gathered for somebody unknown.")
    job = last_job(asked, What.GATHER)
    if job and job.is_open:
        raise Conflict("The copy is being gathered already.")
    audit.event(by=by, kind="subject access", text=f"{asked.reference}: has what is held gathered", about=asked)
    return ask_worker(asked, What.GATHER)


def do(pk: UUID) -> bool:
    """What a job says. False when another worker has it, or it is done. Raises LostLease."""
    job = worked_out.take(AccessJob, pk)
    if job is None:
        return False
    authors = list(User.objects.values_list("pk", flat=True))
    with acting_as(NamedActor.SCHEDULER):
        # Not the family of when it was asked: the two may have been merged since.
        family = RightsRequest.objects.values_list("family_id", flat=True).get(pk=job.request_id)
    with acting_as(NamedActor.SUBJECT_ACCESS, family=family, authors=authors):
        asked = RightsRequest.objects.select_related("person__family", "handler", "cluster").get(pk=job.request_id)
        {What.GATHER: _gather, What.FILES: _files, What.REMOVE: _remove}[What(job.what)](job, asked)
        worked_out.finish(job)
    return True


def _gather(job: AccessJob, asked: RightsRequest) -> None:
    worked_out.keep(job, step="reading what is held", progress=10)
    _clear(asked)
    held = held_on(asked.person)
    keys = {"cluster_id": asked.cluster_id, "family_id": asked.family_id, "request": asked}
    entries = [
        HeldEntry(
            **keys,
            number=number,
            section=one.section,
            title=one.title,
            at=one.at,
            source=one.source,
            source_id=one.source_id,
            lines=one.lines,
            file_path=one.file_path,
            file_name=one.file_name,
            private=one.private,
            author_id=one.author_id,
        )
        for number, one in enumerate(held, start=1)
    ]
    HeldEntry.objects.bulk_create(entries, batch_size=500)
    worked_out.keep(job, step="marking what is about others", progress=60)
    others = others_than(asked.person)
    childs = asked.person.is_child and asked.asker != RightsRequest.Asker.PERSON
    marks = [
        mark
        for entry, one in zip(entries, held, strict=True)
        for mark in first_marks(entry, one, others, childs_words=childs)
    ]
    Mark.objects.bulk_create(marks, batch_size=1000)
    private = Counter(one.author_id for one in held if one.private and one.author_id)
    readings = [PrivateReading(**keys, author_id=author, entries=count) for author, count in private.items()]
    PrivateReading.objects.bulk_create(readings)
    HeldCopy.objects.create(**keys, person_words=str(asked.person), gathered_at=timezone.now(), entries=len(entries))
    _tell_gathered(job, asked, readings)


def _tell_gathered(job: AccessJob, asked: RightsRequest, readings: list[PrivateReading]) -> None:
    tell(
        asked.handler,
        key=f"access-gathered:{job.pk}",
        subject="A copy of a record is gathered",
        text="Read it, and mark what cannot be given.",
        url_name="rights-request",
        pk=asked.pk,
        about=asked,
    )
    authors = User.objects.in_bulk([reading.author_id for reading in readings])
    for reading in readings:
        tell(
            authors.get(reading.author_id),
            key=f"access-private:{reading.pk}",
            subject="Your private notes are asked for",
            text="Somebody asks for all that is held on them. Say what of your private notes can be given.",
            url_name="access-private",
            pk=reading.pk,
            about=asked,
        )


def _clear(asked: RightsRequest) -> None:
    for model in (Mark, RedactedDocument, HeldEntry, HeldFile, PrivateReading):
        model._default_manager.filter(request=asked).delete()
    HeldCopy.objects.filter(request=asked, released_at=None).delete()


@transaction.atomic
def private_read(*, by: User, reading: PrivateReading) -> None:
    """Whose notes they are says: what is not marked can be given. Raises Denied, Conflict."""
    check_private(by, reading.author_id)
    reading = PrivateReading.objects.select_for_update(of=("self",)).get(pk=reading.pk)
    if reading.read_at is not None:
        raise Conflict("This was said already.")
    mine = {"request_id": reading.request_id, "author_id": reading.author_id, "private": True}
    if Mark.objects.filter(**mine, reason=Reason.TO_READ, undone_at=None).exists():
        raise Conflict("Open each document first, and say whether it can be given.")
    reading.read_at, reading.read_by = timezone.now(), by
    reading.save(update_fields=["read_at", "read_by"])
    audit.event(by=by, kind="subject access", text="Private notes read for a copy of the record", about=reading)


def not_ready(asked: RightsRequest) -> list[str]:
    """What is still to be done before a second reader can have the copy."""
    if not HeldCopy.objects.filter(request=asked).exists():
        return [NOT_YET]
    waiting = PrivateReading.objects.filter(request=asked, read_at=None).select_related("author")
    left = [f"{reading.author.name} has not yet said what of the private notes can be given." for reading in waiting]
    documents = Mark.objects.filter(request=asked, reason=Reason.TO_READ, undone_at=None, private=False).count()
    if documents:
        left.append(f"{documents} document{'' if documents == 1 else 's'} not read yet: give or withhold each.")
    return left


@transaction.atomic
def send_to_reader(*, by: User, asked: RightsRequest) -> None:
    """Whoever marked the copy is done: somebody else reads it. Raises Denied, Conflict."""
    asked = _locked(asked, Status.OPEN)
    check_handle(by, asked)
    left = not_ready(asked)
    if left:
        raise Conflict(" ".join(left))
    step = REQUEST.step(asked.status, Status.READING)
    asked.status, asked.sent_to_reader_by = Status.READING, by
    asked.save(update_fields=["status", "sent_to_reader_by"])
    audit.event(by=by, kind="subject access", text=f"{asked.reference}: {step.logged}", about=asked)


@transaction.atomic
def send_back(*, by: User, asked: RightsRequest, why: str) -> None:
    asked = _locked(asked, Status.READING)
    check_second(by, asked)
    step = REQUEST.step(asked.status, Status.OPEN)
    asked.status = Status.OPEN
    asked.save(update_fields=["status"])
    audit.event(by=by, kind="subject access", text=f"{asked.reference}: {step.logged}. {why}", about=asked)
    tell(
        asked.handler,
        key=f"access-back:{asked.pk}:{timezone.now():%Y%m%d%H%M}",
        subject="A copy of a record came back",
        text="The second reader has found something to change.",
        url_name="rights-request",
        pk=asked.pk,
        about=asked,
    )


@transaction.atomic
def release(*, by: User, asked: RightsRequest) -> None:
    """The second reader lets it go: the letter is written, the worker makes the files. Raises Denied, Conflict."""
    asked = _locked(asked, Status.READING)
    check_second(by, asked)
    left = not_ready(asked)
    if left:
        raise Conflict(" ".join(left))
    copy = HeldCopy.objects.select_for_update(of=("self",)).get(request=asked)
    step = REQUEST.step(asked.status, Status.ANSWERED)
    today = timezone.localdate()
    due, touched = asked.due_on, Mark.objects.filter(request=asked, undone_at=None).exists()
    touched = touched or RedactedDocument.objects.filter(request=asked).exists()
    touched = touched or PrivateReading.objects.filter(request=asked).exists()
    asked.status, asked.ended_on, asked.in_time = Status.ANSWERED, today, today <= due
    asked.outcome = RightsRequest.Outcome.PART if touched else RightsRequest.Outcome.WHOLE
    asked.save(update_fields=["status", "ended_on", "in_time", "outcome"])
    copy.released_at, copy.released_by = timezone.now(), by
    copy.expires_on = today + timedelta(days=settings.ACCESS_FILES_DAYS)
    copy.save(update_fields=["released_at", "released_by", "expires_on"])
    answer_letter(by=by, asked=asked)
    audit.event(by=by, kind="subject access", text=f"{asked.reference}: {step.logged}", about=asked)
    ask_worker(asked, What.FILES)


def _files(job: AccessJob, asked: RightsRequest) -> None:
    worked_out.keep(job, step="writing the copy", progress=20)
    copy = HeldCopy.objects.select_related("released_by").get(request=asked)
    entries = list(HeldEntry.objects.filter(request=asked).order_by("number"))
    marks = list(Mark.objects.filter(request=asked, undone_at=None))
    instead = list(RedactedDocument.objects.filter(request=asked))
    made = files.make(asked, copy, entries, marks, instead)
    worked_out.keep(job, step="keeping the files", progress=90)
    HeldFile.objects.filter(request=asked).delete()
    keys = {"cluster_id": asked.cluster_id, "family_id": asked.family_id, "request": asked}
    for kind, content in made.items():
        HeldFile.objects.create(**keys, kind=kind, content=content, size=len(content), sha256=files.digest(content))
    withheld = dict(Counter(mark.reason for mark in marks))
    copy.counts = {"entries": len(entries), "withheld": withheld, "documents_in_part": len(instead)}
    copy.save(update_fields=["counts"])
    tell(
        asked.handler,
        key=f"access-files:{job.pk}",
        subject="A copy of a record can be handed over",
        text="The second reader has released it, and its files are made.",
        url_name="rights-request",
        pk=asked.pk,
        about=asked,
    )
    ends = datetime.combine((copy.expires_on or timezone.localdate()) + timedelta(days=1), time())
    ask_worker(asked, What.REMOVE, after=timezone.make_aware(ends))


def _remove(job: AccessJob, asked: RightsRequest) -> None:
    """The copy and its files go; that it was made, what was withheld how often, and who took it stays."""
    for model in (Mark, RedactedDocument, HeldEntry, HeldFile):
        model._default_manager.filter(request=asked).delete()
    HeldCopy.objects.filter(request=asked).update(removed_at=timezone.now())


@transaction.atomic
def take_file(*, by: User, asked: RightsRequest, kind: str) -> HeldFile:
    """The file, after noting who took it. Raises Denied, and Conflict when there is none (any more)."""
    check_handle(by, asked)
    found = HeldFile.objects.filter(request=asked, kind=kind).first()
    if found is None:
        raise Conflict("This file is not made yet, or no longer kept.")
    text = f"{asked.reference}: took the file to hand over ({found.get_kind_display()})"
    audit.event(by=by, kind="subject access", text=text, about=asked)
    return found


def drop(asked: RightsRequest) -> None:
    """For a request that ended without an answer: what was gathered goes at once."""
    if HeldCopy.objects.filter(request=asked, removed_at=None).exists():
        ask_worker(asked, What.REMOVE)


def carry_on() -> None:
    """For the sweep."""
    worked_out.carry_on(AccessJob)


def kept_contents() -> Iterator[tuple[str, Iterable[bytes]]]:
    """For `scan_files`: what is given in the place of documents, and the files made of it. One family at a time, and
    each content in a transaction of its own, since the scanner may take its time."""
    authors = list(User.objects.values_list("pk", flat=True))

    def read(family: UUID, model: type[Model], field: str, **which: UUID) -> list[Any]:
        with acting_as(NamedActor.SUBJECT_ACCESS, family=family, authors=authors):
            return list(model._default_manager.filter(family_id=family, **which).values_list(field, flat=True))

    with acting_as(NamedActor.SCHEDULER):
        families = set(RightsRequest.objects.filter(kind=Kind.ACCESS).values_list("family_id", flat=True))
    for family, model in product(families, (RedactedDocument, HeldFile)):
        for pk in read(family, model, "pk"):
            # Removed meanwhile, it is not there any more.
            for content in read(family, model, "content", pk=pk):
                yield f"{model._meta.db_table} {pk}", [content]


def about_of(asked: RightsRequest) -> dict[str, Any]:
    person: Person = asked.person
    return {"person": str(person), "reference": asked.reference, "received_on": asked.received_on.isoformat()}
