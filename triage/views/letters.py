"""Letters to families and referrers, to print or to announce; their templates among the settings."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core import audit, pdf
from cluster_ehs.core.requests import posted
from clusters import policies as settings_policies
from clusters.http import UserRequest
from clusters.views.pages import form_page, settings_nav, settings_page
from referrals.models import Referral
from triage import letters, policies, services
from triage.forms.letter import LetterForm, TemplateForm
from triage.models import Audience, Letter, MessageTemplate
from triage.selectors import letters as read
from triage.views.writing import write_once

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
def write(request: UserRequest, referral_pk: UUID, audience: str) -> HttpResponse:
    """The letter as its template gives it, in the language that was chosen, ready to be changed and kept."""
    if audience not in Audience.values:
        raise Http404
    referral = get_object_or_404(Referral.objects.select_related("child", "cluster", "family"), pk=referral_pk)
    policies.check_write_letter(request.user, referral)
    decision = read.decision_of(referral)
    choice = read.for_decision(decision, audience) if decision else []
    if decision is None or not choice:
        return render(request, "triage/letter_none.html", {"referral": referral, "decision": decision})
    family = read.reads(referral, audience)
    asked = request.GET.get("language") or (family.code if family else "")
    template = next((each for each in choice if each.language == asked), choice[0])
    values = read.values(referral, decision)
    initial = {name: letters.fill(getattr(template, name), values) for name in ("subject", "body")}
    form = LetterForm(posted(request), initial=initial)

    def make() -> str:
        letter = services.make_letter(by=request.user, referral=referral, template=template, **form.values)
        return reverse("letter", args=[letter.pk])

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    audit.look(by=request.user, at=referral, page="Letter")
    context = {
        "form": form,
        "referral": referral,
        "audience": Audience(audience),
        "template": template,
        "choice": choice,
        "addressee": read.addressee(referral, audience),
        "reads": family,
        "none_in": family if family and family.code not in {each.language for each in choice} else None,
    }
    return render(request, "triage/letter_write.html", context)


def _letter(request: UserRequest, pk: UUID) -> Letter:
    rows = Letter.objects.select_related("referral__child", "cluster", "made_by", "template")
    found = get_object_or_404(rows, pk=pk)
    policies.check_write_letter(request.user, found)
    return found


def _context(letter: Letter) -> dict[str, object]:
    return {"letter": letter, "rtl": letter.language in MessageTemplate.RIGHT_TO_LEFT}


@require_safe
def letter(request: UserRequest, pk: UUID) -> HttpResponse:
    """A letter word for word as it was made."""
    found = _letter(request, pk)
    audit.look(by=request.user, at=found, page="Letter")
    may_announce = found.audience == Audience.REFERRER and bool(found.referral.referrer_email)
    return render(
        request, "triage/letter.html", {**_context(found), "may_announce": may_announce, "pdf": not pdf.MISSING}
    )


@require_safe
def letter_pdf(request: UserRequest, pk: UUID) -> HttpResponse:
    """The same as a tagged PDF."""
    found = _letter(request, pk)
    audit.look(by=request.user, at=found, page="Letter, printed")
    if pdf.MISSING:
        return HttpResponse(pdf.MISSING, status=503, content_type="text/plain; charset=utf-8")
    document = pdf.render_pdf("triage/letter_pdf.html", _context(found))
    name = f"letter-{found.referral.reference}.pdf"
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store, private"},
    )


@require_POST
def announce(request: UserRequest, pk: UUID) -> HttpResponse:
    """Tell the referrer by e-mail that the letter is ready."""
    services.announce_letter(by=request.user, letter=_letter(request, pk))
    messages.success(request, "The referrer is told that a letter is ready. The e-mail names nobody.")
    return redirect("letter", pk=pk)


@require_safe
def templates(request: UserRequest) -> HttpResponse:
    settings_policies.check_manage(request.user)
    found = read.templates().select_related("changed_by")
    return settings_page(request, "triage/message_list.html", templates=found)


@require_http_methods(FORM)
def template_new(request: UserRequest) -> HttpResponse:
    settings_policies.check_manage(request.user)
    return _template(request, TemplateForm(posted(request)), None, "Add a text")


@require_http_methods(FORM)
def template(request: UserRequest, pk: int) -> HttpResponse:
    settings_policies.check_manage(request.user)
    found = get_object_or_404(MessageTemplate, pk=pk)
    newest = read.templates().get(audience=found.audience, about=found.about, language=found.language)
    return _template(request, TemplateForm(posted(request), template=newest), newest, str(newest))


def _template(request: UserRequest, form: TemplateForm, found: MessageTemplate | None, title: str) -> HttpResponse:
    back = reverse("settings-messages")
    context = {"text": found, "placeholders": letters.PLACEHOLDERS.items()}
    if found and form.is_bound and form.is_valid() and form.seen_version != found.version:
        # Somebody saved another version meanwhile: both texts, and the next save is made knowing theirs.
        data = request.POST.copy()
        data["version"] = str(found.version)
        again = TemplateForm(data, template=found)
        theirs = {"form": again, "title": title, "back_url": back, "theirs": found, **settings_nav(request)}
        return render(request, "triage/message_edit.html", {**theirs, **context}, status=409)
    if request.POST.get("then") == "preview" and form.is_valid():
        shown = {"form": form, "title": title, "back_url": back, "preview": form.preview, **settings_nav(request)}
        return render(request, "triage/message_edit.html", {**shown, **context})

    def act() -> str:
        services.save_template(by=request.user, **form.values)
        return back

    done = "Saved. Letters that were made keep their text."
    return form_page(
        request, form, title=title, act=act, done=done, back=back, template="triage/message_edit.html", **context
    )
