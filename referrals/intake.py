"""What comes in from outside and is still to be matched: received once, then linked, set aside or passed on.

The contract of `payload` (every value a text unless said otherwise; leave out what is not known):

- child: `first_name`, `last_name`, `known_as`, `birth_date` (ISO date), `age` (whole years), `gender` (a value of
  families.Gender), `upn`, `nhs_number`, `address`, `postcode`, `telephone`, `year_group`, `school_name` (as given)
- carer: `carer_first_name`, `carer_last_name`, `carer_relationship` (code of the vocabulary `relationship`),
  `carer_telephone`, `carer_email`, `carer_language`, `carer_interpreter` (true or false)
- who sends: `referrer_name`, `referrer_role`, `referrer_organisation`, `referrer_telephone`, `referrer_email`,
  `route` (code of the vocabulary `route`; without it the source says)
- story: the names of `referrals.services.STORY_FIELDS`
- agreement: `agreed` (a value of referrals.Agreed), `agreed_by`, `agreed_on` (ISO date), `agreed_how`
- `reasons`: a list of pairs [category code, sub-reason code or ""]
- `restricted` (true): somebody who works here is close to the family. The row policies then open it to the Cluster's
  leaders alone, and the record that it becomes is restricted from its first moment
- anything else is kept, shown as given, and goes into the referral's notes: nothing is lost.
"""

import json
import secrets
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.tasks import queue_message
from clusters.models import Cluster, Role, School, StaffRole, Term, User
from families.alerts import harm_rungs
from families.identifiers import check_nhs_number, check_upn
from families.models import Family, Gender, Person
from referrals import policies
from referrals.models import Agreed, Channel, Intake, IntakeReject, Referral
from referrals.rules import check_age_given, check_birth_date, plainly_restricted
from referrals.services import STORY_FIELDS, submit_referral
from referrals.workflow import INTAKE

ROUTES = {"police": "police", "spa": "health", "csws": "csws", "online": "self_or_family"}
OPEN_RECORD = "The family’s record is open to everybody here. Restrict the record first, then come back to this."
REFERRER = ("name", "role", "organisation", "telephone", "email")
LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "known_as": "Known as",
    "birth_date": "Born",
    "age": "Age in years",
    "gender": "Gender",
    "upn": "UPN",
    "nhs_number": "NHS number",
    "address": "Address",
    "postcode": "Postcode",
    "telephone": "Telephone",
    "year_group": "Year group",
    "school_name": "School, as given",
    "carer_first_name": "Parent or carer, first name",
    "carer_last_name": "Parent or carer, last name",
    "carer_relationship": "Parent or carer, relationship",
    "carer_telephone": "Parent or carer, telephone",
    "carer_email": "Parent or carer, e-mail",
    "carer_language": "Parent or carer, language",
    "carer_interpreter": "Parent or carer needs an interpreter",
    "referrer_name": "Sent by",
    "referrer_role": "Role",
    "referrer_organisation": "Organisation",
    "referrer_telephone": "Sender’s telephone",
    "referrer_email": "Sender’s e-mail",
    "restricted": "Somebody who works here must not read it",
    "worrying": "What is worrying",
    "tried": "What has been tried",
    "going_well": "What is going well",
    "family_wants": "What the family wants",
    "child_says": "What the child says",
    "lives_at_home": "Who lives at home",
    "who_else_helps": "Who else helps",
    "visiting_risks": "Risks on a visit",
    "notes": "Notes",
    "agreed": "Does the family agree",
    "agreed_by": "Agreed by",
    "agreed_on": "Agreed on",
    "agreed_how": "Agreed how",
}
# What the referral has a place of its own for; the rest goes into its notes as it was given.
PLACED = {*STORY_FIELDS, *(f"referrer_{name}" for name in REFERRER), "agreed", "agreed_by", "agreed_on", "agreed_how"}
PLACED |= {"route", "reasons"}


@dataclass(frozen=True)
class Received:
    """What the sender is told. `new` is False when the same thing had come before."""

    id: UUID
    reference: str
    new: bool


def new_reference() -> str:
    """What the sender may quote. Drawn, so that it says nothing of what was sent."""
    letters = b32encode(secrets.token_bytes(5)).decode()
    return f"AH-{letters[:4]}-{letters[4:]}"


