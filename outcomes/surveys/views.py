"""Surveys for staff: draw, watch the response, send, enter paper, read the results."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID

import qrcode
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from cluster_ehs.core import audit
from cluster_ehs.core.pdf import PdfUnavailable, render_pdf
from cluster_ehs.core.requests import posted
from cluster_ehs.core.scope import figures
from clusters.http import UserRequest
from clusters.people import duties
from outcomes.surveys import policies, selectors, services
from outcomes.surveys.forms import DrawForm, PaperForm, WordsForm
from outcomes.surveys.models import Survey, SurveyInvitation
from outcomes.surveys.questions import may_be_asked, own_words, questions_of
from outcomes.views import act
from referrals.public.languages import LANGUAGES
from referrals.public.texts import speaking

FORM = ["GET", "HEAD", "POST"]
State = SurveyInvitation.State


def _survey(request: UserRequest, pk: int) -> Survey:
    survey = get_object_or_404(Survey.objects.select_related("drawn_by"), pk=pk)
    policies.check_see(request.user, survey)
    return survey


@require_safe
def survey_list(request: UserRequest) -> HttpResponse:
    policies.check_sees_surveys(request.user)
    context = {
        "surveys": selectors.surveys_of(request.user),
        "draws": bool(duties(request.user).is_manager or duties(request.user).leads),
    }
    return render(request, "outcomes/surveys/list.html", context)


@require_http_methods(FORM)
def survey_new(request: UserRequest) -> HttpResponse:
    policies.check_draws(request.user)
    form = DrawForm(
        posted(request),
        clusters=selectors.clusters_to_draw(request.user),
        services=selectors.services_to_draw(),
        instruments=may_be_asked(),
        cancel_url=reverse("survey-list"),
    )

    def make() -> str:
        return reverse("survey", args=[services.draw_survey(by=request.user, plan=form.plan).pk])

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        messages.success(request, "Drawn. The Clusters can send links and letters now.")
        return redirect(url)
    return render(request, "outcomes/surveys/new.html", {"form": form})


@require_safe
def survey(request: UserRequest, pk: int) -> HttpResponse:
    """The response by service, live, and the results where they are enough."""
    found = _survey(request, pk)
    with figures():
        questions = questions_of(found)
        context = {
            "survey": found,
            "rows": selectors.rows_of(found),
            "results": selectors.results_of(found, questions),
            "sends": bool(duties(request.user).clusters & set(found.cluster_ids)),
            "ends": found.ended_at is None and _may_end(request, found),
            "own_words": own_words(found),
        }
    return render(request, "outcomes/surveys/survey.html", context)


def _may_end(request: UserRequest, found: Survey) -> bool:
    return duties(request.user).is_manager or set(found.cluster_ids) <= duties(request.user).leads


@require_http_methods(FORM)
def survey_words(request: UserRequest, pk: int) -> HttpResponse:
    """The questions of one's own in other languages."""
    found = _survey(request, pk)
    policies.check_end(request.user, found)
    back = reverse("survey", args=[pk])
    own = own_words(found)
    if not own:
        return redirect(back)
    form = WordsForm(posted(request), questions=own, cancel_url=back)

    def make() -> str:
        services.translate_questions(by=request.user, survey=found, texts=form.texts)
        messages.success(request, "Saved. Families read it in their language from now on.")
        return back

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    return render(request, "outcomes/surveys/words.html", {"form": form, "survey": found})


@require_POST
def survey_end(request: UserRequest, pk: int) -> HttpResponse:
    services.end_survey(by=request.user, survey=_survey(request, pk))
    messages.success(request, "Ended. No link opens any more; the answers stay.")
    return redirect("survey", pk=pk)


@require_safe
def survey_families(request: UserRequest, pk: int) -> HttpResponse:
    """The drawn families of the reader's own Clusters: to send, to remind, to enter."""
    found = _survey(request, pk)
    policies.check_send(request.user, found)
    invitations = selectors.invitations_of(found, duties(request.user).clusters)
    audit.look_at_each(by=request.user, at=invitations, page="survey")
    context = {
        "survey": found,
        "invitations": invitations,
        "unsent": selectors.to_send(found, invitations),
        "to_remind": selectors.to_remind(found, invitations),
        "runs": found.ended_at is None,
        "today": timezone.localdate(),
    }
    return render(request, "outcomes/surveys/families.html", context)


