"""The screening board: one page per referral, the decision beside it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cluster_ehs.core import audit, drafts, slots
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from referrals.models import Referral, Status
from triage import policies, services
from triage.forms.decision import DecisionForm, DeferForm, EndForm, OfferAgainForm, StepUpForm
from triage.models import AgendaItem, Meeting
from triage.selectors import board as read
from triage.selectors.agenda import Agenda, agenda, all_to_screen
from triage.selectors.board import ReferralPage
from triage.selectors.harm import harm_answers, notices
from triage.selectors.meetings import meetings_to_come
from triage.selectors.returns import returns_of
from triage.views.writing import write_once


def board_url(referral_id: UUID, meeting: Meeting | None) -> str:
    if meeting:
        return reverse("board", args=[meeting.pk, referral_id])
    return reverse("screen-referral", args=[referral_id])


@require_http_methods(["GET", "POST"])
def board(request: UserRequest, pk: UUID, referral_pk: UUID) -> HttpResponse:
    """A referral of a meeting's agenda. A panel guest reads it while the meeting's window is open."""
    found = agenda(pk)
    if found is None or found.find(referral_pk) is None:
        raise Http404
    return _board(request, found, referral_pk)


@require_http_methods(["GET", "POST"])
def screen_referral(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    """The same outside a meeting [G], for the staff of the Cluster."""
    referral = get_object_or_404(Referral, pk=referral_pk)
    policies.check_screen_outside(request.user, referral)
    return _board(request, all_to_screen(referral), referral_pk)


def _board(request: UserRequest, found: Agenda, referral_pk: UUID) -> HttpResponse:
    page = read.referral_page(referral_pk, reader=request.user)
    referral = page.referral
    form = None
    if request.method == "POST" or may_decide_now(request, referral):
        policies.check_decide(request.user, referral)
        form = _decision_form(request, page)
    if form and request.method == "POST" and form.is_valid():
        decided = form

        def make() -> str:
            url = _decide(request, found, referral, decided)
            if page.draft:
                drafts.finish(request, read.draft_key(referral_pk))
            return url

        if url := write_once(request, form, make):
            return redirect(url)
    return _show(request, found, page, form)


def _decision_form(request: UserRequest, page: ReferralPage) -> DecisionForm:
    """The form as posted, as it was left unfinished, or empty."""
    choices = read.to_choose_from(page.referral.cluster_id)
    kept = page.draft if request.method == "GET" else None
    form = DecisionForm(
        drafts.as_posted(kept["data"]) if kept else posted(request),
        referral=page.referral,
        picks=choices.picks,
        partners=choices.partners,
        levels=choices.levels,
        members=page.members,
        # Without the place on the page that a link led to: after an error the summary has the focus.
        action=request.path,
        draft_key=read.draft_key(page.referral.pk),
        draft_version=page.draft["version"] if page.draft else 0,
    )
    return drafts.unjudged(form) if kept else form


def may_decide_now(request: UserRequest, referral: Referral) -> bool:
    return referral.status == Status.TO_SCREEN and policies.may(policies.check_decide, request.user, referral)


def _decide(request: UserRequest, found: Agenda, referral: Referral, form: DecisionForm) -> str:
    """Decide, and answer where to go: the next undecided referral, or the recap after the last."""
    meeting = found.meeting if found.meeting and can_decide_in(found.meeting) else None
    services.decide(by=request.user, referral=referral, meeting=meeting, **form.values)
    messages.success(request, f"{referral.child.short_name}, {referral.reference}, is decided.")
    following = found.next_open(referral.pk)
    if following:
        return board_url(following.referral.pk, found.meeting)
    return reverse("meeting-recap", args=[found.meeting.pk]) if found.meeting else reverse("screening")


def can_decide_in(meeting: Meeting) -> bool:
    """A meeting that is open, or planned for today: a decision now counts as made in it."""
    if meeting.status == Meeting.Status.PLANNED:
        return timezone.localdate(meeting.starts_at) <= timezone.localdate()
    return meeting.status == Meeting.Status.OPEN


def _show(request: UserRequest, found: Agenda, page: ReferralPage, form: DecisionForm | None) -> HttpResponse:
    user, meeting, referral = request.user, found.meeting, page.referral
    staff = referral.cluster_id in duties(user).clusters
    to_screen = referral.status == Status.TO_SCREEN
    before, after = found.beside(referral.pk)
    known = read.known_already(referral)
    parts, missing = page.story()
    waits = bool(referral.harm_flagged_at) and not page.step_ups and policies.waits_for_step_up(referral)
    audit.look(by=user, at=referral, page="Screening board")
    context: dict[str, Any] = {
        "agenda": found,
        "meeting": meeting,
        "line": found.find(referral.pk),
        "before": before and board_url(before.referral.pk, meeting),
        "after": after and board_url(after.referral.pk, meeting),
        "links": [(each, board_url(each.referral.pk, meeting)) for each in found.lines],
        "referral": referral,
        "reasons": page.reason_tags(),
        "parts": parts,
        "missing": ", ".join(missing),
        "languages": page.languages(),
        "step_ups": page.step_ups,
        "questions": page.questions,
        "asked": next((row for row in page.questions if not row["answered_at"]), None),
        "waits_for_step_up": waits,
        "harm_waits": notices(user, besides=referral.pk) if staff else [],
        "harm_answers": harm_answers(referral) if referral.harm_flagged_at else [],
        "members": page.members,
        "known": known,
        "returns": returns_of(referral, known),
        "known_child": any(each.same_child for each in known),
        "elsewhere": page.elsewhere() if staff and to_screen else None,
        "visit": page.before_a_visit(),
        "form": form if to_screen else None,
        "decision": getattr(referral, "decision", None),
        "outcomes": page.outcomes,
        "staff": staff,
        "leads": policies.may(policies.check_decide, user, referral),
        "outside": meeting is None or not can_decide_in(meeting),
        "beside": slots.render("board.beside", request, referral=referral),
    }
    if context["decision"]:
        context |= read.what_followed(referral)
    return render(request, "triage/board.html", context)


def back_to(referral: Referral) -> str:
    """The board of the meeting where the referral stands now, or the page outside a meeting."""
    item = (
        AgendaItem.objects.filter(referral=referral, deferred_at__isnull=True)
        .exclude(meeting__status=Meeting.Status.CLOSED)
        .order_by("meeting__starts_at")
        .first()
    )
    return reverse("board", args=[item.meeting_id, referral.pk]) if item else board_url(referral.pk, None)


def form_page(request: UserRequest, form: Any, referral: Referral, **context: Any) -> HttpResponse:
    audit.look(by=request.user, at=referral, page=str(context["title"]))
    return render(
        request,
        "triage/referral_form.html",
        {"form": form, "referral": referral, "back_label": "Back to the screening board", **context},
    )


@require_http_methods(["GET", "POST"])
def defer(request: UserRequest, pk: UUID, referral_pk: UUID) -> HttpResponse:
    """Leave a referral to a later meeting, with the reason."""
    item = get_object_or_404(
        AgendaItem.objects.select_related("referral__child", "meeting"), meeting_id=pk, referral_id=referral_pk
    )
    policies.check_defer(request.user, item.referral)
    form = DeferForm(posted(request), meetings=meetings_to_come(item.cluster_id, besides=pk))

    def make() -> str:
        services.defer(by=request.user, item=item, **form.values)
        messages.success(request, f"{item.referral.reference} is deferred.")
        found = agenda(pk)
        following = found.next_open(referral_pk) if found else None
        return board_url(following.referral.pk, item.meeting) if following else reverse("meeting", args=[pk])

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    back = reverse("board", args=[pk, referral_pk])
    return form_page(request, form, item.referral, title="Defer to a later meeting", back_url=back)


@require_http_methods(["GET", "POST"])
def step_up(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    """Record that a concern of significant harm was taken to Children's Social Work Services."""
    referral = get_object_or_404(Referral.objects.select_related("child"), pk=referral_pk)
    policies.check_step_up(request.user, referral)
    form = StepUpForm(posted(request))

    def make() -> str:
        services.step_up(by=request.user, referral=referral, **form.values)
        messages.success(request, f"The step-up of {referral.reference} is recorded.")
        return back_to(referral)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    return form_page(
        request,
        form,
        referral,
        title="Step up to Children's Social Work Services",
        lead="Speak with Duty and Advice first; record here who took it. In immediate danger call 999.",
        back_url=back_to(referral),
    )


