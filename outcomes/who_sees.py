"""Of what a measure says it can be asked who sees it (`families.who_sees`)."""

from django.urls import reverse

from families.who_sees.askable import Askable, Part, may_be_asked
from outcomes.models import Measure


def fill() -> None:
    may_be_asked(
        Askable(
            kind="measure",
            load=lambda pk: (
                Measure.objects.filter(pk=pk).select_related("family__cluster", "author", "instrument").first()
            ),
            title=lambda measure: f"{measure.instrument.name}, {measure.taken_on:%-d %B %Y}",
            back=lambda measure: reverse("measure", args=[measure.pk]),
            parts=(
                Part("That it was asked", "outcomes_measure"),
                Part("What was answered", "outcomes_measureresult", "measure_id", text=True),
            ),
            note=lambda measure: "It was asked in therapy or counselling." if measure.private else "",
        )
    )
