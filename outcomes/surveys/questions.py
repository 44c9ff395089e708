"""What a survey asks, from its instruments and the authority's own questions, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as spoken
from django.utils.translation import gettext_noop as _

from outcomes.measures.models import Instrument, Item
from outcomes.surveys.models import Survey

SCALE, WORDS = "scale", "words"
# Our own questions, which the catalogues hold in every language of the family's page.
READY: dict[str, dict[str, str]] = {
    "reach": {
        "text": _("How easy was it to reach your worker?"),
        "kind": SCALE,
        "low": _("very hard"),
        "high": _("very easy"),
    },
    "listened": {
        "text": _("How well did we listen to you?"),
        "kind": SCALE,
        "low": _("not at all"),
        "high": _("very well"),
    },
    "own_plan": {
        "text": _("How much was it your own plan?"),
        "kind": SCALE,
        "low": _("not at all"),
        "high": _("completely"),
    },
    "helped": {"text": _("What helped most?"), "kind": WORDS},
    "better": {"text": _("How could the help be better?"), "kind": WORDS},
}


@dataclass(frozen=True)
class Question:
    """key: of the answers. item: None for an answer in words. group: the name of its instrument."""

    key: str
    text: str
    group: str
    item: Item | None

    @property
    def ends(self) -> str:
        """What the least and the most of it mean, so that a mean can be read; empty where nothing says."""
        if self.item is None:
            return ""
        words = {int(number): label for number, label in self.item.choices}
        low, high = int(self.item.lowest), int(self.item.highest)
        said = ((low, self.item.low_anchor or words.get(low, "")), (high, self.item.high_anchor or words.get(high, "")))
        return "; ".join(f"{number} = {label}" for number, label in said if label)

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
        item = None if own["kind"] == WORDS else _own_scale(own)
        found.append(Question(f"own.{own['key']}", _own_text(own), "Our own questions", item))
    return found


def own_words(survey: Survey) -> list[dict[str, Any]]:
    """The questions that somebody wrote for this survey alone: the catalogues know nothing of them."""
    return [own for own in survey.questions if own["key"] not in READY]


def _own_scale(own: Mapping[str, Any]) -> Item:
    ends = {f"{end}_anchor": spoken(own[end]) if own.get(end) else "" for end in ("low", "high")}
    return Item(text=own["text"], lowest=Decimal(0), highest=Decimal(10), **ends)


def _own_text(own: Mapping[str, Any]) -> str:
    """Translated where somebody did; else in English, and marked so that it is read out as English."""
    slug = (get_language() or "en").split("-")[0]
    if slug == "en":
        return own["text"]
    if own["key"] in READY:
        return spoken(own["text"])
    return own.get("in", {}).get(slug) or format_html('<span lang="en" dir="ltr">{}</span>', own["text"])


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
