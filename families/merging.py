"""Two people, or two families with their people, become one; and back again. Only ever done by a leader.

The original that goes stays as it was, with a pointer to the one that is kept; the row policies hide it. What pointed
to it moves, and the merge notes what moved, what would have stood there twice, and which blanks were filled.

**Undone**, everything that the merge moved goes back. What was written since stays with the record that was kept, if it
stands by itself (a flag, a new referral, a file). What was written since under something that goes back (a contact in
its case) goes back with it, since it cannot be without it. When something written since belongs to both sides (somebody
of the kept family was there at a visit of the case that goes back), the undo is refused and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import User
from families import policies
from families.index import index_family, index_person
from families.merge_links import AGAINST, TO_PERSON, Then, moving_to_person, moving_with_family, name_of
from families.merged import merged_rows
from families.models import DuplicatePair, Family, Merge, NamedReader, Person, PersonToken

_OWN = {"id", "cluster", "family", "created_at", "version", "merged_into", "reference", "name", "restricted"}
_BLANK = (None, "", "unknown")


@transaction.atomic
def merge_people(*, by: User, kept: Person, gone: Person, others: Mapping[UUID, UUID] | None = None) -> Merge:
    """Make two records of one person one. In two families, the families become one too.

    others: further people of the gone person's family who are the same as somebody of the kept one's: gone -> kept.
    Everybody else of that family comes over as they are.

    Raises Denied with the reason and what to do, Conflict when somebody merged one of them meanwhile.
    """
    policies.check_merge(by, kept.cluster_id)
    if kept.pk == gone.pk or kept.cluster_id != gone.cluster_id:
        raise Denied("Two different records of one Cluster can be merged. This is not such a pair.")
    with merged_rows():
        family, gone_family = _locked_families(kept, gone)
        pairs = {gone.pk: kept.pk, **(others or {})}
        people = _locked_people(pairs, family, gone_family)
        moved: dict[str, Any] = {
            "people": [[str(one), str(other)] for one, other in pairs.items()],
            "links": [],
            "aside": [],
            "rows": {},
            "filled": {},
            "families": [],
        }
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for gone_pk, kept_pk in pairs.items():
            _point_to(kept_pk, gone_pk, moved)
        if gone_family is not None:
            _move_family(family, gone_family, pairs, moved)
        for gone_pk, kept_pk in pairs.items():
            _fill(people[kept_pk], people[gone_pk], moved)
            Person.objects.filter(pk=gone_pk).update(merged_into=kept_pk)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        merge = Merge.objects.create(
            cluster_id=family.cluster_id, family=family, gone_family=gone_family, moved=moved, merged_by=by
        )
        PersonToken.objects.filter(person_id__in=pairs).delete()
        for kept_pk in pairs.values():
            index_person(people[kept_pk], also=[people[one] for one, other in pairs.items() if other == kept_pk])
        _settle(by, pairs)
        words = "Two records of one person were merged" if gone_family is None else "Two family records were merged"
        audit.event(by=by, kind="family.merged", text=words, about=family)
        if gone_family is not None:
            audit.event(by=by, kind="family.merged", text=f"Became part of {family.reference}", about=gone_family)
    return merge


def _locked_families(kept: Person, gone: Person) -> tuple[Family, Family | None]:
    """Both families under lock, in an order that two merges at once share; the second is None in one family."""
    keys = {kept.family_id, gone.family_id}
    found = {f.pk: f for f in Family.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")}
    if len(found) != len(keys) or any(family.merged_into_id for family in found.values()):
        raise Conflict("One of the two families was merged meanwhile. Look at the list of duplicates again.")
    family = found[kept.family_id]
    other = found[gone.family_id] if len(keys) > 1 else None
    if other is not None:
        _check_families(family, other)
    return family, other


def _check_families(family: Family, other: Family) -> None:
    readers = [
        set(NamedReader.objects.filter(family_id=key).values_list("user_id", flat=True))
        for key in (family.pk, other.pk)
    ]
    if family.restricted != other.restricted or (family.restricted and readers[0] != readers[1]):
        raise Denied(
            "One of the two records is restricted to other people than the other. Restrict both to the same named "
            "people, or open both, and then merge them."
        )
    for against in AGAINST:
        if reason := against(family, other):
            raise Denied(reason)


def _locked_people(pairs: Mapping[UUID, UUID], family: Family, gone_family: Family | None) -> dict[UUID, Person]:
    keys = {*pairs, *pairs.values()}
    people = {p.pk: p for p in Person.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")}
    homes = {family.pk} | ({gone_family.pk} if gone_family else set())
    wrong = len(people) != len(keys) or any(p.merged_into_id or p.family_id not in homes for p in people.values())
    if wrong or any(people[kept].family_id != family.pk for kept in pairs.values()):
        raise Conflict("One of these people was merged or moved meanwhile. Look at the list of duplicates again.")
    if set(pairs) & set(pairs.values()) or (gone_family and any(people[g].family_id == family.pk for g in pairs)):
        raise Denied("Nobody can be merged into somebody who is merged away, or within the family that is kept.")
    return people


# --- what points to a person ---
def _point_to(kept: UUID, gone: UUID, moved: dict[str, Any]) -> None:
    for field in moving_to_person():
        refuses = TO_PERSON.get(name_of(field)) == Then.REFUSES
        for pk in _ids(field.model, **{field.attname: gone}):
            if _changed(field.model, pk, **{field.attname: kept}):
                moved["links"].append([name_of(field), str(pk), str(gone)])
            elif refuses:
                raise Denied(
                    "Both records were offered the same service by the same decision, so one would be offered it "
                    "twice. Withdraw one of the two offers, or leave the records apart as “not sure”."
                )
            else:
                _set_aside(field.model, pk, moved)


def _changed(model: type[models.Model], pk: object, **values: object) -> bool:
    """Change one row; False when it would then stand there twice (unique, overlapping, related to itself)."""
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=pk).update(**values)
    except IntegrityError:
        return False
    return True


def _set_aside(model: type[models.Model], pk: object, moved: dict[str, Any]) -> None:
    """Take a row out and keep it whole, for the undo; the history keeps it as well."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE id = %s", [str(pk)])  # noqa: S608 - our own table
        moved["aside"].append([table, cursor.fetchone()[0]])
    model._base_manager.filter(pk=pk).delete()


