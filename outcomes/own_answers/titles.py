"""What a family calls the questions that it is asked: it knows no instrument by its name."""

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from outcomes.own_answers.services import OwnMeasure

TITLES = {
    "ons4": _("How is life going?"),
    "impact": _("What has changed?"),
    "recommend": _("Would you recommend this help?"),
    "phq-9": _("Your mood in the last two weeks"),
    "gad-7": _("Your worries in the last two weeks"),
}
OTHER = _("How have you been?")


def title_of(asked: OwnMeasure) -> Any:
    """In the language of the page. What a manager added has no words here, and is told apart by its name."""
    return TITLES.get(asked.code) or format_lazy("{} ({})", OTHER, asked.name)
