"""What a letter says and to whom, the templates in force, the letters that were made."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from families.addresses import family_address
from families.models import Person
from referrals.models import Referral
from triage.models import (
    RESPONSES_PASSED_ON,
    RESPONSES_WITH_SERVICE,
    Audience,
    Decision,
    Letter,
    MessageTemplate,
)
from triage.selectors.agenda import with_names

About = MessageTemplate.About


def templates() -> QuerySet[MessageTemplate]:
    """The version in force of each."""
    same = MessageTemplate.objects.filter(
        audience=OuterRef("audience"), about=OuterRef("about"), language=OuterRef("language")
    )
    return MessageTemplate.objects.filter(pk=Subquery(same.order_by("-version").values("pk")[:1]))


def about(response: str) -> MessageTemplate.About:
    """What kind of decision it was; with a service and passed on, the service is what is written about."""
    if response in RESPONSES_WITH_SERVICE:
        return About.SERVICE
    return About.PASSED_ON if response in RESPONSES_PASSED_ON else About.NO_HELP


def for_decision(decision: Decision, audience: str) -> list[MessageTemplate]:
    """The texts in each language, the one in English first."""
    found = templates().filter(audience=audience, about=about(decision.response))
    return sorted(
        found, key=lambda template: (template.language != MessageTemplate.Language.ENGLISH, template.language)
    )


def decision_of(referral: Referral) -> Decision | None:
    return with_names(Decision.objects.filter(referral=referral)).select_related("decided_by").first()


def listed(names: list[str]) -> str:
    names = [name if name[1:2].isupper() else name[:1].lower() + name[1:] for name in names]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def values(referral: Referral, decision: Decision) -> dict[str, str]:
    """What the placeholders stand for; no address and no reasons are among them."""
    day = decision.decided_on
    return {
        "child": referral.child.short_name,
        "reference": referral.reference,
        "referrer": referral.referrer_name or "colleague",
        "decided_on": f"{day.day} {day:%B %Y}",
        "services": listed(decision.offered),  # type: ignore[attr-defined]
        "passed_to": ", ".join(decision.passed_to),  # type: ignore[attr-defined]
        "cluster": referral.cluster.name,
        "telephone": referral.cluster.telephone,
        "leader": decision.decided_by.name if decision.decided_by else referral.cluster.name,
    }


def addressee(referral: Referral, audience: str) -> tuple[str, str]:
    """Name and address as they may be printed: an address that somebody must not be told is left out."""
    if audience == Audience.REFERRER:
        return referral.referrer_name or "The referrer", referral.referrer_organisation
    names = [str(person) for person in _adults(referral)]
    to = " and ".join(names) or f"The family of {referral.child}"
    return to, family_address(referral.family).to_share


def _adults(referral: Referral) -> list[Person]:
    """Those to whom a letter to the family is addressed."""
    adults = Person.objects.filter(
        family_id=referral.family_id, is_child=False, in_household=True, parental_responsibility=True
    )
    return list(adults.select_related("first_language").order_by("created_at")[:2])


# The school census' codes of the languages in which texts can be kept; the beginning of an extended code is enough.
_OF_CENSUS = {"ENG": "en", "RMN": "ro", "CZE": "cs", "SLO": "sk", "POL": "pl", "URD": "ur", "ARA": "ar"}


@dataclass(frozen=True)
class Reads:
    """What the addressee reads: the language's name, and its code where texts can be kept in it."""

    label: str
    code: str


def reads(referral: Referral, audience: str) -> Reads | None:
    """The first language of the first adult of whom it is known; of a referrer nothing is known."""
    if audience == Audience.REFERRER:
        return None
    known = next((person.first_language for person in _adults(referral) if person.first_language), None)
    return Reads(known.label, _OF_CENSUS.get(known.code[:3], "")) if known else None


def letters_of(referrals: Collection[UUID]) -> dict[UUID, list[Letter]]:
    """The letters of some referrals, the newest first; their texts are left out."""
    found: dict[UUID, list[Letter]] = {}
    for letter in Letter.objects.filter(referral_id__in=referrals).defer("body").order_by("-made_at"):
        found.setdefault(letter.referral_id, []).append(letter)
    return found
