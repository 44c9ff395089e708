"""Which translated texts a person has confirmed, and whether a page shows one that nobody has."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polib
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.html import escape

from clusters.models import User
from clusters.policies import check_manage
from referrals.public.languages import TRANSLATED, Language
from referrals.public.models import ConfirmedText

PLACE = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\n")


@dataclass(frozen=True)
class Text:
    """An English text and its translation. `machine`: the catalogue says that no person wrote it."""

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
    return [text for text in texts(slug) if text.machine and text.digest not in confirmed]


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
    check_manage(by)
    ConfirmedText.objects.filter(language=slug, digest=digest).delete()


def confirmations(slug: str) -> dict[str, ConfirmedText]:
    rows = ConfirmedText.objects.filter(language=slug).select_related("confirmed_by")
    return {row.digest: row for row in rows}
