"""Marks on what is held: those made at once, and those that people add or take away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import ClinicalSupervision, Cluster, User
from families.models import Family, Flag, Person
from keeping.models import HeldEntry, Mark, PrivateReading, RightsRequest
from keeping.requests.policies import check_handle, check_second
from keeping.subject_access.held import CHILDS_WORDS, Held, is_file_line
from keeping.subject_access.models import Reason
from keeping.subject_access.others import Cover, Others, lives_with
from keeping.subject_access.redaction import redacted, whole_mark

LONGEST = 200


def others_than(person: Person) -> Others:
    """The finder for one person's copy. The caller's scope sees the family."""
    family = Family.objects.get(pk=person.family_id)
    ways = [settings.DATA_PROTECTION_EMAIL, settings.DATA_PROTECTION_TELEPHONE]
    ways += [way for pair in Cluster.objects.values_list("telephone", "email") for way in pair]
    return Others(
        subject=person,
        shares_home=lives_with(person, Flag.objects.filter(family_id=family.pk)),
        people=list(Person.objects.filter(family_id=family.pk)),
        family=family,
        staff=frozenset(User.objects.values_list("name", flat=True)),
        ours=frozenset({way.lower() for way in ways if way}),
    )


def first_marks(entry: HeldEntry, held: Held, others: Others, *, childs_words: bool) -> list[Mark]:
    """What is marked before anybody has read it: others' rows, others' words, documents, what a child said in trust."""
    if held.other:
        return [_mark(entry, Reason.OTHERS)]
    found = []
    for number, line in enumerate(entry.lines):
        if line["other"]:
            found.append(_mark(entry, Reason.OTHERS, line=number))
        elif is_file_line(line):
            found.append(_mark(entry, Reason.TO_READ, line=number))
        elif childs_words and _is_childs(line):
            found.append(_mark(entry, Reason.WISH, line=number))
        else:
            found += [
                _mark(entry, Reason.OTHERS, line=number, start=span.start, end=span.end, words=span.words[:LONGEST])
                for span in others.find(line["text"])
            ]
    return found


def _is_childs(line: dict[str, Any]) -> bool:
    fields = line["value"] if isinstance(line["value"], dict) else (line["name"].rpartition(".")[2],)
    return not CHILDS_WORDS.isdisjoint(fields)


def _mark(entry: HeldEntry, reason: str, *, by: User | None = None, **place: Any) -> Mark:
    return Mark(
        cluster_id=entry.cluster_id,
        family_id=entry.family_id,
        request_id=entry.request_id,
        entry=entry,
        reason=reason,
        automatic=by is None,
        made_by=by,
        private=entry.private,
        author_id=entry.author_id,
        **place,
    )


def check_mark(user: User, entry: HeldEntry) -> None:
    """Private notes are looked at by who wrote them, or their clinical supervisor; all else by who deals with it.

    Raises Denied, and Conflict once the copy has gone out.
    """
    if entry.private:
        check_private(user, entry.author_id)
        if PrivateReading.objects.filter(request_id=entry.request_id, author=entry.author_id, read_at=None).exists():
            return
        raise Conflict("You have said that these notes are ready. They are not changed any more.")
    asked = RightsRequest.objects.select_related("family").get(pk=entry.request_id)
    check_marking(user, asked)


def check_marking(user: User, asked: RightsRequest) -> None:
    if asked.status == RightsRequest.Status.OPEN:
        check_handle(user, asked)
    elif asked.status == RightsRequest.Status.READING:
        check_second(user, asked)
    else:
        raise Conflict("This request has ended: what was given stays as it was.")


def check_private(user: User, author_id: int | None) -> None:
    if user.pk == author_id:
        return
    if not ClinicalSupervision.objects.today().filter(supervisor=user, worker_id=author_id).exists():
        raise Denied("Private notes are read by who wrote them and by their clinical supervisor.")


@transaction.atomic
def withhold(*, by: User, entry: HeldEntry, reason: str, line: int | None = None) -> None:
    """Withhold a whole entry or line; what was “not read yet” of it is settled by that. Raises Denied, Conflict."""
    check_mark(by, entry)
    live = Mark.objects.filter(entry=entry, undone_at=None)
    if line is not None:
        if not 0 <= line < len(entry.lines):
            raise Conflict("This entry has changed. Load the page again.")
        live = live.filter(line=line)
    live.filter(reason=Reason.TO_READ).update(undone_at=timezone.now(), undone_by=by)
    if not Mark.objects.filter(entry=entry, line=line, start=None, reason=reason, undone_at=None).exists():
        _mark(entry, reason, by=by, line=line).save()


@transaction.atomic
def withhold_words(*, by: User, entry: HeldEntry, words: str, reason: str, everywhere: bool) -> int:
    """Withhold words wherever they stand in an entry, or in the whole copy. Returns how many places were marked.

    Places that are withheld already stay as they are. In the whole copy: in what the person may mark.
    """
    check_mark(by, entry)
    entries: Iterable[HeldEntry] = [entry]
    if everywhere:
        same = HeldEntry.objects.filter(request_id=entry.request_id, private=entry.private)
        entries = same.filter(author_id=entry.author_id) if entry.private else same
    pattern = re.compile(rf"(?<!\w){re.escape(words.strip())}(?!\w)", re.IGNORECASE)
    chosen = list(entries)
    live: dict[UUID, list[Mark]] = {}
    for mark in Mark.objects.filter(entry__in=[one.pk for one in chosen], undone_at=None):
        live.setdefault(mark.entry_id, []).append(mark)
    made = [mark for one in chosen for mark in _words_in(one, pattern, reason, by, live.get(one.pk, []))]
    Mark.objects.bulk_create(made, batch_size=1000)
    return len(made)


def _words_in(entry: HeldEntry, pattern: re.Pattern[str], reason: str, by: User, live: list[Mark]) -> Iterable[Mark]:
    if whole_mark(live):
        return
    for number, line in enumerate(entry.lines):
        here = [mark for mark in live if mark.line == number]
        if any(mark.start is None for mark in here):
            continue
        marked = Cover((mark.start, mark.end) for mark in here)  # type: ignore[misc]
        for match in pattern.finditer(line["text"]):
            start, end = match.span()
            if not marked.holds(start, end):
                yield _mark(entry, reason, by=by, line=number, start=start, end=end, words=match[0][:LONGEST])


@transaction.atomic
def show_again(*, by: User, mark: Mark) -> None:
    """Take a mark away. Raises Denied, Conflict."""
    check_mark(by, mark.entry)
    Mark.objects.filter(pk=mark.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=by)


@transaction.atomic
def show_words(*, by: User, asked: RightsRequest, words: str) -> int:
    """Take every mark on these words away, in what is not private. Returns how many."""
    check_marking(by, asked)
    marks = Mark.objects.filter(request=asked, undone_at=None, private=False, words__iexact=words).exclude(words="")
    return marks.update(undone_at=timezone.now(), undone_by=by)


def live_marks(entries: Sequence[HeldEntry]) -> dict[UUID, list[Mark]]:
    """By entry, what is withheld of these entries now; one statement."""
    found: dict[UUID, list[Mark]] = {entry.pk: [] for entry in entries}
    for mark in Mark.objects.filter(entry__in=list(found), undone_at=None).select_related("made_by"):
        found[mark.entry_id].append(mark)
    return found


def shown(entry: HeldEntry, marks: Sequence[Mark]) -> dict[str, Any]:
    """An entry for a page or a file: its lines with the marks taken out."""
    whole = whole_mark(marks)
    return {
        "entry": entry,
        "whole": whole,
        "lines": [] if whole else redacted(entry.lines, marks),
        "hidden": redacted(entry.lines, [m for m in marks if m.line is not None]) if whole else [],
    }
