"""Of a case and of each contact it can be asked who sees it (`families.who_sees`)."""

from django.urls import reverse

from cases.models import Case, Contact
from families.who_sees.askable import Askable, Part, may_be_asked


def fill() -> None:
    may_be_asked(
        Askable(
            kind="case",
            load=lambda pk: Case.objects.filter(pk=pk).select_related("family__cluster").first(),
            title=lambda case: f"Case {case.reference}",
            back=lambda case: reverse("case", args=[case.pk]),
            parts=(
                Part("The case and that contacts took place", "cases_case"),
                Part("The plan and its goals", "cases_plan", "case_id"),
                Part("Meetings of the team around the family", "cases_casemeeting", "case_id"),
            ),
            note=lambda case: "Each session’s own page says who reads its notes.",
        )
    )
    may_be_asked(
        Askable(
            kind="contact",
            load=lambda pk: Contact.objects.filter(pk=pk).select_related("family__cluster", "author").first(),
            title=lambda contact: f"{contact.get_kind_display()} by {contact.author}",
            back=lambda contact: reverse("contact", args=[contact.pk]),
            parts=(
                Part("That it took place", "cases_contact"),
                Part("What was written", "cases_contactnote", "contact_id", text=True),
            ),
            note=lambda contact: "These are notes of therapy or counselling." if contact.private else "",
        )
    )
