"""Log a request about records, keep its clock, answer it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from clusters.notices import tell
from clusters.references import next_reference
from families.alerts import people_to_tell
from families.models import Family, Person
from keeping.models import Pause, RequestWords, RightsRequest, Told
from keeping.requests import clock, letters
from keeping.requests.policies import can_handle, check_handle, check_log
from keeping.requests.workflow import REQUEST

Kind, Status, Identity = RightsRequest.Kind, RightsRequest.Status, RightsRequest.Identity


@transaction.atomic
def log_request(
    *,
    by: User,
    family: Family,
    person: Person,
    kind: str,
    asker: str,
    channel: str,
    received_on: date,
    asker_name: str,
    wanted: str,
    asker_contact: str = "",
    identity: str = Identity.KNOWN,
    identity_how: str = "",
    responsibility_how: str = "",
    competence: str = "",
) -> RightsRequest:
    """Note that somebody asks, write the letter that says so, and tell the leaders. Raises Denied.

    A leader who logs it deals with it, else the one who is longest in the role; either may hand it on.
    """
    check_log(by, family)
    today = timezone.localdate()
    keys = {"cluster_id": family.cluster_id, "family_id": family.pk}
    leaders = people_to_tell(cluster_id=family.cluster_id, restricted=family.restricted, named=_named(family))
    asked = RightsRequest.objects.create(
        **keys,
        reference=next_reference(family.cluster, year=today.year, kind="rights"),
        kind=kind,
        person=person,
        asker=asker,
        channel=channel,
        received_on=received_on,
        identity=identity,
        identity_on=received_on if identity == Identity.SHOWN else None,
        competence=competence,
        stage=RightsRequest.Stage.LOCAL if kind == Kind.COMPLAINT else None,
        stage_on=received_on if kind == Kind.COMPLAINT else None,
        handler=by if family.restricted or by in leaders or not leaders else leaders[0],
        logged_by=by,
    )
    RequestWords.objects.create(
        **keys,
        request=asked,
        asker_name=asker_name,
        asker_contact=asker_contact,
        wanted=wanted,
        identity_how=identity_how,
        responsibility_how=responsibility_how,
    )
    letters.received_letter(by=by, asked=asked)
    audit.event(by=by, kind="rights", text=f"{asked.reference} logged: {asked.get_kind_display().lower()}", about=asked)
    for leader in leaders:
        tell(
            leader,
            key=f"rights:{asked.pk}:{leader.pk}",
            subject="Somebody asks about their records",
            text="It has to be answered in time. Sign in to see what is asked and by when.",
            url_name="rights-request",
            pk=asked.pk,
            about=asked,
        )
    return asked


def others_who_deal(asked: RightsRequest) -> list[User]:
    """The leaders to whom it can be handed: those of today who may deal with it, but for who does."""
    family = asked.family
    leaders = people_to_tell(cluster_id=asked.cluster_id, restricted=family.restricted, named=_named(family))
    return [leader for leader in leaders if leader.pk != asked.handler_id and can_handle(leader, asked)]


def _named(family: Family) -> list[int]:
    return list(family.named_readers.values_list("user_id", flat=True)) if family.restricted else []


def _locked(asked: RightsRequest, by: User, *statuses: str) -> RightsRequest:
    query = RightsRequest.objects.select_for_update(of=("self",)).select_related("family", "cluster", "person", "words")
    found = query.get(pk=asked.pk)
    check_handle(by, found)
    if found.status not in statuses:
        raise Conflict(f"This request is now “{found.get_status_display()}”. Load the page again.")
    return found


def _event(by: User, asked: RightsRequest, text: str) -> None:
    audit.event(by=by, kind="rights", text=f"{asked.reference}: {text}", about=asked)


@transaction.atomic
def show_identity(*, by: User, asked: RightsRequest, on: date, how: str, responsibility_how: str = "") -> None:
    """Identity was shown: the clock runs from that day. Raises Denied, Conflict, ValidationError."""
    asked = _locked(asked, by, *RightsRequest.OPEN)
    if asked.identity != Identity.ASKED:
        raise Conflict("Identity is settled already.")
    if not asked.received_on <= on <= timezone.localdate():
        raise ValidationError({"on": "The day must be between the day of the request and today."})
    asked.identity, asked.identity_on = Identity.SHOWN, on
    asked.save(update_fields=["identity", "identity_on"])
    words = asked.words
    words.identity_how, words.responsibility_how = how, responsibility_how or words.responsibility_how
    words.save(update_fields=["identity_how", "responsibility_how"])
    _event(by, asked, "identity shown")


@transaction.atomic
def pause(*, by: User, asked: RightsRequest, question: str) -> None:
    """We ask what is meant: the clock stands still from today. Raises Denied, Conflict."""
    asked = _locked(asked, by, *RightsRequest.OPEN)
    if asked.kind == Kind.COMPLAINT:
        raise Conflict("The time to answer a complaint does not stand still.")
    if any(one.ends_on is None for one in asked.waits):
        raise Conflict("We wait for an answer already.")
    Pause.objects.create(
        cluster_id=asked.cluster_id,
        family_id=asked.family_id,
        request=asked,
        asked=question,
        starts_on=timezone.localdate(),
    )
    letters.clarify_letter(by=by, asked=asked, question=question)
    _event(by, asked, "asked what is meant; the clock stands still")


@transaction.atomic
def resume(*, by: User, asked: RightsRequest, on: date, heard: str) -> None:
    """They answered: the clock runs again from that day. Raises Denied, Conflict, ValidationError."""
    asked = _locked(asked, by, *RightsRequest.OPEN)
    waiting = Pause.objects.filter(request=asked, ends_on=None).first()
    if waiting is None:
        raise Conflict("The clock is running.")
    if not waiting.starts_on <= on <= timezone.localdate():
        raise ValidationError({"on": "The day must be between the day on which we asked and today."})
    Pause.objects.filter(pk=waiting.pk).update(ends_on=on)
    RequestWords.objects.filter(request=asked).update(wanted=f"{asked.words.wanted}\n\nClarified: {heard}")
    _event(by, asked, "clarified; the clock runs")


@transaction.atomic
def extend(*, by: User, asked: RightsRequest, why: str) -> None:
    """Two months more, told within the first [UK GDPR Art. 12(3)]. Raises Denied, Conflict."""
    asked = _locked(asked, by, *RightsRequest.OPEN)
    if asked.kind == Kind.COMPLAINT or asked.extended_on is not None:
        raise Conflict("This cannot be extended (again).")
    today = timezone.localdate()
    if asked.due_on < today:
        raise Conflict("The month is over: an extension had to be told within it. Answer as soon as you can.")
    asked.extended_on = today
    asked.save(update_fields=["extended_on"])
    RequestWords.objects.filter(request=asked).update(extension_why=why)
    letters.extended_letter(by=by, asked=asked, why=why)
    _event(by, asked, "extended by two months")


@transaction.atomic
def answer(*, by: User, asked: RightsRequest, outcome: str, text: str, statement: str = "", learning: str = "") -> None:
    """Answer a rectification or a complaint; of a copy, that nothing is held.

    Raises Denied, Conflict, ValidationError.
    """
    asked = _locked(asked, by, Status.OPEN)
    allowed = RightsRequest.OUTCOMES[asked.kind] if asked.kind != Kind.ACCESS else (RightsRequest.Outcome.NOTHING_HELD,)
    if outcome not in allowed:
        raise ValidationError({"outcome": "Choose what came of it."})
    changed: dict[str, Any] = {"answer": text, "statement": statement, "learning": learning}
    _end(asked, Status.ANSWERED, outcome)
    RequestWords.objects.filter(request=asked).update(**changed)
    letters.answer_letter(by=by, asked=asked, answer=text)
    _event(by, asked, f"answered: {asked.get_outcome_display().lower()}")


def _end(asked: RightsRequest, status: str, outcome: str = "") -> None:
    REQUEST.step(asked.status, status)
    today, due = timezone.localdate(), asked.due_on
    asked.in_time = today <= due
    asked.status, asked.outcome, asked.ended_on = status, outcome, today
    asked.save(update_fields=["status", "outcome", "ended_on", "in_time"])


@transaction.atomic
def refuse(*, by: User, asked: RightsRequest, why: str) -> None:
    """Refused as manifestly unfounded or excessive, or as not this person's to ask. Raises Denied, Conflict."""
    asked = _locked(asked, by, Status.OPEN)
    _end(asked, Status.REFUSED)
    RequestWords.objects.filter(request=asked).update(answer=why)
    letters.refusal_letter(by=by, asked=asked, why=why)
    _event(by, asked, "refused")


