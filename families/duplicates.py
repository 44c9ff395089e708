"""Finding people who may be recorded twice, and remembering what was decided. Nothing is ever merged here."""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, User
from families import merging, policies
from families.matching import Facts, Likeness, compare, facts_of
from families.models import DuplicatePair, Merge, Person, PersonToCheck
from families.search import Asked, find_alike

SHOWN = 50
_BATCH, _SECONDS, _LOOKED_AT = 25, 20.0, 12
_HIGHEST = 999
# As long as a request that began before a merge can still be writing.
_LATE = timedelta(minutes=5)


def may_be_one(one: Facts, other: Facts) -> Likeness | None:
    """How alike two records are, when a leader should look at them; None when not.

    The same number; or names alike as a whole, first names too, with a birth date that is the same or one slip away,
    or with one that is missing and the same name, address, school or telephone. Siblings and twins have other first
    names, and two different numbers of one kind are of two people.
    """
    likeness = compare(one, other)
    for mine, theirs in ((one.upn, other.upn), (one.nhs_number, other.nhs_number)):
        if mine and theirs and mine != theirs:
            return None
    if likeness.certain or any(reason in ("same UPN", "same NHS number") for reason in likeness.why):
        return likeness
    born = any("birth date" in reason or "swapped" in reason for reason in likeness.why)
    if likeness.name >= 84 and born:
        return likeness
    missing = one.birth_date is None or other.birth_date is None
    helps = any(reason in ("same address", "same school", "same telephone") for reason in likeness.why)
    return likeness if likeness.name >= 95 and missing and helps else None


def check_person(person: Person) -> int:
    """Put those who may be the same person into the queue; a pair that is known stays as it was decided."""
    facts = facts_of(person)
    asked = Asked(
        name=facts.name,
        birth_date=facts.birth_date,
        upn=facts.upn,
        nhs_number=facts.nhs_number,
        address=facts.address,
        postcode=facts.postcode,
        school_id=facts.school_id,
        known_as=facts.known_as,
    )
    pairs = []
    for match in find_alike(clusters=[person.cluster_id], asked=asked, limit=_LOOKED_AT):
        other = match.person
        if other.pk == person.pk or other.is_child != person.is_child:
            continue
        likeness = may_be_one(facts, facts_of(other))
        if likeness:
            one, two = sorted((person.pk, other.pk))
            pairs.append(
                DuplicatePair(
                    cluster_id=person.cluster_id,
                    one_id=one,
                    two_id=two,
                    certain=likeness.certain,
                    score=max(0, min(int(likeness.score), _HIGHEST)),
                    why=likeness.why,
                )
            )
    DuplicatePair.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(pairs)


def sweep() -> None:
    """For the sweep of each minute: look at those whose record was made or changed since."""
    until = time.monotonic() + _SECONDS
    for cluster_id in Cluster.objects.order_by("pk").values_list("pk", flat=True):
        while time.monotonic() < until and check_some(cluster_id):
            pass
        with acting_as(NamedActor.DUPLICATES, clusters=[cluster_id]):
            late = Merge.objects.filter(cluster_id=cluster_id, merged_at__gt=timezone.now() - _LATE)
            for merge in late.filter(undone_at__isnull=True, gone_family__isnull=False):
                merging.bring_late_rows(merge.pk)


def check_some(cluster_id: int) -> int:
    """Check a few people of one Cluster in one transaction. Returns how many; two sweeps at once share the work."""
    with acting_as(NamedActor.DUPLICATES, clusters=[cluster_id]):
        rows = list(
            PersonToCheck.objects.select_for_update(skip_locked=True)
            .filter(cluster_id=cluster_id)
            .order_by("pk")[:_BATCH]
        )
        people = Person.objects.select_related("family").in_bulk([row.person_id for row in rows])
        for row in rows:
            if row.person_id in people:
                check_person(people[row.person_id])
        PersonToCheck.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def queue(clusters: Sequence[int], *, status: str) -> QuerySet[DuplicatePair]:
    """Pairs of some Clusters, the likeliest first. Who may not see one of the two records does not see the pair."""
    rows = DuplicatePair.objects.filter(cluster_id__in=list(clusters), status=status)
    # Also where the pairs are only counted, and the join to the people is left out.
    rows = rows.filter(*(Exists(Person.objects.filter(pk=OuterRef(of))) for of in ("one_id", "two_id")))
    return rows.select_related("one__family", "two__family", "one__school", "two__school", "decided_by")


@transaction.atomic
def decide(*, by: User, pair_id: UUID, status: str, note: str = "") -> DuplicatePair:
    """Remember that two records are of different people, or that nobody is sure. Raises Denied, Conflict."""
    pair = DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair_id)
    policies.check_merge(by, pair.cluster_id)
    if pair.status == DuplicatePair.Status.SAME:
        raise Conflict("These two records were merged meanwhile. The merge can be undone below the list of duplicates.")
    pair.status, pair.note = status, note.strip()
    pair.decided_at, pair.decided_by = timezone.now(), by
    pair.save()
    words = DuplicatePair.Status(status).label.lower()
    people = list(Person.objects.filter(pk__in=[pair.one_id, pair.two_id]).select_related("family"))
    closed = [person for person in people if person.family.restricted]
    for person in closed or people:
        # On a record that all may read, nothing says that there is a restricted one like it.
        text = f"Compared with another record: {words}"
        audit.event(by=by, kind="person.compared", text=text, about=person)
    return pair
