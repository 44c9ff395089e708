"""Every write to a family's record: keyword-only, by an actor, in one transaction, said in the history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from clusters.models import Cluster, Role, StaffRole, Term, User
from clusters.notices import tell
from clusters.people import duties
from clusters.references import next_reference
from clusters.roles.asking import managers_but
from families import policies
from families.identifiers import check_nhs_number, check_upn
from families.index import index_family, index_people, index_person
from families.models import Agreement, Family, Flag, NamedReader, Person, SendNeed

__all__ = [
    "add_flag",
    "end_flag",
    "index_people",
    "index_person",
    "new_family",
    "record_agreement",
    "restrict",
    "restrict_from_the_start",
    "save_family",
    "save_person",
    "withdraw_agreement",
]

Needs = Iterable[tuple[str, Term]]
_TYPED = ("first_name", "last_name", "known_as", "telephone", "other_address", "gender_words")


class Stale(Exception):
    """Somebody saved the record since the editor saw it. `now` is what it says; nothing was written."""

    def __init__(self, now: Any) -> None:
        super().__init__("saved by somebody else since")
        self.now = now


@transaction.atomic
def new_family(*, by: Actor, cluster: Cluster, name: str, **details: Any) -> Family:
    """Make a family record with the Cluster's next number. Callers check the policy of what they do."""
    reference = next_reference(cluster, year=timezone.localdate().year, kind="family")
    family = Family.objects.create(cluster=cluster, reference=reference, name=name.strip(), **details)
    index_family(family, new=True)
    audit.event(by=by, kind="family.made", text="Family record made", about=family)
    return family


@transaction.atomic
def save_family(*, by: User, family: Family, version: int, **details: Any) -> Family:
    """Change name, address and numbers of a family. Raises Stale when somebody saved since `version`."""
    policies.check_edit(by, family)
    now = Family.objects.select_for_update(of=("self",)).get(pk=family.pk)
    if now.version != version:
        raise Stale(now)
    changed = _apply(now, details)
    if changed:
        now.version += 1
        now.save()
        index_family(now)
        audit.event(by=by, kind="family.changed", text="Family details changed", about=now)
    return now


@transaction.atomic
def save_person(
    *,
    by: Actor,
    family: Family,
    person: Person | None = None,
    version: int | None = None,
    needs: Needs | None = None,
    check: bool = True,
    **details: Any,
) -> Person:
    """Add a member of the family or network, or change one. Identifiers are checked here too.

    needs: pairs of status and type that replace the ones there; None leaves them.
    check: False for services that have checked their own policy, such as the log of a referral.
    Raises Stale when somebody saved since `version`, ValidationError for a wrong number.
    """
    if check and isinstance(by, User):
        policies.check_edit(by, family)
    details = {**details, **_checked_numbers(details)}
    new = person is None
    if person is None:
        person = Person(cluster_id=family.cluster_id, family_id=family.pk)
        _apply(person, details)
        person.save(force_insert=True)
        audit.event(by=by, kind="person.added", text="Person added to the family", about=person)
        changed = True
    else:
        person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if version is not None and person.version != version:
            raise Stale(person)
        changed = _apply(person, details)
        if changed:
            person.version += 1
            person.save()
            audit.event(by=by, kind="person.changed", text="Details of a person changed", about=person)
    if changed:
        index_person(person, new=new)
    if needs is not None:
        _save_needs(person, needs)
    return person


def _checked_numbers(details: Mapping[str, Any]) -> dict[str, str]:
    numbers, errors = {}, {}
    for name, check in (("upn", check_upn), ("nhs_number", check_nhs_number)):
        if name in details:
            try:
                numbers[name] = check(details[name] or "")
            except ValidationError as error:
                errors[name] = error
    if errors:
        raise ValidationError(errors)
    return numbers


def _apply(record: Person | Family, details: Mapping[str, Any]) -> bool:
    """Set the fields and say whether any of them is different now."""
    changed = False
    for name, value in details.items():
        value = value.strip() if isinstance(value, str) else value
        if getattr(record, name) != value:
            setattr(record, name, value)
            changed = True
    return changed


def _save_needs(person: Person, needs: Needs) -> None:
    """What is no longer said ends today and stays for the referrals of before."""
    today = timezone.localdate()
    wanted = {(status, term.pk) for status, term in needs}
    there = {(need.status, need.type_id): need for need in person.send_needs.filter(ends_on__isnull=True)}
    gone = [need.pk for key, need in there.items() if key not in wanted]
    if gone:
        SendNeed.objects.filter(pk__in=gone).update(ends_on=today)
    SendNeed.objects.bulk_create(
        SendNeed(
            cluster_id=person.cluster_id, family_id=person.family_id, person_id=person.pk, status=status, type_id=pk
        )
        for status, pk in sorted(wanted - there.keys())
    )


