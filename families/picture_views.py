"""The page of the two pictures: genogram and support network, in words too, with every relationship recorded."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cluster_ehs.core import audit
from clusters.http import UserRequest
from families import policies
from families.models import Family
from families.pictures import pictures, relationships_of
from families.selectors import members, ties_of


@require_safe
def picture(request: UserRequest, pk: UUID) -> HttpResponse:
    family = get_object_or_404(Family.objects.select_related("cluster"), pk=pk)
    policies.check_open(request.user, family)
    audit.look(by=request.user, at=family, page="family")
    people = members(family)
    relationships = relationships_of(family)
    context = {
        "family": family,
        "pictures": pictures(request, family, people, relationships=relationships),
        "ties": ties_of(people, relationships),
    }
    return render(request, "families/picture.html", context)
