"""Pages of requests about records: the log, a new one, one with its steps and letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cluster_ehs.core import audit
from cluster_ehs.core.once import once
from cluster_ehs.core.pdf import render_pdf
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from families.models import Family
from keeping.models import RequestLetter, RightsRequest
from keeping.requests import forms, policies, services
from keeping.subject_access import services as access
from keeping.subject_access.views import panel

SHOWN = 100
Status, Kind = RightsRequest.Status, RightsRequest.Kind


@require_GET
def rights(request: UserRequest) -> HttpResponse:
    """The log of a Cluster: what is due first."""
    policies.check_see_log(request.user)
    form = forms.LogFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    query: QuerySet[RightsRequest] = RightsRequest.objects.filter(cluster_id__in=duties(request.user).clusters)
    if chosen.get("kind"):
        query = query.filter(kind=chosen["kind"])
    if chosen.get("show") != "all":
        query = query.filter(status__in=RightsRequest.OPEN)
    found = list(query.select_related("person", "handler", "cluster").prefetch_related("pauses")[: SHOWN + 1])
    shown = sorted(found[:SHOWN], key=lambda asked: (not asked.is_open, asked.due_on))
    audit.look_at_each(by=request.user, at=shown, page="requests-about-records")
    return render(request, "keeping/requests/log.html", {"requests": shown, "form": form, "more": len(found) > SHOWN})


@require_http_methods(["GET", "POST"])
def rights_new(request: UserRequest, pk: UUID) -> HttpResponse:
    family = get_object_or_404(Family.objects.select_related("cluster"), pk=pk)
    policies.check_log(request.user, family)
    initial = {"received_on": timezone.localdate(), "kind": request.GET.get("kind", "")}
    form = forms.RequestForm(
        posted(request), initial=initial, family=family, cancel_url=reverse("family", args=[family.pk])
    )
    if request.method == "POST" and form.is_valid():
        url = once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: reverse(
                "rights-request",
                args=[services.log_request(by=request.user, family=family, **form.values).pk],
            ),
        )
        messages.success(request, "The request is logged. The letter that says so is on this page.")
        return redirect(url)
    if request.method == "GET":
        audit.look(by=request.user, at=family, page="new-request-about-records")
    return render(
        request,
        "keeping/requests/new.html",
        {
            "title": "Somebody asks about their records",
            "form": form,
            "back_url": reverse("family", args=[family.pk]),
            "back_label": str(family),
        },
    )


def _asked(request: UserRequest, pk: UUID) -> RightsRequest:
    query = RightsRequest.objects.select_related("family", "cluster", "person", "handler", "logged_by", "words")
    asked = get_object_or_404(query.prefetch_related("pauses", "told", "letters__made_by"), pk=pk)
    policies.check_read(request.user, asked)
    return asked


@require_http_methods(["GET", "POST"])
def rights_request(request: UserRequest, pk: UUID) -> HttpResponse:
    asked = _asked(request, pk)
    if request.method == "POST":
        return _press(request, asked)
    audit.look(by=request.user, at=asked, page="request-about-records")
    handles = policies.can_handle(request.user, asked)
    return render(
        request,
        "keeping/requests/one.html",
        {
            "asked": asked,
            "handles": handles,
            "steps": [(name, step.label) for name, step in STEPS.items() if handles and step.fits(asked)],
            "panel": panel(request.user, asked) if asked.kind == Kind.ACCESS else None,
        },
    )


def _press(request: UserRequest, asked: RightsRequest) -> HttpResponse:
    """The buttons of the copy, which ask for nothing but a press."""
    acts: dict[str, tuple[Callable[..., Any], str]] = {
        "gather": (access.gather, "A worker gathers what is held. You will get a notice."),
        "read": (access.send_to_reader, "The copy waits for the second reader."),
        "release": (access.release, "The copy is released. Its files are being made, and the letter is below."),
    }
    if request.POST.get("do", "") not in acts:
        raise Http404
    act, done = acts[request.POST["do"]]
    act(by=request.user, asked=asked)
    messages.success(request, done)
    return redirect("rights-request", pk=asked.pk)


@dataclass(frozen=True)
class Step:
    """done: what is said when it is taken, and what happens next."""

    label: str
    form: type[forms.StepForm]
    act: Callable[..., Any]
    fits: Callable[[RightsRequest], bool]
    lead: str = ""
    done: str = ""


def _open(asked: RightsRequest) -> bool:
    return asked.status == Status.OPEN


def _timed(asked: RightsRequest) -> bool:
    return _open(asked) and asked.kind != Kind.COMPLAINT


def _waits(asked: RightsRequest) -> bool:
    return any(pause.ends_on is None for pause in asked.waits)


def _put_right(asked: RightsRequest) -> bool:
    return asked.kind == Kind.RECTIFICATION and asked.status in (Status.OPEN, Status.ANSWERED)


STEPS: dict[str, Step] = {
    "identity": Step(
        "Identity is shown",
        forms.IdentityForm,
        services.show_identity,
        lambda asked: asked.is_open and asked.identity == RightsRequest.Identity.ASKED,
        done="The time to answer runs from the day on which identity was shown.",
    ),
    "resume": Step(
        "They have answered our question",
        forms.ResumeForm,
        services.resume,
        lambda asked: asked.is_open and _waits(asked),
        done="Their answer is kept with what they ask for, and the clock runs again.",
    ),
    "answer": Step(
        "Answer",
        forms.AnswerForm,
        services.answer,
        lambda asked: _open(asked) and asked.kind != Kind.ACCESS,
        done="Answered. The letter is on this page, to send.",
    ),
    "nothing-held": Step(
        "Answer that nothing is held",
        forms.AnswerForm,
        services.answer,
        lambda asked: _open(asked) and asked.kind == Kind.ACCESS,
        done="Answered. The letter is on this page, to send.",
    ),
    "pause": Step(
        "Ask what they mean",
        forms.PauseForm,
        services.pause,
        lambda asked: _timed(asked) and not _waits(asked),
        "The clock stands still from today until they answer. Ask only what you need to find the right records.",
        done="The clock stands still until they answer. The letter with your question is on this page, to send.",
    ),
    "extend": Step(
        "Take more time",
        forms.ExtendForm,
        services.extend,
        lambda asked: _timed(asked) and asked.extended_on is None and not asked.is_late,
        done="Two months more. The letter that says so is on this page: it must reach them within the first month.",
    ),
    "statement": Step(
        "Add their statement",
        forms.StatementForm,
        services.disagree,
        _put_right,
        done="Kept. It is shown at the record from now on.",
    ),
    "told": Step(
        "Note who was told",
        forms.ToldForm,
        services.note_told,
        _put_right,
        "Everybody to whom the wrong data had been passed on is told, unless that cannot be done.",
        done="Noted who was told.",
    ),
    "next-stage": Step(
        "Go on to the next stage",
        forms.NextStageForm,
        services.next_stage,
        lambda asked: asked.kind == Kind.COMPLAINT and asked.status == Status.ANSWERED and (asked.stage or 3) < 3,
        done="The next stage begins today, with its own time to answer.",
    ),
    "hand-on": Step(
        "Hand it to another leader",
        forms.HandOnForm,
        services.hand_on,
        lambda asked: asked.is_open and bool(services.others_who_deal(asked)),
        done="Handed on. Whoever deals with it now gets a notice.",
    ),
    "refuse": Step(
        "Refuse it",
        forms.RefuseForm,
        services.refuse,
        _open,
        "Only when it is manifestly unfounded or excessive, or when who asks has no right to. Ask the data protection "
        "officer first.",
        done="Refused. The letter that says why is on this page, to send. If a copy had been gathered, it is removed.",
    ),
    "withdraw": Step(
        "They withdraw it",
        forms.WithdrawForm,
        services.withdraw,
        lambda asked: asked.is_open,
        done="Withdrawn. If a copy had been gathered, it is removed.",
    ),
    "back": Step(
        "Send it back to be changed",
        forms.BackForm,
        access.send_back,
        lambda asked: asked.status == Status.READING,
        done="Sent back. Whoever deals with it gets a notice.",
    ),
}
# Taken by the second reader, who need not be a leader.
OF_READER = ("back",)


@require_http_methods(["GET", "POST"])
def rights_step(request: UserRequest, pk: UUID, act: str) -> HttpResponse:
    """One step of a request: its form, then back to the request."""
    asked = _asked(request, pk)
    if act not in STEPS:
        raise Http404
    chosen = STEPS[act]
    if act not in OF_READER:
        policies.check_handle(request.user, asked)
    back = reverse("rights-request", args=[pk])
    form = chosen.form(posted(request), asked=asked, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            once(
                user_id=request.user.pk,
                key=form.token,
                make=lambda: chosen.act(by=request.user, asked=asked, **form.values),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if act in ("refuse", "withdraw"):
                access.drop(asked)
            messages.success(request, chosen.done)
            return redirect(back)
    if request.method == "GET":
        audit.look(by=request.user, at=asked, page="request-about-records")
    return render(
        request,
        "layouts/form.html",
        {"title": chosen.label, "form": form, "back_url": back, "back_label": asked.reference, "lead": chosen.lead},
    )


@require_GET
def rights_letter(request: UserRequest, pk: UUID, letter_id: UUID) -> HttpResponse:
    """A letter as it was written, to print."""
    asked = _asked(request, pk)
    found = get_object_or_404(RequestLetter.objects.filter(request=asked), pk=letter_id)
    audit.look(by=request.user, at=asked, page="letter-about-records")
    document = render_pdf("keeping/requests/letter_pdf.html", {"letter": found, "asked": asked})
    headers = {"Content-Disposition": f'attachment; filename="{asked.reference}-{found.about}.pdf"'}
    return HttpResponse(
        document, content_type="application/pdf", headers={**headers, "Cache-Control": "no-store, private"}
    )
