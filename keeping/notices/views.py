"""The privacy notice, in the languages of the public form, and the accessibility statement. No sign-in, no session."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from cluster_ehs.core.lawful_basis import basis
from clusters.models import Cluster
from referrals.public.languages import LANGUAGES
from referrals.public.texts import shows_unconfirmed, speaking
from referrals.public.views import NOTICE, number_text


@login_not_required
@require_safe
def privacy(request: HttpRequest, language: str = "en") -> HttpResponse:
    """How we use what is told to us, whom to ask, and what can be asked for."""
    if language not in LANGUAGES:
        raise Http404
    context = {
        "spoken": LANGUAGES[language],
        "languages": [(each, reverse("privacy-in", args=[each.slug])) for each in LANGUAGES.values()],
        "controller": settings.CONTROLLER,
        "email": settings.DATA_PROTECTION_EMAIL,
        "telephone": settings.DATA_PROTECTION_TELEPHONE,
        "days": settings.COMPLAINT_WORKING_DAYS,
        "notice": NOTICE,
    }
    with speaking(LANGUAGES[language]):
        context |= {
            "telephone_text": number_text(settings.DATA_PROTECTION_TELEPHONE),
            "basis": basis().plain,
            "clusters": list(Cluster.objects.filter(retired_on=None).order_by("name")),
        }
        html = render_to_string("keeping/notices/privacy.html", context, request=request)
        said = ""
        if shows_unconfirmed(html, language):
            said = render_to_string("referrals/public/_machine.html", {}, request=request)
    return HttpResponse(html.replace(NOTICE, said))


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What is known not to work for everybody, and whom to tell."""
    ways = {"email": settings.DATA_PROTECTION_EMAIL, "telephone": settings.DATA_PROTECTION_TELEPHONE}
    return render(request, "keeping/notices/accessibility.html", ways | {"controller": settings.CONTROLLER})
