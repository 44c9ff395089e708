"""The levels of need that can be chosen today, and how a form offers them."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from clusters.models import NeedLevel, ThresholdDocument


def levels_on(day: date | None = None) -> QuerySet[NeedLevel]:
    """The levels of the document that holds on a day, the lowest first; the newest document where two overlap."""
    documents = ThresholdDocument.objects.on(day or timezone.localdate()).order_by("-starts_on", "-pk")
    return NeedLevel.objects.filter(document__in=documents.values("pk")[:1]).order_by("order")


def level_today(pk: int | None) -> NeedLevel | None:
    """A level that can be chosen today, by its id."""
    return levels_on().filter(pk=pk).first() if pk else None


def offer_levels(form: Any, name: str = "need_level") -> None:
    form.fields[name].queryset = levels_on()
