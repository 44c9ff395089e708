"""Writes of the authority's thresholds. A document that holds, or held, is never rewritten: a new one follows it."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from cluster_ehs.core.denied import Conflict
from clusters import policies
from clusters.changes import apply, record, said, wrong
from clusters.models import NeedLevel, ThresholdDocument, User

LEVEL_FIELDS = ("order", "label", "description", "above_early_help")


@transaction.atomic
def add_document(*, by: User, authority: str, name: str, starts_on: date, source: str = "") -> ThresholdDocument:
    """The next document, from a day to come, with the levels of the one before it, which then ends.

    Raises Denied unless a manager acts, ValidationError by field.
    """
    policies.check_manage(by)
    before = ThresholdDocument.objects.select_for_update().order_by("-starts_on", "-pk").first()
    _check_start(starts_on, before)
    document = ThresholdDocument(authority=authority, name=name, starts_on=starts_on, source=source)
    document.full_clean()
    document.save()
    _end(before, starts_on)
    levels = before.levels.values(*LEVEL_FIELDS) if before else []
    NeedLevel.objects.bulk_create(NeedLevel(document=document, **level) for level in levels)
    record(by=by, kind="thresholds", text=f"{document} holds from {said(starts_on)}.", about=document)
    return document


@transaction.atomic
def change_document(
    document: ThresholdDocument, *, by: User, levels: list[dict[str, Any]], **values: Any
) -> ThresholdDocument:
    """Change a document that is still to come, and its levels: `levels` are all of them, in any order.

    Raises Denied unless a manager acts, Conflict once the document holds, ValidationError by field.
    """
    policies.check_manage(by)
    # The one before it too: the day on which it ends moves with this one's start.
    before = (
        ThresholdDocument.objects.select_for_update()
        .filter(starts_on__lt=document.starts_on)
        .order_by("-starts_on", "-pk")
        .first()
    )
    document = ThresholdDocument.objects.select_for_update().get(pk=document.pk)
    check_to_come(document)
    called = str(document)
    _check_start(values["starts_on"], before)
    _check_levels(levels)
    texts = apply(document, values)
    document.save()
    _end(before, document.starts_on)
    old = {level["order"]: level for level in document.levels.values(*LEVEL_FIELDS)}
    new = {level["order"]: level for level in levels}
    changed = [order for order in sorted(old | new) if old.get(order) != new.get(order)]
    texts += [f"Level {order}: {_in_words(old.get(order))} is now {_in_words(new.get(order))}." for order in changed]
    if changed:
        # Nothing was judged by a document that does not hold yet, so its levels may be written anew.
        document.levels.all().delete()
        NeedLevel.objects.bulk_create(NeedLevel(document=document, **level) for level in levels)
    if texts:
        record(by=by, kind="thresholds", text=f"{called}: {' '.join(texts)}", about=document)
    return document


def check_to_come(document: ThresholdDocument) -> None:
    if document.starts_on <= timezone.localdate():
        raise Conflict("This document holds already, and referrals were judged by it. Make a new one from a later day.")


def _check_start(starts_on: date, before: ThresholdDocument | None) -> None:
    if starts_on <= timezone.localdate():
        raise wrong("starts_on", "The first day must be after today: what holds today is not rewritten.")
    if before and starts_on <= before.starts_on:
        raise wrong("starts_on", f"The first day must be after {said(before.starts_on)}, when the one before begins.")


def _check_levels(levels: list[dict[str, Any]]) -> None:
    if not levels:
        raise wrong("label_1", "Enter at least one level.")
    seen: set[int] = set()
    for level in levels:
        if level["order"] in seen:
            raise wrong("label_1", f"Two levels have the number {level['order']}.")
        seen.add(level["order"])


def _end(before: ThresholdDocument | None, day: date) -> None:
    if before and before.ends_on != day:
        before.ends_on = day
        before.save(update_fields=["ends_on"])


def _in_words(level: dict[str, Any] | None) -> str:
    if level is None:
        return "nothing"
    above = ", above early help" if level["above_early_help"] else ""
    return f"“{level['label']}”{above} ({level['description'] or 'not described'})"