@require_http_methods(["GET", "POST"])
def end_referral(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    """End a decided referral that gets no service and is not expected back."""
    referral = get_object_or_404(Referral.objects.select_related("child"), pk=referral_pk)
    policies.check_end(request.user, referral)
    form = EndForm(posted(request))

    def make() -> str:
        services.end_at_triage(by=request.user, referral=referral, **form.values)
        messages.success(request, f"{referral.reference} has ended.")
        return board_url(referral.pk, None)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    back = board_url(referral.pk, None)
    return form_page(request, form, referral, title="End this referral at triage", back_url=back)


@require_http_methods(["GET", "POST"])
def offer_again(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    """Offer a service to a referral that a partner has handed back."""
    referral = get_object_or_404(Referral.objects.select_related("child"), pk=referral_pk)
    policies.check_manage_waiting(request.user, referral)
    page = read.referral_page(referral_pk, reader=request.user)
    form = OfferAgainForm(
        posted(request),
        picks=read.to_choose_from(referral.cluster_id).picks,
        members=page.members,
    )

    def make() -> str:
        services.offer_service(by=request.user, referral=referral, **form.values)
        messages.success(request, f"{referral.reference} is on the waiting list.")
        return board_url(referral.pk, None)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    back = board_url(referral.pk, None)
    return form_page(request, form, referral, title="Offer a service", back_url=back)