@transaction.atomic
def withdraw(*, by: User, asked: RightsRequest, why: str) -> None:
    asked = _locked(asked, by, *RightsRequest.OPEN)
    _end(asked, Status.WITHDRAWN)
    RequestWords.objects.filter(request=asked).update(answer=why)
    _event(by, asked, "withdrawn by who asked")


@transaction.atomic
def next_stage(*, by: User, asked: RightsRequest, why: str) -> None:
    """The answer to a complaint is not accepted: the next stage begins today. Raises Denied, Conflict."""
    asked = _locked(asked, by, Status.ANSWERED)
    if asked.kind != Kind.COMPLAINT or asked.stage is None or asked.stage >= RightsRequest.Stage.REVIEW:
        raise Conflict("There is no further stage here. The family can turn to the Ombudsman: lgo.org.uk.")
    REQUEST.step(asked.status, Status.OPEN)
    asked.status, asked.outcome, asked.ended_on, asked.in_time = Status.OPEN, "", None, None
    asked.stage, asked.stage_on = asked.stage + 1, timezone.localdate()
    asked.save(update_fields=["status", "outcome", "ended_on", "in_time", "stage", "stage_on"])
    words = f"{asked.words.wanted}\n\nStage {asked.stage}, {letters.day(timezone.localdate())}: {why}"
    RequestWords.objects.filter(request=asked).update(wanted=words)
    _event(by, asked, f"goes on to stage {asked.stage}")