def known_as(source: str, external_id: str) -> tuple[UUID, str]:
    """The key and the reference under which a thing from outside is kept already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_intake_known(%s, %s)", [source, external_id])
        row = cursor.fetchone()
    # Staff see the entries of their own Cluster; who brings things in sees none.
    return row or Intake.objects.values_list("pk", "reference").get(source=source, external_id=external_id)


INSERT = """
INSERT INTO referrals_intake (id, cluster_id, school_id, source, external_id, reference, payload, language, harm,
                              proven, received_at, state, reason, to_look_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'new', '', false) ON CONFLICT DO NOTHING
"""


@transaction.atomic
def receive_intake(
    *,
    by: Actor,
    source: str,
    external_id: str,
    payload: Mapping[str, Any],
    cluster: Cluster | None = None,
    cluster_id: int | None = None,
    school: School | None = None,
    school_id: int | None = None,
    received_at: datetime | None = None,
    language: str = "en",
    harm: bool = False,
    proven: bool = True,
) -> Received:
    """Keep what came from outside, once. A second delivery of the same (source, external_id) changes nothing here:
    `referrals/intake_changes.py` brings an entry up to date.

    by: the actor in whose scope this runs: NamedActor.PUBLIC_FORM or FEED (any Cluster or none, nothing is read back),
    or a worker of `cluster`. cluster (or its id): None when it is not known; any Cluster's
    leader can then find it and pass it on.
    harm: whoever is on duty is told at once, without a name.
    """
    key, reference = uuid4(), new_reference()
    cluster_id, school_id = cluster.pk if cluster else cluster_id, school.pk if school else school_id
    payload = plainly_restricted(payload)
    values = [
        key, cluster_id, school_id, source, external_id, reference,
        json.dumps(dict(payload), default=str), language, harm, proven, received_at or timezone.now(),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        new = cursor.rowcount == 1
    if not new:
        key, reference = known_as(source, external_id)
    else:
        intake = Intake(pk=key, cluster_id=cluster_id, reference=reference, payload=payload)
        audit.event(by=by, kind="intake.received", text=f"{reference} came in ({source}), to be matched", about=intake)
        if harm:
            tell_of_harm(intake)
    return Received(key, reference, new)


def tell_of_harm(intake: Intake) -> None:
    """Whoever is on duty is told at once, without a name, and nobody twice of the same entry.

    Of a restricted entry: the leaders among them, then the managers.
    """
    path = reverse("intake", args=[intake.pk])
    leads = StaffRole.objects.today().filter(role=Role.LEADER, cluster_id=intake.cluster_id, user__is_active=True)
    named = list(leads.values_list("user_id", flat=True)) if intake.is_restricted else []
    # Nobody answers for it here as for a referral, so that the next on duty is told together with the first.
    few, now = intake.is_restricted, timezone.now()
    rungs = harm_rungs(cluster_id=intake.cluster_id or 0, restricted=few, named=named, at=now)[:2]
    for person in [person for rung in rungs for person in rung]:
        queue_message(
            key=f"harm:intake:{intake.pk}:{person.key}",
            to=person.email,
            subject="A referral needs you now",
            body=(
                f"A referral needs you now. Sign in to read it: {settings.PUBLIC_URL}{path}"
                if person.contact_id is None
                else f"Something came in to early help that cannot wait: {intake.reference}. Ring the Cluster or its "
                f"leader and give this reference; whoever has a sign-in reads it here: {settings.PUBLIC_URL}{path}"
            ),
            user_id=person.user_id,
            url=path,
            urgent=True,
        )


def _locked(by: User, intake: Intake, target: str) -> Intake:
    """The row, locked, when it may go on to `target`. Raises Conflict naming who was first, or Denied."""
    now = Intake.objects.select_for_update(of=("self",)).select_related("acted_by", "cluster").get(pk=intake.pk)
    policies.check_intake(by, now)
    if (now.state, target) not in INTAKE.by_pair and now.acted_by:
        words = {"linked": "made into a referral", "discarded": "set aside", "new": "brought back"}[now.state]
        at = timezone.localtime(now.acted_at)
        raise Conflict(f"{now.reference} was {words} by {now.acted_by} on {at.day} {at:%B, %H:%M}.")
    INTAKE.step(now.state, target)
    return now


def _acted(by: User, intake: Intake, *, kind: str, text: str, **changes: Any) -> None:
    for name, value in {**changes, "acted_by": by, "acted_at": timezone.now()}.items():
        setattr(intake, name, value)
    intake.save(update_fields=[*changes, "acted_by", "acted_at"])
    audit.event(by=by, kind=kind, text=text, about=intake)


@transaction.atomic
def take_intake(*, by: User, intake: Intake, child: Person | None = None, family: Family | None = None) -> Referral:
    """Make the referral: of a child who is known, of a new child in a known family, or of a new child and family.

    The record of a known child is not changed by what came from outside: that stands in the referral's notes.
    Raises Denied, Conflict when somebody was first, ValidationError when no Cluster is known yet.
    """
    now = _locked(by, intake, Intake.State.LINKED)
    if now.cluster is None:
        raise ValidationError("Pass this on to a Cluster first.")
    known = child.family if child else family
    if now.is_restricted and known and not known.restricted:
        raise ValidationError(OPEN_RECORD)
    referral = make_referral(by=by, cluster=now.cluster, intake=now, child=child, family=family)
    text = f"{now.reference} made into referral {referral.reference}"
    made = {"state": Intake.State.LINKED, "referral": referral, "family": referral.family}
    _acted(by, now, kind="intake.linked", text=text, **made)
    return referral


def make_referral(
    *, by: Actor, cluster: Cluster, intake: Intake, child: Person | None, family: Family | None = None
) -> Referral:
    """The referral that an intake is about. Raises what `submit_referral` raises."""
    payload = intake.payload
    received_on = timezone.localtime(intake.received_at).date()
    extra: dict[str, Any] = {"child": child}
    if child is None:
        extra = {"family": family, "child_details": child_details(payload, intake.school, received_on)}
        if family is None:
            home = {name: str(payload.get(name, "")) for name in ("address", "postcode", "telephone")}
            extra |= {"family_details": _fitted(home, Family), "carer_details": carer_details(payload)}
            extra |= {"restricted": intake.is_restricted}
    return submit_referral(
        by=by,
        cluster=cluster,
        received_on=received_on,
        route=_term("route", payload.get("route")) or Term.objects.get(vocabulary="route", code=ROUTES[intake.source]),
        channel=Channel(intake.source),
        school=intake.school,
        year_group=str(payload.get("year_group", ""))[:4],
        age_given=_age(payload),
        referrer=_referrer(payload),
        reasons=_reasons(payload),
        story={name: str(payload.get(name, "")) for name in STORY_FIELDS} | {"notes": as_given(payload)},
        agreed=payload.get("agreed") if payload.get("agreed") in Agreed.values else Agreed.UNKNOWN,
        agreed_by=str(payload.get("agreed_by", ""))[:120],
        agreed_on=_day(payload.get("agreed_on"), latest=received_on),
        agreed_how=str(payload.get("agreed_how", ""))[:120],
        harm=intake.harm,
        **extra,
    )


@transaction.atomic
def discard_intake(*, by: User, intake: Intake, reason: str) -> None:
    """Set aside what becomes no referral, with the reason. Raises ValidationError without one."""
    now = _locked(by, intake, Intake.State.DISCARDED)
    if not reason.strip():
        raise ValidationError({"reason": "Enter why this becomes no referral"})
    text = f"{now.reference} set aside"
    _acted(by, now, kind="intake.discarded", text=text, state=Intake.State.DISCARDED, reason=reason.strip())


@transaction.atomic
def bring_back_intake(*, by: User, intake: Intake) -> None:
    now = _locked(by, intake, Intake.State.NEW)
    _acted(by, now, kind="intake.back", text=f"{now.reference} brought back", state=Intake.State.NEW, reason="")


@transaction.atomic
def settle_reject(*, by: User, reject: IntakeReject) -> None:
    """A row that could not be taken has been seen to. A second time changes nothing."""
    policies.check_bring_files(by)
    now = IntakeReject.objects.select_for_update(of=("self",)).get(pk=reject.pk)
    if now.settled_at is None:
        now.settled_by, now.settled_at = by, timezone.now()
        now.save(update_fields=["settled_by", "settled_at"])
        text = f"Row {now.row_number} of the file {now.file_name} seen to"
        audit.event(by=by, kind="intake.settled", text=text, about=now)


@transaction.atomic
def pass_intake(*, by: User, intake: Intake, cluster: Cluster) -> None:
    """Give it to another Cluster, whose people then see it and its giver no longer does."""
    now = _locked(by, intake, Intake.State.LINKED)
    text = f"{now.reference} passed to {cluster}"
    audit.event(by=by, kind="intake.passed", text=text, about=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_pass_intake(%s, %s)", [now.pk, cluster.pk])


def child_details(payload: Mapping[str, Any], school: School | None, received_on: date) -> dict[str, Any]:
    """A new child's details, without what would be refused: that stays in the notes."""
    born = birth_date(payload, received_on)
    details: dict[str, Any] = {
        "first_name": str(payload.get("first_name", "")),
        "last_name": str(payload.get("last_name", "")) or "Not known",
        "known_as": str(payload.get("known_as", "")),
        "birth_date": born,
        "gender": payload.get("gender") if payload.get("gender") in Gender.values else Gender.UNKNOWN,
        "school": school,
        "year_group": str(payload.get("year_group", "")),
    }
    for name, check in (("upn", check_upn), ("nhs_number", check_nhs_number)):
        try:
            details[name] = check(str(payload.get(name, "")))
        except ValidationError:
            details[name] = ""
    return _fitted(details, Person)


