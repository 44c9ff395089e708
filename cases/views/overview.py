"""The case in one look: how the goals move, why we are here, what happened last and what is next."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases.pages import case_page
from cases.selectors import contacts, overview, plan
from cases.selectors.support import RUNNING_STATUS, use_of
from cluster_ehs.core import slots
from clusters.http import UserRequest

# What stands above the goals while a flag of significant harm waits for its step up.
FIRST = 2


@require_GET
def case(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="overview", cases=overview.cases())
    people = {person.pk: person for person in page["people"]}
    found = page["case"]
    return render(
        request,
        "cases/overview.html",
        page
        | {
            "goals": plan.cards(pk, page["people"], live=True),
            "latest": [contacts.line(contact, people) for contact in contacts.contacts(pk)[:4]],
            "uses": [(service, use_of(service)) for service in page["services"] if service.status == RUNNING_STATUS],
            "next_rows": overview.next_rows(found),
            "family_facts": overview.family_in_the_plan(found, page["people"]),
            "slot_first": slots.render("case.overview.main", request, orders=range(FIRST), case=found),
            "slot_main": slots.render("case.overview.main", request, orders=range(FIRST, 1000), case=found),
            "slot_side": slots.render("case.overview.side", request, case=found),
        },
    )