@transaction.atomic
def disagree(*, by: User, asked: RightsRequest, statement: str) -> None:
    """The person's own statement, kept with the record and shown at it. Raises Denied, Conflict."""
    asked = _locked(asked, by, Status.OPEN, Status.ANSWERED)
    if asked.kind != Kind.RECTIFICATION:
        raise Conflict("A statement belongs to a request to put something right.")
    RequestWords.objects.filter(request=asked).update(statement=statement)
    _event(by, asked, "statement of disagreement added")


@transaction.atomic
def note_told(*, by: User, asked: RightsRequest, who: str, on: date) -> None:
    """Somebody to whom the wrong data had been passed on was told. Raises Denied, Conflict, ValidationError."""
    asked = _locked(asked, by, Status.OPEN, Status.ANSWERED)
    if asked.kind != Kind.RECTIFICATION:
        raise Conflict("Only where something is put right are others told.")
    if not asked.received_on <= on <= timezone.localdate():
        raise ValidationError({"on": "The day must be between the day of the request and today."})
    Told.objects.create(
        cluster_id=asked.cluster_id, family_id=asked.family_id, request=asked, who=who, told_on=on, told_by=by
    )
    _event(by, asked, f"told {who}")


@transaction.atomic
def hand_on(*, by: User, asked: RightsRequest, to: User) -> None:
    """Another leader of the Cluster deals with it, and is told. Raises Denied, Conflict."""
    asked = _locked(asked, by, *RightsRequest.OPEN)
    check_handle(to, asked)
    asked.handler = to
    asked.save(update_fields=["handler"])
    _event(by, asked, f"now with {to.name}")
    tell(
        to,
        key=f"rights-handed:{asked.pk}:{to.pk}:{timezone.now():%Y%m%d%H%M}",
        subject="A request about records was handed to you",
        text="You deal with it from now on. Sign in to see what is asked and by when.",
        url_name="rights-request",
        pk=asked.pk,
        about=asked,
    )


def working_days() -> int:
    return int(settings.COMPLAINT_WORKING_DAYS)


def last_day_to_extend(asked: RightsRequest) -> date:
    return clock.month_due(asked.received_on, today=timezone.localdate(), identity_on=asked.identity_on)
