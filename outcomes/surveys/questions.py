"""What a survey asks, from its instruments and the authority's own questions, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as spoken

from outcomes.measures.models import Instrument, Item
from outcomes.surveys.models import Survey

SCALE, WORDS = "scale", "words"


@dataclass(frozen=True)
class Question:
    """key: of the answers. item: None for an answer in words. group: the name of its instrument."""

    key: str
    text: str
    group: str
    item: Item | None

    @property
    def field(self) -> str:
        return "a_" + self.key.replace(".", "_")


def may_be_asked() -> list[Instrument]:
    """Instruments for a link: with questions here, none of them about a risk."""
    return list(Instrument.objects.filter(in_use=True, kind=Instrument.Kind.ITEMS, by_link=True, who="family"))


def questions_of(survey: Survey) -> list[Question]:
    """In the language of the thread; two queries."""
    rows = Instrument.objects.filter(pk__in=survey.instrument_ids).prefetch_related("items")
    found = [
        Question(f"{instrument.code}.{item.key}", spoken(item.text), instrument.name, _spoken(item))
        for instrument in rows
        for item in instrument.items.all()
    ]
    for own in survey.questions:
        item = None if own["kind"] == WORDS else Item(text=own["text"], lowest=Decimal(0), highest=Decimal(10))
        found.append(Question(f"own.{own['key']}", own["text"], "Our own questions", item))
    return found


def _spoken(item: Item) -> Item:
    """The question with its ends and choices in the language of the thread; never saved."""
    return Item(
        key=item.key,
        text=spoken(item.text),
        low_anchor=spoken(item.low_anchor) if item.low_anchor else "",
        high_anchor=spoken(item.high_anchor) if item.high_anchor else "",
        lowest=item.lowest,
        highest=item.highest,
        choices=[[value, spoken(words)] for value, words in item.choices],
    )


def numbers(answers: Mapping[str, Any], key: str) -> Decimal | None:
    value = answers.get(key)
    return Decimal(str(value)) if isinstance(value, int | float) else None
