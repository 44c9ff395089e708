"""The page on which a family answers: no sign-in, one page, its own language, nothing of the family on it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cluster_ehs.core.limits import address_of, over
from cluster_ehs.core.requests import posted
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.http import UserRequest
from outcomes.surveys import services
from outcomes.surveys.forms import AnswerForm
from outcomes.surveys.models import Survey
from outcomes.surveys.questions import questions_of
from referrals.public.languages import LANGUAGES
from referrals.public.texts import shows_unconfirmed, speaking

HOUR = 3600
WRONG = _("That is not the code of this survey. Look at your letter again, or ask your worker")
TOO_OFTEN = _("The code was wrong too often, so this link is locked. Ask your worker for a new one")
NOTICE = "<!-- machine-made -->"


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def survey_answer(request: UserRequest, token: str) -> HttpResponse:
    """Questions and code on one page; what was typed is never lost to a wrong code."""
    language = request.GET.get("language", "")
    language = language if language in LANGUAGES else "en"
    with speaking(LANGUAGES[language]):
        if request.method == "POST" and over("survey", address_of(request), at_most=60, seconds=HOUR):
            return _page(request, language, "limited", status=429)
        door = services.find_door(token)
        if door is None:
            return _page(request, language, "gone", status=404)
        survey = Survey.objects.get(pk=door.survey_id)
        form = AnswerForm(posted(request), questions=questions_of(survey), with_code=True)
        if request.method == "POST" and form.is_valid():
            with acting_as(NamedActor.FAMILY):
                proof = services.try_code(door, form.cleaned_data["code"])
                share = bool(form.cleaned_data["share"])
                kept = bool(proof) and services.answer(door.id, form.answers, share=share, proof=proof or "")
            if kept:
                return _page(request, language, "thanks")
            form.add_error("code", TOO_OFTEN if proof is None else WRONG)
        wrong = request.method == "POST"
        return _page(request, language, "answer", {"form": form, "survey": survey}, status=422 if wrong else 200)


def _page(
    request: UserRequest, language: str, name: str, context: dict[str, object] | None = None, *, status: int = 200
) -> HttpResponse:
    """It says that a machine translated it while any text on it is confirmed by nobody."""
    known = {
        "languages": [(each, f"?language={each.slug}") for each in LANGUAGES.values()],
        "spoken": language,
        "notice": NOTICE,
    }
    html = render_to_string(f"outcomes/surveys/public/{name}.html", {**known, **(context or {})}, request=request)
    said = render_to_string("referrals/public/_machine.html") if shows_unconfirmed(html, language) else ""
    return HttpResponse(html.replace(NOTICE, said), status=status)