def _ids(model: type[models.Model], **where: object) -> list[Any]:
    return list(model._base_manager.filter(**where).order_by("pk").values_list("pk", flat=True))


# --- what belongs to a family ---
def _move_family(family: Family, gone: Family, pairs: Iterable[UUID], moved: dict[str, Any]) -> None:
    """Every row of one family to the other."""
    _move_rows(family, gone, pairs, moved)
    _fill(family, gone, moved)
    earlier = Merge.objects.filter(family_id=gone.pk, undone_at__isnull=True).values_list("moved", flat=True)
    moved["families"] = [str(gone.pk), *(key for old in earlier for key in old.get("families", ()))]
    Family.objects.filter(pk=gone.pk).update(merged_into=family.pk)
    PersonToken.objects.filter(family_id=gone.pk).delete()
    index_family(family)


def _move_rows(family: Family, gone: Family, pairs: Iterable[UUID], moved: dict[str, Any]) -> None:
    """What the reader may not see hangs under a row that moves, and follows."""
    for field in moving_with_family():
        rows = field.model._base_manager.filter(**{field.attname: gone.pk})
        if field.model is Person:
            rows = rows.filter(merged_into__isnull=True).exclude(pk__in=list(pairs))
        ids = list(rows.values_list("pk", flat=True))
        if not ids:
            continue
        try:
            with transaction.atomic():
                field.model._base_manager.filter(pk__in=ids).update(**{field.attname: family.pk})
        except IntegrityError:
            ids = [pk for pk in ids if _moved_alone(field, pk, family, moved)]
        moved["rows"].setdefault(name_of(field), []).extend(str(pk) for pk in ids)


def bring_late_rows(merge_id: UUID) -> None:
    """What somebody was writing into a family at the moment it was merged comes over too; for the sweep."""
    with merged_rows():
        merge = Merge.objects.select_for_update(of=("self",)).select_related("family", "gone_family").get(pk=merge_id)
        if merge.undone_at is not None or merge.gone_family is None or merge.family.merged_into_id:
            return
        pairs, before = dict(merge.person_pairs), str(merge.moved)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for gone, kept in pairs.items():
            _point_to(kept, gone, merge.moved)
        _move_rows(merge.family, merge.gone_family, pairs, merge.moved)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if str(merge.moved) != before:
            merge.save(update_fields=["moved"])


def _moved_alone(field: models.ForeignKey, pk: object, family: Family, moved: dict[str, Any]) -> bool:
    if _changed(field.model, pk, **{field.attname: family.pk}):
        return True
    _set_aside(field.model, pk, moved)
    return False


def _fill(kept: Any, gone: Any, moved: dict[str, Any]) -> None:
    """What the kept record leaves blank and the other one says. Nothing is overwritten."""
    filled = {}
    for field in kept._meta.concrete_fields:
        value = getattr(gone, field.attname)
        if field.name not in _OWN and getattr(kept, field.attname) in _BLANK and value not in _BLANK:
            filled[field.attname] = str(value)
            setattr(kept, field.attname, value)
    if filled:
        kept.version += 1
        kept.save()
        moved["filled"][str(kept.pk)] = {**moved["filled"].get(str(kept.pk), {}), **filled}


def _settle(by: User, pairs: Mapping[UUID, UUID]) -> None:
    """The pairs in the queue: this one is decided; others of those who are gone are looked for again."""
    now = timezone.now()
    for gone, kept in pairs.items():
        one, two = sorted((gone, kept))
        DuplicatePair.objects.filter(one=one, two=two).update(
            status=DuplicatePair.Status.SAME, decided_at=now, decided_by=by
        )
    waiting = DuplicatePair.objects.filter(status=DuplicatePair.Status.OPEN)
    waiting.filter(models.Q(one__in=list(pairs)) | models.Q(two__in=list(pairs))).delete()


