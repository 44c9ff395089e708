"""Which translated texts a person has confirmed or corrected, and whether a page shows one that nobody has.

A correction is kept in the database and shown in place of the catalogue's text; the catalogue stays as it came.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import trans_real

from clusters.changes import record
from clusters.models import User
from clusters.policies import check_manage
from referrals.public.languages import TRANSLATED, Language
from referrals.public.models import ConfirmedText, CorrectedText

HOLDER = re.compile(r"%\([a-z_]+\)[sd]")
PLACE = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\n")


@dataclass(frozen=True)
class Text:
    """An English text and its translation. `machine`: the catalogue says that no person wrote it. `digest`: of the
    English text and the catalogue's translation, also where somebody corrected it."""

    english: str
    translated: str
    machine: bool
    digest: str


def catalogue_of(language: Language) -> Path:
    return Path(settings.BASE_DIR) / "locale" / language.code / "LC_MESSAGES" / "django.po"


@lru_cache
def texts(slug: str) -> tuple[Text, ...]:
    """The catalogue as it came with the program; it does not change while the program runs."""
    language = TRANSLATED[slug]
    entries = polib.pofile(str(catalogue_of(language)))
    return tuple(
        Text(entry.msgid, entry.msgstr, "machine-made" in entry.comment + entry.tcomment, _digest(entry))
        for entry in entries
        if entry.msgstr and not entry.obsolete
    )


def _digest(entry: polib.POEntry) -> str:
    return hashlib.sha256(f"{entry.msgid}\0{entry.msgstr}".encode()).hexdigest()


def unconfirmed(slug: str) -> list[Text]:
    if slug not in TRANSLATED:
        return []
    confirmed = set(ConfirmedText.objects.filter(language=slug).values_list("digest", flat=True))
    return [text for text in shown_texts(slug) if text.machine and text.digest not in confirmed]


# --- corrections ---
def corrections(slug: str) -> dict[str, CorrectedText]:
    """Those that hold, by their English text."""
    rows = CorrectedText.objects.filter(language=slug, ended_at=None).select_related("corrected_by")
    return {row.english: row for row in rows}


def shown_texts(slug: str) -> list[Text]:
    """The texts as the form shows them: a corrected one is a person's."""
    held = corrections(slug)
    return [
        replace(text, translated=held[text.english].translated, machine=False) if text.english in held else text
        for text in texts(slug)
    ]


class _Corrected:
    """A catalogue of Django's with some texts in place of its own."""

    def __init__(self, catalogue: Any, texts: dict[str, str]) -> None:
        self._catalogue, self._texts = catalogue, texts

    def gettext(self, message: str) -> str:
        return self._texts.get(message) or self._catalogue.gettext(message)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """The language for this thread, with what people corrected."""
    with translation.override(language.code):
        held = {english: row.translated for english, row in corrections(language.slug).items()}
        if held:
            # Django has no public place for texts that are not in a file; `override` puts its own back at the end.
            active = trans_real._active  # type: ignore[attr-defined]
            active.value = _Corrected(active.value, held)
        yield


def text_of(slug: str, digest: str) -> Text | None:
    """One text as the form shows it."""
    return next((text for text in shown_texts(slug) if text.digest == digest), None)


@transaction.atomic
def correct(*, by: User, slug: str, digest: str, translated: str, read_by: str) -> CorrectedText:
    """A manager enters what somebody who reads the language wrote. The public form shows it from now on.

    Raises Denied, ValidationError by field: an empty text, one that loses or invents a place holder, nobody's name.
    """
    check_manage(by)
    text = next(each for each in texts(slug) if each.digest == digest)
    translated, read_by = translated.replace("\r\n", "\n").strip(), read_by.strip()
    if not translated:
        raise ValidationError({"translated": "Enter the text"})
    if sorted(HOLDER.findall(translated)) != sorted(HOLDER.findall(text.english)):
        holders = ", ".join(sorted(set(HOLDER.findall(text.english)))) or "there are none"
        raise ValidationError({"translated": f"Keep what the program fills in, as it is written: {holders}"})
    # Also where nothing is filled in: templates read the sign in every text that stands in a block.
    if "%" in HOLDER.sub("", translated) and "%" not in HOLDER.sub("", text.english):
        raise ValidationError({"translated": "Write per cent in words: the sign has a meaning for the program"})
    if not read_by:
        raise ValidationError({"read_by": "Enter who reads the language and wrote this"})
    now = timezone.now()
    _end_correction(slug, text)
    made = CorrectedText.objects.create(
        language=slug,
        english=text.english,
        translated=translated,
        read_by=read_by[:120],
        corrected_by=by,
        corrected_at=now,
    )
    said = f"{TRANSLATED[slug].english}: “{text.english[:80]}” was corrected as {read_by} reads it."
    record(by=by, kind="translation", text=said, about=made)
    return made


def _end_correction(slug: str, text: Text) -> None:
    CorrectedText.objects.filter(language=slug, english=text.english, ended_at=None).update(ended_at=timezone.now())


# --- what a page shows ---


def shows_unconfirmed(html: str, slug: str) -> bool:
    """Whether the page holds a text that no person has confirmed: when in doubt it does."""
    return any(_stands_in(text.translated, html) for text in unconfirmed(slug))


def _stands_in(text: str, html: str) -> bool:
    """By the longest piece of the text between its place holders."""
    piece = max(PLACE.split(text), key=len).strip()
    return bool(piece) and (piece in html or escape(piece) in html)


@dataclass(frozen=True)
class Progress:
    language: Language
    total: int
    open: int


def progress() -> list[Progress]:
    return [Progress(lang, len(texts(slug)), len(unconfirmed(slug))) for slug, lang in TRANSLATED.items()]


@transaction.atomic
def confirm(*, by: User, slug: str, digests: Iterable[str], read_by: str) -> int:
    """A manager notes that somebody who reads the language found these texts right. How many were new."""
    check_manage(by)
    known = {text.digest for text in unconfirmed(slug)}
    rows = [
        ConfirmedText(
            language=slug, digest=digest, read_by=read_by.strip(), confirmed_by=by, confirmed_at=timezone.now()
        )
        for digest in known & set(digests)
    ]
    ConfirmedText.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def take_back(*, by: User, slug: str, digest: str) -> None:
    """The text counts as the machine's again, with the catalogue's words; an ended correction is kept."""
    check_manage(by)
    ConfirmedText.objects.filter(language=slug, digest=digest).delete()
    for text in texts(slug):
        if text.digest == digest:
            _end_correction(slug, text)


def confirmations(slug: str) -> dict[str, ConfirmedText]:
    rows = ConfirmedText.objects.filter(language=slug).select_related("confirmed_by")
    return {row.digest: row for row in rows}
