"""Meetings: planned, held, and what came of them."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from triage import policies, services
from triage.forms.meeting import ActionForm, AttendeeForm, PlanForm
from triage.models import Action, AgendaItem, Attendee, Meeting
from triage.selectors import harm
from triage.selectors import meetings as read
from triage.selectors.agenda import Agenda, agenda, lines_of, to_screen
from triage.selectors.due import LIVE, due, unplaced
from triage.selectors.letters import letters_of
from triage.views.writing import write_once


@require_GET
def screening(request: UserRequest) -> HttpResponse:
    """Referrals to screen, what needs a next step, meetings to come and past."""
    policies.check_read_screening(request.user)
    clusters = duties(request.user).clusters
    before = None
    if request.GET.get("before"):
        try:
            before = datetime.fromisoformat(request.GET["before"])
        except ValueError:
            raise Http404 from None
    to_come, past = read.meetings(clusters, before=before)
    context = {
        "waiting": [] if before else lines_of(to_screen(clusters)),
        "follow_up": [] if before else read.follow_up(clusters),
        "to_come": to_come,
        "past": past[: read.PAST],
        "older": past[read.PAST - 1].starts_at.isoformat() if len(past) > read.PAST else "",
        "before": before,
        "leads": bool(duties(request.user).leads),
        "harm_waits": harm.notices(request.user),
        "several": len(clusters) > 1,
    }
    return render(request, "triage/screening.html", context)


@require_http_methods(["GET", "POST"])
def plan(request: UserRequest) -> HttpResponse:
    """Plan a meeting; its agenda fills with what is to screen."""
    leads = duties(request.user).leads
    if not leads:
        policies.check_plan_meeting(request.user, 0)
    form = PlanForm(posted(request), clusters=leads)

    def make() -> str:
        meeting = services.plan_meeting(by=request.user, **form.values)
        messages.success(request, "The meeting is planned.")
        return reverse("meeting", args=[meeting.pk])

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    context = {"form": form, "title": "Plan a meeting", "back_url": reverse("screening"), "back_label": "Screening"}
    return render(request, "layouts/form.html", context)


@require_GET
def meeting(request: UserRequest, pk: UUID) -> HttpResponse:
    """The agenda and who is here. All that a panel guest sees beside the referrals themselves."""
    return _meeting(request, pk)


def _with_agenda(pk: UUID) -> tuple[Meeting, Agenda]:
    """A meeting comes with its agenda in one query; one without any is looked up by itself."""
    listed = agenda(pk)
    if listed and listed.meeting:
        return listed.meeting, listed
    found = get_object_or_404(Meeting, pk=pk)
    return found, Agenda(found)


def _meeting(request: UserRequest, pk: UUID, form: AttendeeForm | None = None) -> HttpResponse:
    found, listed = _with_agenda(pk)
    runs = policies.may(policies.check_run_meeting, request.user, found)
    here = read.attendees(found)
    context = {
        "meeting": found,
        "agenda": listed,
        "first_open": next((line for line in listed.lines if line.open), listed.lines[0] if listed.lines else None),
        "attendees": here,
        "remembered": [each.name for each in here if each.remembered] if found.status == "planned" and runs else [],
        "runs": runs,
        "harm_waits": harm.notices(request.user) if runs else [],
        "first_of_kind": {line.number for line in listed.lines if line.item == listed.alike(line)[0]},
        "last_of_kind": {line.number for line in listed.lines if line.item == listed.alike(line)[-1]},
        "staff": found.cluster_id in duties(request.user).clusters,
        "unplaced": due(unplaced(found.cluster_id), found.kind).count() if runs and found.status in LIVE else 0,
        "form": form or (AttendeeForm(people=read.may_be_invited(found.cluster_id)) if runs else None),
    }
    return render(request, "triage/meeting.html", context)


@require_POST
def change_state(request: UserRequest, pk: UUID) -> HttpResponse:
    """Open or close the meeting."""
    found = get_object_or_404(Meeting, pk=pk)
    if request.POST.get("to") == Meeting.Status.CLOSED:
        services.close_meeting(by=request.user, meeting=found)
        return redirect("meeting-recap", pk=pk)
    services.open_meeting(by=request.user, meeting=found)
    return redirect("meeting", pk=pk)


@require_POST
def order_agenda(request: UserRequest, pk: UUID) -> HttpResponse:
    """Move one item up or down, or put what came in since onto the agenda."""
    found = get_object_or_404(Meeting, pk=pk)
    if "fill" in request.POST:
        added = services.fill_agenda(by=request.user, meeting=found)
        messages.success(request, f"{added} added to the agenda." if added else "The agenda is up to date.")
        return redirect("meeting", pk=pk)
    direction, _, item_pk = (request.POST.get("move") or "").partition(":")
    if direction not in {"up", "down"}:
        raise Http404
    item = get_object_or_404(AgendaItem.objects.select_related("meeting", "referral"), pk=_uuid(item_pk), meeting=found)
    services.move_item(by=request.user, item=item, up=direction == "up")
    return redirect(reverse("meeting", args=[pk]) + "#agenda")


@require_POST
def attendees(request: UserRequest, pk: UUID) -> HttpResponse:
    """Add somebody, or take them off again."""
    found = get_object_or_404(Meeting, pk=pk)
    policies.check_run_meeting(request.user, found)
    if request.POST.get("remove"):
        attendee = get_object_or_404(
            Attendee.objects.select_related("meeting"), pk=_uuid(request.POST["remove"]), meeting=found
        )
        services.remove_attendee(by=request.user, attendee=attendee)
        return redirect(reverse("meeting", args=[pk]) + "#here")
    form = AttendeeForm(request.POST, people=read.may_be_invited(found.cluster_id))

    def make() -> str:
        services.add_attendee(by=request.user, meeting=found, **form.values)
        return reverse("meeting", args=[pk]) + "#here"

    if form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    return _meeting(request, pk, form)


@require_GET
def recap(request: UserRequest, pk: UUID) -> HttpResponse:
    """Child, decision, by whom; actions with owner and date. Made to be printed."""
    return _recap(request, pk)


def _recap(request: UserRequest, pk: UUID, form: ActionForm | None = None) -> HttpResponse:
    found, listed = _with_agenda(pk)
    policies.check_read_recap(request.user, found)
    runs = policies.may(policies.check_run_meeting, request.user, found)
    decided = [line.referral.pk for line in listed.lines if line.decision]
    letters = letters_of(decided) if decided else {}
    context = {
        "meeting": found,
        "agenda": listed,
        "letters": list(letters.items()),
        "decisions": [line for line in listed.lines if line.decision and line.decision.meeting_id == found.pk],
        "outside": [line for line in listed.lines if line.decision and line.decision.meeting_id != found.pk],
        "deferred": [line for line in listed.lines if line.deferred],
        "open": [line for line in listed.lines if line.open],
        "attendees": read.attendees(found),
        "actions": list(found.actions.select_related("owner").order_by("done_on", "due_on")),
        "runs": runs,
        "harm_waits": harm.notices(request.user),
        "form": form or (ActionForm(people=read.may_be_invited(found.cluster_id)) if runs else None),
    }
    return render(request, "triage/recap.html", context)


@require_POST
def actions(request: UserRequest, pk: UUID) -> HttpResponse:
    """Add an action, or mark one done."""
    found = get_object_or_404(Meeting, pk=pk)
    policies.check_read_recap(request.user, found)
    if request.POST.get("done"):
        action = get_object_or_404(
            Action.objects.select_related("meeting"), pk=_uuid(request.POST["done"]), meeting=found
        )
        services.finish_action(by=request.user, action=action)
        return redirect(reverse("meeting-recap", args=[pk]) + "#actions")
    policies.check_run_meeting(request.user, found)
    form = ActionForm(request.POST, people=read.may_be_invited(found.cluster_id))

    def make() -> str:
        services.add_action(by=request.user, meeting=found, **form.values)
        return reverse("meeting-recap", args=[pk]) + "#actions"

    if form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    return _recap(request, pk, form)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
