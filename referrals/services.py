"""Every write to a referral: keyword-only, by an actor, in one transaction, said in the history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from clusters.models import Cluster, NeedLevel, School, Term, User
from clusters.references import next_reference
from families.models import Family, Flag, Person, StoredFile
from families.services import add_flag, new_family, record_agreement, restrict_from_the_start, save_person
from referrals import policies, rules
from referrals.harm import tell
from referrals.models import Agreed, Referral, ReferralReason, Story

Reasons = Iterable[tuple[Term, Term | None]]
STORY_FIELDS = (
    "worrying",
    "tried",
    "going_well",
    "family_wants",
    "child_says",
    "lives_at_home",
    "who_else_helps",
    "visiting_risks",
    "notes",
)


@transaction.atomic
def submit_referral(
    *,
    by: Actor,
    cluster: Cluster,
    received_on: date,
    route: Term,
    channel: str,
    child: Person | None = None,
    child_details: Mapping[str, Any] | None = None,
    child_needs: Iterable[tuple[str, Term]] | None = None,
    family: Family | None = None,
    family_details: Mapping[str, Any] | None = None,
    carer_details: Mapping[str, Any] | None = None,
    school: School | None = None,
    year_group: str = "",
    age_given: int | None = None,
    referrer: Mapping[str, str] | None = None,
    reasons: Reasons = (),
    story: Mapping[str, str] | None = None,
    attendance_percent: Decimal | None = None,
    agreed: str = Agreed.UNKNOWN,
    agreed_by: str = "",
    agreed_on: date | None = None,
    agreed_how: str = "",
    agreement_covers: str = "",
    need_level: NeedLevel | None = None,
    harm: bool = False,
    visiting_risk: str = "",
    address_not_shared: str = "",
    restricted: bool = False,
    override_reason: str = "",
    files: Sequence[StoredFile] = (),
    form: UUID | None = None,
    family_told: bool = False,
) -> Referral:
    """Log one referral of one child, to screen. Makes what is not there yet.

    child: a known person; else `child_details` makes one, in `family` (a sibling's) or in a new family with
    `family_details`. With a known child, `child_details` corrects the record.
    reasons: pairs of category and sub-reason, the latter None when only the category is known.
    referrer: name, role, organisation, telephone, email.
    need_level: against the authority's thresholds, as the referrer or the logger sees it.
    harm: a child is at risk of significant harm; who is on duty is told at once (`clusters.duty`).
    restricted: the new family's record is for whoever logs it and the Cluster's leaders alone, from the start.
    files: rows not yet saved, whose content is stored already; they are hung on the family here.
    form: names the form when it makes referrals of several brothers and sisters.
    family_told: what the form says of the family (agreement) was recorded with the first of them.

    Raises Denied, or ValidationError naming the field.
    """
    user = by if isinstance(by, User) else None
    if user:
        policies.check_log(user, cluster.pk)
        if override_reason:
            policies.check_override(user, cluster.pk)
    if restricted and (child or family):
        raise ValidationError({"restricted": "This family has a record already. A leader of the Cluster restricts it."})
    details = dict(child_details or {})
    born = details.get("birth_date", child.birth_date if child else None)
    _check(received_on=received_on, born=born, attendance=attendance_percent, age=age_given, agreed_on=agreed_on)
    if child is not None:
        family = child.family
        child = save_person(by=by, family=family, person=child, needs=child_needs, check=False, **details)
    else:
        if family is None:
            family = new_family(
                by=by, cluster=cluster, **{"name": details.get("last_name", ""), **(family_details or {})}
            )
            if restricted:
                restrict_from_the_start(by=by, family=family)
        child = save_person(
            by=by, family=family, needs=child_needs, check=False, **{"is_child": True, "school": school, **details}
        )
    if family.cluster_id != cluster.pk:
        raise ValidationError("The child's family belongs to another Cluster.")
    if carer_details and (carer_details.get("first_name") or carer_details.get("last_name")):
        save_person(by=by, family=family, check=False, **{"is_child": False, **carer_details})
    now = timezone.now()
    who = {f"referrer_{name}": value for name, value in (referrer or {}).items()}
    keys = {"cluster_id": cluster.pk, "family_id": family.pk}
    referral = Referral.objects.create(
        **keys,
        reference=next_reference(cluster, year=received_on.year),
        child=child,
        received_on=received_on,
        school=school,
        year_group=year_group,
        age_given=age_given if born is None else None,
        route=route,
        channel=channel,
        attendance_percent=attendance_percent,
        agreed=agreed,
        agreed_by=agreed_by,
        agreed_on=agreed_on,
        agreed_how=agreed_how,
        need_level=need_level,
        harm_flagged_at=now if harm else None,
        harm_flagged_by=user if harm else None,
        override_reason=override_reason.strip(),
        override_by=user if override_reason else None,
        author=user,
        form=form,
        **who,
    )
    words = {name: (story or {}).get(name, "").strip() for name in STORY_FIELDS}
    Story.objects.create(**keys, referral=referral, **words)
    ReferralReason.objects.bulk_create(
        ReferralReason(**keys, referral=referral, category=category, reason=reason)
        for category, reason in dict.fromkeys(reasons)
    )
    if visiting_risk:
        add_flag(by=by, family=family, kind=Flag.Kind.VISITING_RISK, text=visiting_risk[:300], check=False)
    if address_not_shared:
        add_flag(by=by, family=family, kind=Flag.Kind.ADDRESS_NOT_SHARED, text=address_not_shared[:300], check=False)
    if agreed == Agreed.YES and agreed_on and not family_told:
        record_agreement(
            by=by,
            family=family,
            check=False,
            given_by=agreed_by or "Not said",
            given_on=agreed_on,
            how=agreed_how,
            covers=agreement_covers,
        )
    for file in files:
        file.cluster_id, file.family_id, file.about = cluster.pk, family.pk, f"referral:{referral.pk}"
        file.save(force_insert=True)
    audit.event(by=by, kind="referral.received", text=f"Referral {referral.reference} received", about=referral)
    if override_reason:
        _say_override(by=by, referral=referral)
    if harm:
        _tell_of_harm(by=by, referral=referral, family=family)
    return referral


def _check(
    *,
    received_on: date,
    born: date | None,
    attendance: Decimal | None,
    age: int | None,
    agreed_on: date | None,
) -> None:
    """The rules of `rules.py`, all of them, each error under its field."""
    errors: dict[str, ValidationError] = {}
    for name, check in (
        ("received_on", lambda: rules.check_received_on(received_on)),
        ("birth_date", lambda: rules.check_birth_date(born, received_on)),
        ("attendance_percent", lambda: rules.check_attendance(attendance)),
        ("age_given", lambda: rules.check_age_given(age)),
        ("agreed_on", lambda: rules.check_agreement(agreed_on)),
    ):
        try:
            check()
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)


def _say_override(*, by: Actor, referral: Referral) -> None:
    audit.event(
        by=by,
        kind="referral.override",
        text=f"Referral {referral.reference} taken although the school is not a member of the Cluster",
        about=referral,
    )


def _tell_of_harm(*, by: Actor, referral: Referral, family: Family) -> None:
    """A concern of significant harm is never parked: flagged, and the leaders are told at once, without a name."""
    audit.event(
        by=by,
        kind="referral.harm",
        text=f"Referral {referral.reference} flagged: risk of significant harm. Those on duty are told",
        about=referral,
    )
    named = family.named_readers.values_list("user_id", flat=True) if family.restricted else ()
    tell(
        referral_id=referral.pk,
        cluster_id=family.cluster_id,
        restricted=family.restricted,
        named=list(named),
        at=referral.harm_flagged_at or timezone.now(),
    )


@transaction.atomic
def override_eligibility(*, by: User, referral: Referral, reason: str) -> Referral:
    """A leader takes the child of a school that is not a member, with a reason. Raises ValidationError without one."""
    policies.check_override(by, referral.cluster_id)
    if not reason.strip():
        raise ValidationError({"override_reason": "Enter why the Cluster takes this child"})
    now = Referral.objects.select_for_update(of=("self",)).get(pk=referral.pk)
    now.override_reason, now.override_by = reason.strip(), by
    now.version += 1
    now.save(update_fields=["override_reason", "override_by", "version"])
    _say_override(by=by, referral=now)
    return now
