"""The two pictures of a family for the pages that show them, with what is said beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.safestring import SafeString

from cluster_ehs.core import slots
from clusters.http import UserRequest
from families.genogram.layout import lay_out
from families.genogram.model import Figure, Ring, Shape, make_tree
from families.genogram.network import lay_out_network
from families.genogram.svg import genogram_svg, network_svg
from families.genogram.words import Entry, RingWords, genogram_words, network_words
from families.models import Family, Person, Relationship, SocialCareInvolvement, Support

# The tie of a worker or a school is their work; what a person's is like is asked of the family.
WORKS = "works"
PROFESSIONALS = Ring.PROFESSIONALS


@dataclass(frozen=True)
class Pictures:
    genogram: SafeString
    words: list[Entry]
    network: SafeString
    rings: list[RingWords]

    @property
    def ties_legend(self) -> list[tuple[str, str]]:
        return [*Support.choices, (WORKS, "A worker, a school")]


def pictures(
    request: UserRequest,
    family: Family,
    people: Collection[Person],
    *,
    relationships: Iterable[Relationship] | None = None,
    involvements: Iterable[SocialCareInvolvement] | None = None,
    workers: Iterable[Figure] | None = None,
) -> Pictures | None:
    """Both pictures as they are today; None of a family without people. Reads what it is not given.

    people: with `relationship` and `school` loaded.
    """
    if not people:
        return None
    today = timezone.localdate()
    tree = make_tree(
        people,
        relationships_of(family) if relationships is None else relationships,
        involvements_of(family) if involvements is None else involvements,
        on=today,
        about=subjects_of(request, family),
        helpers=[*_schools(people), *(workers_of(request, family) if workers is None else workers)],
    )
    name = str(family)
    return Pictures(
        genogram_svg(lay_out(tree), title=f"Genogram of the {name}. The same in words follows it."),
        genogram_words(tree),
        network_svg(lay_out_network(tree), title=f"Support network of the {name}. The same in words follows it."),
        network_words(tree),
    )


def relationships_of(family: Family) -> list[Relationship]:
    """What is recorded and no mistake, also what has ended."""
    return list(Relationship.objects.valid().filter(family_id=family.pk).order_by("created_at", "id"))


def involvements_of(family: Family) -> list[SocialCareInvolvement]:
    return list(SocialCareInvolvement.objects.valid().filter(family_id=family.pk))


def subjects_of(request: UserRequest, family: Family) -> set[str]:
    """Keys of the children whom the work is about, as the apps above say (slot)."""
    return {str(key) for said in slots.gather("family.subjects", request, family=family) for key in said["person_ids"]}


def workers_of(request: UserRequest, family: Family) -> list[Figure]:
    """Who works with the family today, as the apps above say (slot)."""
    said = slots.gather("family.workers", request, family=family)
    return worker_figures(helper for answer in said for helper in answer["helpers"])


def worker_figures(helpers: Iterable[tuple[int, str, str]]) -> list[Figure]:
    """helpers: a worker's id and name, and what the worker does; somebody with two parts stands once."""
    parts: dict[tuple[int, str], list[str]] = {}
    for key, name, part in sorted(helpers):
        parts.setdefault((key, name), []).append(part)
    return [
        Figure(f"worker:{key}", name, Shape.BOX, ring=PROFESSIONALS, support=WORKS, role=", ".join(said))
        for (key, name), said in parts.items()
    ]


def _schools(people: Iterable[Person]) -> list[Figure]:
    pupils: dict[tuple[int, str], list[str]] = {}
    for person in people:
        if person.school:
            pupils.setdefault((person.school.pk, str(person.school)), []).append(person.short_name)
    return [
        Figure(
            f"school:{key}", name, Shape.BOX, ring=PROFESSIONALS, support=WORKS, role=f"School of {', '.join(names)}"
        )
        for (key, name), names in sorted(pupils.items())
    ]
