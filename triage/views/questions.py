"""A question to who referred: asked on the board, answered by staff or by a link without a sign-in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cluster_ehs.core import limits
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.views.pages import done_before
from referrals.models import Referral
from referrals.policies import check_own_school
from triage import policies, services
from triage.forms.question import AskForm, LinkAnswerForm, NoteAnswerForm, SchoolAnswerForm
from triage.models import AgendaItem, Question
from triage.selectors.agenda import agenda
from triage.views.board import back_to, board_url, form_page
from triage.views.writing import write_once

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
def ask(request: UserRequest, referral_pk: UUID, pk: UUID | None = None) -> HttpResponse:
    """Ask who referred; from a meeting, on to its next undecided referral."""
    item = pk and get_object_or_404(
        AgendaItem.objects.select_related("referral__child", "meeting"), meeting_id=pk, referral_id=referral_pk
    )
    referral = item.referral if item else get_object_or_404(Referral.objects.select_related("child"), pk=referral_pk)
    policies.check_defer(request.user, referral)
    form = AskForm(posted(request))

    def make() -> str:
        question = services.ask_referrer(by=request.user, referral=referral, **form.values)
        sent = question.to_user or question.token_digest
        messages.success(
            request,
            f"{referral.reference}: the question is on its way."
            if sent
            else f"{referral.reference}: no e-mail address is known. Ring the referrer and note the answer.",
        )
        found = agenda(item.meeting_id) if item else None
        following = found.next_open(referral.pk) if found else None
        if item and following:
            return board_url(following.referral.pk, item.meeting)
        return reverse("meeting", args=[item.meeting_id]) if item else board_url(referral.pk, None)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    back = board_url(referral.pk, item.meeting if item else None)
    return form_page(request, form, referral, title="Ask the referrer for more", back_url=back)


@require_http_methods(FORM)
def question(request: UserRequest, pk: UUID) -> HttpResponse:
    """Staff answer, or note what the referrer told them."""
    found = get_object_or_404(Question.objects.select_related("referral__child", "asked_by"), pk=pk)
    policies.check_answer(request.user, found)
    referral = found.referral
    if found.answered_at:
        return redirect(back_to(referral))
    form = NoteAnswerForm(posted(request))

    def make() -> str:
        services.answer_question(by=request.user, question=found, **form.values)
        messages.success(request, f"The answer is with referral {referral.reference}.")
        return back_to(referral)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    return form_page(
        request,
        form,
        referral,
        title="Answer a question about a referral",
        lead=f"{found.asked_by} asks: {found.text}",
        back_url=back_to(referral),
    )


@login_not_required
@never_cache
@sensitive_post_parameters("name", "answer")
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in the mail: the question and room for one answer, nothing of the child."""
    if limits.over("answer", limits.address_of(request), at_most=60, seconds=3600):
        return render(request, "429.html", status=429)
    asked = services.find_question(token)
    if asked is None:
        return render(request, "triage/answer_gone.html", status=404)
    form = LinkAnswerForm(posted(request))
    if form.is_bound and form.is_valid():
        values = form.values
        if not services.answer_by_link(asked=asked, token=token, name=values["name"], answer=values["answer"]):
            return render(request, "triage/answer_gone.html", status=404)
        return render(request, "triage/answer_thanks.html", {"asked": asked})
    response = render(request, "triage/answer.html", {"asked": asked, "form": form})
    # The link is the key: no other site is told the address it stands in.
    response["Referrer-Policy"] = "same-origin"
    return response


@require_http_methods(FORM)
def school_question(request: UserRequest, pk: UUID) -> HttpResponse:
    """A school answers under its own sign-in: the question and the reference, nothing of the child."""
    check_own_school(request.user)
    form = SchoolAnswerForm(posted(request), cancel_url=reverse("school-referrals"))
    if form.is_bound and form.is_valid() and (earlier := done_before(request, form)):
        return redirect(earlier)
    asked = next((each for each in services.school_questions() if each.id == pk), None)
    if asked is None:
        raise Http404

    def make() -> str:
        services.answer_from_school(by=request.user, asked=asked, **form.values)
        messages.success(request, f"Thank you. {asked.cluster} has your answer.")
        return reverse("school-referrals")

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    return render(request, "triage/school_question.html", {"asked": asked, "form": form})
