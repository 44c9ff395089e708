"""Where one referral stands: what services ask before they write."""

from django.db.models import Q

from referrals.models import Referral
from triage.models import Offer, PassingOn

LIVE_OFFERS = (Offer.Status.WAITING, Offer.Status.ALLOCATED, Offer.Status.STARTED)
# A partner that hands back has the referral until it says what became of it.
AWAITED = Q(return_expected=True, status__in=(PassingOn.Status.SENT, PassingOn.Status.ACCEPTED))


def live_offers(referral: Referral) -> bool:
    """Whether a service is waited for, allocated or begun."""
    return Offer.objects.filter(decision__referral_id=referral.pk, status__in=LIVE_OFFERS).exists()


def returns_awaited(referral: Referral) -> list[str]:
    """Names of the partner services that are expected to hand the referral back."""
    passed_on = PassingOn.objects.filter(AWAITED, decision__referral_id=referral.pk)
    return list(passed_on.values_list("partner__name", flat=True))


def has_case(referral: Referral) -> bool:
    """Whether a case has taken the referral up: then the ending comes with the case.

    Asked by the name of the relation; this app stands below the one that owns it.
    """
    return Referral.objects.filter(pk=referral.pk, case_link__isnull=False).exists()


def was_offered(referral: Referral) -> bool:
    return Offer.objects.filter(decision__referral_id=referral.pk).exists()


def ends_with(offer: Offer) -> bool:
    """Whether nothing would be left of the referral once this offer is withdrawn."""
    others = Offer.objects.filter(decision_id=offer.decision_id, status__in=LIVE_OFFERS).exclude(pk=offer.pk)
    referral = offer.decision.referral
    return not others.exists() and not has_case(referral) and not returns_awaited(referral)