def birth_date(payload: Mapping[str, Any], received_on: date | None = None) -> date | None:
    born = _day(payload.get("birth_date"))
    try:
        check_birth_date(born, received_on)
    except ValidationError:
        return None
    return born


def carer_details(payload: Mapping[str, Any]) -> dict[str, Any]:
    first, last = str(payload.get("carer_first_name", "")), str(payload.get("carer_last_name", ""))
    if not (first or last):
        return {}
    interpreter = payload.get("carer_interpreter")
    details = {
        "first_name": first,
        "last_name": last or str(payload.get("last_name", "")) or "Not known",
        "relationship": _term("relationship", payload.get("carer_relationship")),
        "telephone": str(payload.get("carer_telephone", "")),
        "first_language": _term("language", payload.get("carer_language")),
        "interpreter_needed": interpreter if isinstance(interpreter, bool) else None,
    }
    return _fitted(details, Person)


def given(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything as it was given, in words, in the order of `LABELS`, what has no label after it."""
    names = [name for name in LABELS if payload.get(name) not in (None, "")]
    names += [name for name in payload if name not in LABELS and payload[name] not in (None, "", [])]
    return [(LABELS.get(name, name.replace("_", " ").capitalize()), _words(name, payload[name])) for name in names]


def _words(name: str, value: Any) -> str:
    if name == "agreed" and value in Agreed.values:
        return Agreed(value).label
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(" ".join(map(str, v)) if isinstance(v, list) else str(v) for v in value)
    return str(value)


def as_given(payload: Mapping[str, Any]) -> str:
    """The notes of the referral: those that came, and below them everything that has no place of its own."""
    rest = {name: value for name, value in payload.items() if name not in PLACED}
    lines = [f"{label}: {text}" for label, text in given(rest)]
    notes = str(payload.get("notes", "")).strip()
    return "\n".join([*([notes, ""] if notes else []), *(["As it was given:", *lines] if lines else [])])


def _referrer(payload: Mapping[str, Any]) -> dict[str, Any]:
    return _fitted({f"referrer_{n}": str(payload.get(f"referrer_{n}", "")) for n in REFERRER}, Referral, "referrer_")


def _fitted(details: dict[str, Any], model: type, prefix: str = "") -> dict[str, Any]:
    """Texts cut to what the column holds; the whole of them stays in the intake itself."""
    fitted = {}
    for name, value in details.items():
        limit = model._meta.get_field(name).max_length if isinstance(value, str) else None  # type: ignore[attr-defined]
        fitted[name.removeprefix(prefix)] = value[:limit] if limit else value
    return fitted


def _day(value: object, *, latest: date | None = None) -> date | None:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return None if latest and day > latest else day


def _age(payload: Mapping[str, Any]) -> int | None:
    try:
        age = int(str(payload.get("age", "")))
        check_age_given(age)
    except (ValueError, ValidationError):
        return None
    return age


def _term(vocabulary: str, code: object) -> Term | None:
    return Term.objects.filter(vocabulary=vocabulary, code=str(code)).first() if code else None


def _reasons(payload: Mapping[str, Any]) -> list[tuple[Term, Term | None]]:
    pairs = [(str(pair[0]), str(pair[1])) for pair in payload.get("reasons") or [] if len(pair) == 2]
    codes = {code for pair in pairs for code in pair if code}
    terms = {term.code: term for term in Term.objects.filter(vocabulary="reason", code__in=codes)} if codes else {}
    return [(terms[first], terms.get(second)) for first, second in pairs if first in terms]
