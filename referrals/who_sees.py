"""Of a referral it can be asked who sees it (`families.who_sees`)."""

from django.urls import reverse

from families.who_sees.askable import Askable, Part, may_be_asked
from referrals.models import Referral


def at_school(referral: Referral) -> str:
    """The referrers of a school are told how their referrals fare, in one line each (domain section 5)."""
    if referral.school is None:
        return ""
    return (
        f"Referrers of {referral.school} see one line of it: the reference, the child’s initials and how far it is. "
        "They open nothing."
    )


def fill() -> None:
    may_be_asked(
        Askable(
            kind="referral",
            load=lambda pk: (
                Referral.objects.filter(pk=pk).select_related("family__cluster", "child", "school", "author").first()
            ),
            title=lambda referral: f"Referral {referral.reference}",
            back=lambda referral: reverse("referral", args=[referral.pk]),
            parts=(
                Part("The referral: who, when, from whom", "referrals_referral"),
                Part("What was written in it", "referrals_story", "referral_id"),
            ),
            note=at_school,
        )
    )
