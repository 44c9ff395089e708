"""The people of a case."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases.pages import case_page
from cases.selectors.case import who_is_who
from cases.slots import address
from cluster_ehs.core import slots
from clusters.http import UserRequest
from families.pictures import pictures


@require_GET
def people(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="people")
    rows = [
        {"person": person, "who": who_is_who(person), "url": address("person-edit", person.pk)}
        for person in page["people"]
    ]
    context = {
        "rows": rows,
        "family_url": address("family", page["case"].family_id),
        "add_url": address("person-new", page["case"].family_id),
        "pictures": pictures(request, page["family"], page["people"]),
        "slot": slots.render("case.people.main", request, case=page["case"]),
    }
    return render(request, "cases/people.html", page | context)