@require_POST
def survey_letters(request: UserRequest, pk: int) -> HttpResponse:
    """Letters as one PDF: to those not asked yet, to those to be reminded, or to one."""
    found = _survey(request, pk)
    policies.check_send(request.user, found)
    invitations = selectors.invitations_of(found, duties(request.user).clusters)
    if request.POST.get("which") == "reminders":
        chosen = selectors.to_remind(found, invitations)
    elif one := request.POST.get("one"):
        chosen = [each for each in invitations if str(each.pk) == one]
    else:
        chosen = selectors.to_send(found, invitations)
    if not chosen:
        messages.success(request, "There is no letter to print.")
        return redirect("survey-families", pk=pk)
    families = {each.pk: each.family for each in chosen}
    try:
        # Nobody counts as asked by a letter that could not be made.
        with transaction.atomic():
            sent = services.send(by=request.user, invitations=list(families), way=SurveyInvitation.Way.LETTER)
            for each in sent:
                each.invitation.family = families[each.invitation.pk]
            bodies = [_letter(found, each) for each in selectors.letters(sent)]
            content = render_pdf("outcomes/surveys/letters_pdf.html", {"survey": found, "bodies": bodies})
    except PdfUnavailable as error:
        return render(request, "outcomes/surveys/no_pdf.html", {"survey": found, "reason": str(error)}, status=503)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="survey-{found.pk}-letters.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _address(token: str, language: str) -> str:
    query = "" if language == "en" else f"?language={language}"
    return f"{settings.PUBLIC_URL}{reverse('survey-answer', args=[token])}{query}"


def _square(url: str) -> str:
    """The address as a square for a camera, drawn here: nobody types thirty letters on a phone."""
    picture = qrcode.make(url, image_factory=SvgPathImage, border=2)
    return "data:image/svg+xml;base64," + b64encode(picture.to_string()).decode()


def _letter(found: Survey, letter: selectors.Letter) -> dict[str, Any]:
    """One letter in the family's language, with the questions to answer on paper."""
    language = LANGUAGES[letter.language]
    url = _address(letter.sent.token, letter.language)
    with speaking(language):
        body = render_to_string(
            "outcomes/surveys/_letter.html",
            {
                "letter": letter,
                "survey": found,
                "url": url,
                "square": _square(url),
                "questions": questions_of(found),
            },
        )
    return {"language": language, "html": mark_safe(body)}  # noqa: S308 - a rendered template


def _invitation(request: UserRequest, pk: UUID) -> SurveyInvitation:
    rows = SurveyInvitation.objects.select_related("survey", "family", "stratum__service")
    found = get_object_or_404(rows, pk=pk)
    policies.check_send(request.user, found.survey)
    return found


@require_POST
def survey_link(request: UserRequest, pk: UUID) -> HttpResponse:
    """A link, and a code that is told apart from it; both are shown once, here."""
    found = _invitation(request, pk)
    (sent,) = services.send(by=request.user, invitations=[found.pk], way=SurveyInvitation.Way.LINK)
    (letter,) = selectors.letters([services.Sent(found, sent.token, sent.code)])
    context = {"invitation": found, "url": _address(sent.token, letter.language), "code": sent.code}
    response = render(request, "outcomes/surveys/link.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(FORM)
def survey_paper(request: UserRequest, pk: UUID) -> HttpResponse:
    """Enter what came back on paper."""
    found = _invitation(request, pk)
    back = reverse("survey-families", args=[found.survey_id])
    form = PaperForm(posted(request), questions=questions_of(found.survey), with_code=False, cancel_url=back)

    def make() -> str:
        services.enter_paper(
            by=request.user, invitation=found, answers=form.answers, share=bool(form.cleaned_data["share"])
        )
        messages.success(request, "Kept, apart from the family. You cannot see it again here.")
        return back

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    return render(request, "outcomes/surveys/paper.html", {"form": form, "invitation": found})


@require_POST
def survey_declined(request: UserRequest, pk: UUID) -> HttpResponse:
    found = _invitation(request, pk)
    services.decline(by=request.user, invitation=found)
    messages.success(request, f"Noted: the {found.family.name} family is not asked again.")
    return redirect("survey-families", pk=found.survey_id)
