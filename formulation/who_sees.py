"""Of a formulation it can be asked who sees it (`families.who_sees`)."""

from django.urls import reverse

from families.who_sees.askable import Askable, Part, may_be_asked
from formulation.models import Formulation


def fill() -> None:
    may_be_asked(
        Askable(
            kind="formulation",
            load=lambda pk: Formulation.objects.filter(pk=pk).select_related("family__cluster", "author").first(),
            title=lambda formulation: f"Formulation of {formulation.made_on:%-d %B %Y}",
            back=lambda formulation: (
                reverse("case-formulation", args=[formulation.case_id])
                if formulation.case_id
                else reverse("family", args=[formulation.family_id])
            ),
            parts=(
                Part("That it was made, and when", "formulation_formulation"),
                Part("What was written", "formulation_factor", "formulation_id"),
            ),
        )
    )
