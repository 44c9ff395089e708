"""The settings page on which a person confirms, text by text, what a machine translated."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from clusters.http import UserRequest
from clusters.policies import check_manage
from clusters.views.pages import settings_page
from referrals.public.languages import TRANSLATED
from referrals.public.texts import confirm, confirmations, progress, take_back, texts


@require_safe
def list_page(request: UserRequest) -> HttpResponse:
    check_manage(request.user)
    return settings_page(request, "referrals/public/settings_list.html", progress=progress())


@require_http_methods(["GET", "POST"])
def language_page(request: UserRequest, language: str) -> HttpResponse:
    """The English beside the translation; what is ticked is confirmed in the name of who read it."""
    check_manage(request.user)
    if language not in TRANSLATED:
        raise Http404
    wrong = ""
    if request.method == "POST":
        read_by, ticked = request.POST.get("read_by", ""), request.POST.getlist("text")
        if gone := request.POST.get("take_back"):
            take_back(by=request.user, slug=language, digest=gone)
            messages.success(request, "That text counts as made by a machine again.")
            return redirect("settings-translation", language)
        if not read_by.strip():
            wrong = "Enter who has read the texts"
        elif not ticked:
            wrong = "Tick the texts that are right"
        else:
            count = confirm(by=request.user, slug=language, digests=ticked, read_by=read_by[:120])
            messages.success(request, f"{count} texts are confirmed.")
            return redirect("settings-translation", language)
    known = confirmations(language)
    rows = [(text, known.get(text.digest)) for text in texts(language)]
    return settings_page(
        request,
        "referrals/public/settings_language.html",
        spoken=TRANSLATED[language],
        rows=rows,
        wrong=wrong,
        read_by=request.POST.get("read_by", ""),
        ticked=request.POST.getlist("text"),
    )
