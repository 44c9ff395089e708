"""The index of the search: tokens of people's names, and of families' names and addresses."""

from collections.abc import Iterable, Iterator

from families.models import Family, Person, PersonToCheck, PersonToken
from families.names import folded_tokens, sound_tokens

BATCH = 5000


def tokens_of_person(person: Person, *, also: Iterable[Person] = ()) -> Iterator[PersonToken]:
    """also: other records of the same person, whose spellings find it too."""
    names = [n for one in (person, *also) for n in (one.first_name, one.last_name, one.known_as)]
    pairs = [("f", token) for token in folded_tokens(*names)] + [("s", token) for token in sound_tokens(*names)]
    for kind, token in pairs:
        yield PersonToken(
            cluster_id=person.cluster_id, family_id=person.family_id, person_id=person.pk, kind=kind, token=token
        )


def tokens_of_family(family: Family) -> Iterator[PersonToken]:
    pairs = [("f", token) for token in folded_tokens(family.name)]
    pairs += [("a", token) for token in folded_tokens(family.address, family.postcode)]
    for kind, token in pairs:
        yield PersonToken(cluster_id=family.cluster_id, family_id=family.pk, person=None, kind=kind, token=token)


def index_person(person: Person, *, also: Iterable[Person] = (), new: bool = False) -> None:
    """Write the tokens of one person anew, and let duplicates be looked for. new: there are none yet."""
    if not new:
        PersonToken.objects.filter(person_id=person.pk).delete()
    PersonToken.objects.bulk_create(tokens_of_person(person, also=also))
    to_check([person])


def to_check(people: Iterable[Person]) -> None:
    """Note whose duplicates are to be looked for by the next sweep."""
    PersonToCheck.objects.bulk_create(
        [PersonToCheck(cluster_id=person.cluster_id, person_id=person.pk) for person in people],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def index_family(family: Family, *, new: bool = False) -> None:
    """Write the tokens of one family's name and address anew. new: there are none yet."""
    if not new:
        PersonToken.objects.filter(family_id=family.pk, person__isnull=True).delete()
    PersonToken.objects.bulk_create(tokens_of_family(family))


def index_people(people: Iterable[Person], *, families: Iterable[Family] = ()) -> None:
    """Write the tokens of many people and families that have none yet, in a few statements."""
    people = list(people)
    rows = [token for person in people for token in tokens_of_person(person)]
    rows += [token for family in families for token in tokens_of_family(family)]
    PersonToken.objects.bulk_create(rows, batch_size=BATCH)
    to_check(people)