@transaction.atomic
def add_flag(
    *,
    by: Actor,
    family: Family,
    kind: str,
    text: str = "",
    precaution: str = "",
    address_of: Person | None = None,
    not_to_be_told: Person | None = None,
    check: bool = True,
) -> Flag:
    """Something to know before a visit or a call. The same words are not flagged twice."""
    if check and isinstance(by, User):
        policies.check_edit(by, family)
    flag, made = Flag.objects.get_or_create(
        cluster_id=family.cluster_id,
        family_id=family.pk,
        kind=kind,
        text=text.strip(),
        address_of=address_of,
        not_to_be_told=not_to_be_told,
        ends_on=None,
        defaults={"precaution": precaution},
    )
    if made:
        audit.event(by=by, kind="family.flagged", text=f"Flag set: {flag.get_kind_display()}", about=flag)
    return flag


@transaction.atomic
def end_flag(*, by: User, flag: Flag) -> None:
    policies.check_edit(by, flag.family)
    now = Flag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
    if now.ends_on is None:
        now.ends_on = timezone.localdate()
        now.save(update_fields=["ends_on"])
        audit.event(by=by, kind="family.unflagged", text=f"Flag ended: {now.get_kind_display()}", about=now)


@transaction.atomic
def record_agreement(*, by: Actor, family: Family, check: bool = True, **details: Any) -> Agreement:
    """The family agrees to work together: who, when, how, for what."""
    if check and isinstance(by, User):
        policies.check_edit(by, family)
    agreement = Agreement.objects.create(cluster_id=family.cluster_id, family_id=family.pk, **details)
    audit.event(by=by, kind="family.agreed", text="Agreement of the family recorded", about=agreement)
    return agreement


@transaction.atomic
def withdraw_agreement(*, by: User, agreement: Agreement) -> None:
    policies.check_edit(by, agreement.family)
    now = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if now.withdrawn_on is None:
        now.withdrawn_on = max(timezone.localdate(), now.given_on)
        now.save(update_fields=["withdrawn_on"])
        audit.event(by=by, kind="family.withdrew", text="Agreement of the family withdrawn", about=now)


def restrict_from_the_start(*, by: Actor, family: Family) -> Family:
    """Close a record that was made just now, to all but whoever made it and the Cluster's leaders.

    A leader names others, or takes names away. Callers check the policy of what they do.
    """
    leads = StaffRole.objects.today().filter(role=Role.LEADER, cluster_id=family.cluster_id, user__is_active=True)
    named = {*leads.values_list("user_id", flat=True), *([by.pk] if by.pk else [])}
    NamedReader.objects.bulk_create(
        NamedReader(cluster_id=family.cluster_id, family_id=family.pk, user_id=pk) for pk in sorted(named)
    )
    family.restricted = True
    family.save(update_fields=["restricted"])
    audit.event(by=by, kind="family.restricted", text="Record restricted to named people from the start", about=family)
    return family


@transaction.atomic
def restrict(*, by: User, family: Family, restricted: bool, readers: Sequence[User]) -> Family:
    """Close a record to all but named people, or open it again (domain section 4).

    The leader who restricts is named too: a record that nobody can open would be lost.
    """
    policies.check_restrict(by, family)
    now = Family.objects.select_for_update(of=("self",)).get(pk=family.pk)
    named = {by.pk, *(reader.pk for reader in readers)} if restricted else set()
    there = set(NamedReader.objects.filter(family_id=family.pk).values_list("user_id", flat=True))
    # The own name first and the mark after it: in between the record must not vanish from its writer.
    NamedReader.objects.bulk_create(
        NamedReader(cluster_id=family.cluster_id, family_id=family.pk, user_id=pk) for pk in sorted(named - there)
    )
    if now.restricted != restricted:
        now.restricted = restricted
        now.version += 1
        now.save(update_fields=["restricted", "version"])
        words = "Record restricted to named people" if restricted else "Record open to the Cluster again"
        audit.event(by=by, kind="family.restricted", text=words, about=now)
    elif named != there:
        audit.event(by=by, kind="family.restricted", text="Named readers changed", about=now)
    _tell_of_a_change_by_another(by=by, family=now, there=there)
    NamedReader.objects.filter(family_id=family.pk, user_id__in=there - named).delete()
    return now


def _tell_of_a_change_by_another(*, by: User, family: Family, there: Collection[int]) -> None:
    """Who was not named had opened the record in an emergency, which ends: what they change here lasts. Those who are
    or were named hear of it, and the managers."""
    if not there or by.pk in there:
        return
    named = User.objects.filter(pk__in=there, is_active=True)
    for person in {*named, *managers_but(by.pk)}:
        tell(
            person,
            key=f"named-by-another:{family.pk}:{timezone.now().isoformat()}:{person.pk}",
            subject=f"Who may read the restricted record {family.reference} was changed",
            text="Somebody who was not named on it, and had opened it in an emergency, said who may read it now.",
            url_name="emergencies" if duties(person).is_manager else "notices",
            urgent=True,
        )
