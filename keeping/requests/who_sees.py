"""Of a request about records it can be asked who sees it (`families.who_sees`)."""

from django.urls import reverse

from families.who_sees.askable import Askable, Part, may_be_asked
from keeping.models import RightsRequest

COMPLAINT = RightsRequest.Kind.COMPLAINT


def fill() -> None:
    may_be_asked(
        Askable(
            kind="request",
            load=lambda pk: RightsRequest.objects.filter(pk=pk).select_related("family__cluster").first(),
            title=lambda asked: f"{asked.get_kind_display()}, {asked.reference}",
            back=lambda asked: reverse("rights-request", args=[asked.pk]),
            parts=(
                Part("That somebody asks, and how it is answered", "keeping_rightsrequest"),
                Part("What they wrote, and our answer", "keeping_requestwords", "request_id"),
            ),
            people=lambda asked: ((asked.logged_by_id, "Logged it"), (asked.handler_id, "Deals with it")),
            narrow=lambda asked: asked.kind == COMPLAINT,
            note=lambda asked: (
                "A complaint may be about a colleague: not everybody in the Cluster reads it."
                if asked.kind == COMPLAINT
                else ""
            ),
        )
    )
