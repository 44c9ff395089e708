"""The people of a case."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cases.forms.involvement import InvolvementForm
from cases.pages import case_page
from cases.selectors.case import who_is_who
from cases.slots import address
from cases.views.common import add_errors
from cluster_ehs.core import slots
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from families.involvement import set_involvement
from families.models import Involvement, Person
from families.pictures import pictures
from families.policies import check_edit

# What the buttons beside each adult say.
PARTS = (
    (Involvement.INVOLVED, "Involved"),
    (Involvement.NOT_YET, "Not yet"),
    (Involvement.NOT_TO_BE, "Not to be"),
)


@require_GET
def people(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="people")
    rows = [
        {
            "person": person,
            "who": who_is_who(person),
            "url": address("person-edit", person.pk),
            "set_url": reverse("case-involvement", args=[pk, person.pk]),
        }
        for person in page["people"]
    ]
    adults = [person for person in page["people"] if not person.is_child and not person.deceased]
    context = {
        "rows": rows,
        "parts": PARTS,
        "told": [
            (label, [who_is_who(person) for person in adults if person.involvement == value])
            for value, label in (
                (Involvement.INVOLVED, "Involved in the plan"),
                (Involvement.NOT_YET, "Not yet involved"),
                (Involvement.UNKNOWN, "Not known"),
                (Involvement.NOT_TO_BE, "Not to be involved"),
            )
        ],
        "family_url": address("family", page["case"].family_id),
        "add_url": address("person-new", page["case"].family_id),
        "pictures": pictures(request, page["family"], page["people"]),
        "slot": slots.render("case.people.main", request, case=page["case"]),
    }
    return render(request, "cases/people.html", page | context)


@require_http_methods(["GET", "POST"])
def involvement(request: UserRequest, pk: UUID, person_pk: UUID) -> HttpResponse:
    """Two taps beside a name on the page of people; a page of its own when something is missing."""
    page = case_page(request, pk, tab="people")
    check_edit(request.user, page["family"])
    person = get_object_or_404(Person.objects.select_related("family"), pk=person_pk, family_id=page["case"].family_id)
    back = reverse("case-people", args=[pk])
    form = InvolvementForm(posted(request), person=person, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            set_involvement(by=request.user, person=person, **form.values)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"{person.short_name}: saved.")
            return redirect(back)
    context = {"form": form, "title": f"Part of {person.short_name} in the plan"}
    return render(request, "cases/form.html", page | context)
