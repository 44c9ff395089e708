"""The code lists that a form offers, read in one statement."""

from collections.abc import Iterable

from clusters.models import Term

Choices = list[tuple[str, object]]


class Terms:
    """Current terms of some vocabularies: as choices of a field, and from the chosen key back to the term."""

    def __init__(self, *vocabularies: str) -> None:
        rows = Term.objects.current().filter(vocabulary__in=vocabularies).order_by("vocabulary", "order", "label")
        self.by_id = {term.pk: term for term in rows}

    def of(self, vocabulary: str) -> list[Term]:
        return [term for term in self.by_id.values() if term.vocabulary == vocabulary]

    def main(self, vocabulary: str) -> list[Term]:
        """Without the finer codes below a main one."""
        return [term for term in self.of(vocabulary) if term.parent_id is None]

    def children(self, parent: Term) -> list[Term]:
        return [term for term in self.by_id.values() if term.parent_id == parent.pk]

    def term(self, key: str) -> Term:
        """The chosen term. Raises ValueError for anything that is not offered, as a field's coercion expects."""
        try:
            return self.by_id[int(key)]
        except KeyError:
            raise ValueError(key) from None


def choices(terms: Iterable[Term], *, empty: str | None = None) -> Choices:
    first: Choices = [] if empty is None else [("", empty)]
    return first + [(str(term.pk), term.label) for term in terms]


def grouped(terms: Iterable[Term], *, empty: str = "") -> Choices:
    """Under the official group of each; those without one stand alone at the end."""
    groups: dict[str, list[tuple[str, str]]] = {}
    alone: Choices = []
    for term in terms:
        if term.group:
            groups.setdefault(term.group, []).append((str(term.pk), term.label))
        else:
            alone.append((str(term.pk), term.label))
    return [("", empty), *groups.items(), *alone]
