"""What the work rests on in law: a setting of the authority, in words for the privacy page and the copy of a record."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Basis:
    """plain: for families. article: for the record of processing."""

    plain: str | Promise
    article: str


BASES = {
    "public_task": Basis(
        _("We may keep these notes because helping children and families early is a task that the law gives us."),
        "UK GDPR Art. 6(1)(e), public task: Children Act 1989 s. 17 and Sch. 2, Children Act 2004 ss. 10 and 11; "
        "special categories: Art. 9(2)(g), substantial public interest, with Data Protection Act 2018 Sch. 1 "
        "paras 6 and 18",
    ),
    "legal_obligation": Basis(
        _("We must keep these notes because the law tells us to."),
        "UK GDPR Art. 6(1)(c), legal obligation; special categories: Art. 9(2)(g) with Data Protection Act 2018 Sch. 1 "
        "paras 6 and 18",
    ),
    "consent": Basis(
        _("We keep these notes because you agreed to it. You can take that back at any time."),
        "UK GDPR Art. 6(1)(a), consent; special categories: Art. 9(2)(a), explicit consent",
    ),
}


def basis() -> Basis:
    """The authority's choice. Raises ImproperlyConfigured when the setting names none of `BASES`."""
    try:
        return BASES[settings.LAWFUL_BASIS]
    except KeyError:
        raise ImproperlyConfigured(f"EHS_LAWFUL_BASIS must be one of: {', '.join(BASES)}.") from None


def basis_words() -> str:
    return str(basis().plain)