# --- and back ---
@transaction.atomic
def undo(*, by: User, merge: Merge) -> None:
    """Take a merge back; see the module for what was written since. Raises Denied or Conflict with the reason."""
    policies.check_merge(by, merge.cluster_id)
    with merged_rows():
        keys = [merge.family_id, *([merge.gone_family_id] if merge.gone_family_id else [])]
        families = {f.pk: f for f in Family.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")}
        merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        if merge.undone_at is not None:
            raise Conflict("This merge was undone already.")
        pairs = dict(merge.person_pairs)
        _check_is_last(merge, pairs)
        gone_family = families.get(merge.gone_family_id) if merge.gone_family_id else None
        try:
            with transaction.atomic():
                _take_back(merge, pairs, gone_family)
        except IntegrityError:
            raise Denied(
                "Since the merge something was written that belongs to both records, for example a visit where people "
                "of both were seen. Correct that entry so that it names people of one record only, then undo the merge."
            ) from None
        for pk in (*pairs, *pairs.values()):
            index_person(Person.objects.get(pk=pk))
        if gone_family is not None:
            index_family(Family.objects.get(pk=gone_family.pk))
            index_family(Family.objects.get(pk=merge.family_id))
        Merge.objects.filter(pk=merge.pk).update(undone_at=timezone.now(), undone_by=by)
        one, two = zip(*(sorted(pair) for pair in pairs.items()), strict=True)
        DuplicatePair.objects.filter(one__in=one, two__in=two, status=DuplicatePair.Status.SAME).update(
            status=DuplicatePair.Status.NOT_SURE, decided_at=timezone.now(), decided_by=by
        )
        for family in families.values():
            audit.event(by=by, kind="family.unmerged", text="A merge of two records was undone", about=family)


def _check_is_last(merge: Merge, pairs: Mapping[UUID, UUID]) -> None:
    """Later merges that build on this one are undone first."""
    later = Merge.objects.filter(undone_at__isnull=True, merged_at__gt=merge.merged_at, cluster_id=merge.cluster_id)
    mine = {*pairs, *pairs.values()}
    families = {merge.family_id, merge.gone_family_id} - {None}
    for other in later.filter(models.Q(family_id__in=families) | models.Q(gone_family_id__in=families)):
        touched = {pk for pair in other.person_pairs for pk in pair}
        if merge.gone_family_id or other.gone_family_id or mine & touched:
            raise Denied("Another merge was made on top of this one. Undo the later one first.")


def _take_back(merge: Merge, pairs: Mapping[UUID, UUID], gone_family: Family | None) -> None:
    moved = merge.moved
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    fields = {name_of(field): field for field in [*moving_to_person(), *moving_with_family()]}
    for gone in pairs:
        Person.objects.filter(pk=gone).update(merged_into=None)
    for name, pk, gone_pk in moved["links"]:
        field = fields[name]
        field.model._base_manager.filter(pk=pk, **{field.attname: pairs[UUID(gone_pk)]}).update(
            **{field.attname: gone_pk}
        )
    if gone_family is not None:
        Family.objects.filter(pk=gone_family.pk).update(merged_into=None)
        for name, ids in moved["rows"].items():
            field = fields[name]
            field.model._base_manager.filter(pk__in=ids).update(**{field.attname: gone_family.pk})
        # Written since under what goes back: it names the person as they are called there.
        for field in moving_to_person():
            for gone, kept in pairs.items():
                field.model._base_manager.filter(family_id=gone_family.pk, **{field.attname: kept}).update(
                    **{field.attname: gone}
                )
    with connection.cursor() as cursor:
        for table, row in moved["aside"]:
            cursor.execute(
                f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, %s::jsonb)).*",
                [row],
            )
    _empty(Person, moved["filled"])
    _empty(Family, moved["filled"])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _empty(model: type[Person] | type[Family], filled: Mapping[str, Mapping[str, str]]) -> None:
    """Blanks that the merge filled are blank again, unless somebody has written something else since."""
    for record in model.objects.filter(pk__in=list(filled)):
        for name, value in filled[str(record.pk)].items():
            if str(getattr(record, name)) == value:
                setattr(record, name, _blank_of(record, name))
        record.version += 1
        record.save()


def _blank_of(record: models.Model, attname: str) -> object:
    field = next(f for f in record._meta.concrete_fields if f.attname == attname)
    if field.null:
        return None
    return field.default if field.has_default() else ""


def pairs_of(merges: Sequence[Merge]) -> dict[UUID, tuple[str, str]]:
    """Names for the page: of each merge, who became whom."""
    with merged_rows():
        keys = {pk for merge in merges for pair in merge.person_pairs for pk in pair}
        people = {person.pk: str(person) for person in Person.objects.filter(pk__in=keys)}
    return {
        merge.pk: (people.get(gone, ""), people.get(kept, ""))
        for merge in merges
        for gone, kept in merge.person_pairs[:1]
    }
