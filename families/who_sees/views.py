"""“Who can see this?”, for every kind of record."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cluster_ehs.core import audit
from clusters.http import UserRequest
from families import policies
from families.addresses import family_address
from families.models import Family
from families.who_sees.askable import ASKABLE
from families.who_sees.selectors import UNKNOWN, who_sees


@require_safe
def page(request: UserRequest, kind: str, pk: UUID) -> HttpResponse:
    """Everybody who can read the record now, with the reason. Raises Http404 when the asker cannot read it."""
    askable = ASKABLE.get(kind)
    record = askable.load(pk) if askable else None
    if askable is None or record is None:
        raise Http404
    family = record if isinstance(record, Family) else record.family
    policies.check_open(request.user, family)
    audit.look(by=request.user, at=record, page="who can see it")
    where = family_address(family)
    context = {
        "title": askable.title(record),
        "family": family,
        "back_url": askable.back(record),
        "parts": who_sees(request, askable, record),
        "unknown": UNKNOWN,
        "note": askable.note(record),
        "withheld": where if where.text and where.withheld else None,
    }
    return render(request, "families/who_sees/page.html", context)
