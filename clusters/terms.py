"""The code lists that a form offers, read in one statement, and the fields that choose from them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from clusters.models import Term

Choices = list[tuple[str, Any]]


class Terms:
    """Current terms of some vocabularies: as choices of a field, and from the chosen key back to the term.

    keep: keys that a record holds already; a retired one stays on the record when its form is saved.
    """

    def __init__(self, *vocabularies: str, keep: Iterable[int | None] = ()) -> None:
        rows = Term.objects.filter(vocabulary__in=vocabularies).order_by("vocabulary", "order", "label")
        kept, today = set(keep), timezone.localdate()
        self.by_id = {
            term.pk: term for term in rows if term.pk in kept or term.retired_on is None or term.retired_on > today
        }

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


class TermField(forms.TypedChoiceField):
    """One term of a vocabulary, chosen by its key; None when nothing is chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"empty_value": None, **kwargs})

    def offer(self, terms: Terms, options: Choices) -> None:
        self.choices = options
        self.coerce = terms.term

    def prepare_value(self, value: Any) -> Any:
        return str(value.pk) if isinstance(value, Term) else value


class TermsField(forms.TypedMultipleChoiceField):
    """Several terms; an empty list when nothing is chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"empty_value": [], "required": False, "widget": forms.CheckboxSelectMultiple, **kwargs})

    def offer(self, terms: Terms, options: Choices) -> None:
        self.choices = options
        self.coerce = terms.term

    def prepare_value(self, value: Any) -> Any:
        return [str(v.pk) if isinstance(v, Term) else v for v in value] if isinstance(value, list) else value
