"""Search and the family's pages: load, check, call a service, answer."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core import audit, limits, slots
from cluster_ehs.core.paging import page
from cluster_ehs.core.requests import line_of
from clusters.http import UserRequest
from clusters.models import School
from clusters.people import duties
from families import files, policies
from families.addresses import address_flags, family_address, person_address
from families.emergency import opening_of
from families.merged import kept_family
from families.models import Family, StoredFile
from families.pictures import pictures, worker_figures
from families.search import Found, find, read_line
from families.selectors import (
    answers_of_workers,
    care_of,
    families_of,
    flag_tags,
    ties_of,
    whole_family,
)

SCHOOLS_SHOWN = 8


@require_http_methods(["GET", "POST"])
def search(request: UserRequest) -> HttpResponse:
    """One line for a child, family, address, school or reference. Only ever posted."""
    policies.check_search(request.user)
    line = line_of(request, "q")
    asked = read_line(line)
    if line:
        limits.count_search(request.user.pk)
    found = find(clusters=duties(request.user).clusters, asked=asked) if asked else Found([], [])
    schools = list(School.objects.filter(name__icontains=asked.name)[:SCHOOLS_SHOWN]) if len(asked.name) > 2 else []
    _mark_addresses(found.families)
    others = slots.render("search.results", request, query=line) if line else ""
    context = {
        "search_query": line,
        "found": found,
        "schools": schools,
        "others": others,
        "nothing": bool(line) and not (found.people or found.families or schools or others),
    }
    return render(request, "families/search.html", context)


def _mark_addresses(families: Iterable[Family]) -> None:
    """Say of each family's address whether it may be printed."""
    families = list(families)
    flags = address_flags(family.pk for family in families) if families else []
    for family in families:
        family.where = family_address(family, flags)  # type: ignore[attr-defined]


@require_safe
def family_list(request: UserRequest) -> HttpResponse:
    """The families of the own Clusters, by name."""
    policies.check_search(request.user)
    found = page(families_of(duties(request.user).clusters), request, order=("name", "id"))
    _mark_addresses(found.rows)
    context = {"page": found, "may_merge": policies.can_merge(request.user)}
    return render(request, "families/list.html", context)


def _became_part_of(request: UserRequest, pk: UUID) -> HttpResponse:
    """An old address of a record that was merged leads to the record that is kept. Raises Http404 for any other."""
    kept = kept_family(pk)
    if kept is None:
        raise Http404
    messages.info(request, f"The record that you asked for became part of {kept.reference}.")
    return redirect("family", pk=kept.pk)


@require_safe
def family_page(request: UserRequest, pk: UUID) -> HttpResponse:
    """Who belongs to the family, what must be known, and what is being done. The look is recorded."""
    found = whole_family(pk)
    if found is None:
        return _became_part_of(request, pk)
    family, people, flags = found.family, found.people, found.flags
    policies.check_open(request.user, family)
    audit.look(by=request.user, at=family, page="family")
    workers = answers_of_workers(request, family)
    for person in people:
        person.where = person_address(person, family, flags)  # type: ignore[attr-defined]
    context = {
        "family": family,
        "where": family_address(family, flags),
        "children": [person for person in people if person.is_child],
        "adults": [person for person in people if not person.is_child],
        "in_home": sum(person.in_household and not person.deceased for person in people),
        "pictures": pictures(
            request,
            family,
            people,
            relationships=found.relationships,
            involvements=found.involvements,
            workers=worker_figures(helper for answer in workers for helper in answer["helpers"]),
        ),
        "ties": ties_of(people, found.relationships),
        "care": care_of(people, found.involvements),
        "circumstances": found.circumstances,
        "earlier_circumstances": found.earlier_circumstances,
        "flags": flags,
        "tags": flag_tags(family, flags),
        "agreements": found.agreements,
        "sharing": found.sharing,
        "may_restrict": policies.can_restrict(request.user, family),
        "may_history": policies.can_history(
            request.user, family, workers={pk for answer in workers for pk in answer["user_ids"]}
        ),
        "beside": slots.render("family.beside", request, family=family),
        "opening": opening_of(request.user, family),
    }
    return render(request, "families/page.html", context)


@require_safe
def family_file(request: UserRequest, pk: UUID) -> FileResponse:
    """A file of a family, to save. Whoever may not see its row gets 404; the look is recorded."""
    file = StoredFile.objects.select_related("family").filter(pk=pk).first()
    if file is None:
        raise Http404
    policies.check_open(request.user, file.family)
    policies.check_open_file(request.user, file)
    audit.look(by=request.user, at=file, page="file")
    return files.answer(file)
