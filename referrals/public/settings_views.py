"""The settings pages on which a person confirms or corrects, text by text, what a machine translated."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core.forms import EhsForm
from cluster_ehs.core.requests import line_of, posted
from clusters.http import UserRequest
from clusters.policies import check_manage
from clusters.views.pages import settings_page
from referrals.public.languages import TRANSLATED, Language
from referrals.public.texts import (
    Text,
    confirm,
    confirmations,
    correct,
    corrections,
    progress,
    shown_texts,
    take_back,
    text_of,
    texts,
)


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
        read_by, ticked = line_of(request, "read_by", at_most=120), request.POST.getlist("text")
        if gone := line_of(request, "take_back"):
            take_back(by=request.user, slug=language, digest=gone)
            messages.success(request, "That text counts as made by a machine again.")
            return redirect("settings-translation", language)
        if not read_by:
            wrong = "Enter who has read the texts"
        elif not ticked:
            wrong = "Tick the texts that are right"
        else:
            count = confirm(by=request.user, slug=language, digests=ticked, read_by=read_by)
            messages.success(request, f"{count} texts are confirmed.")
            return redirect("settings-translation", language)
    known, corrected = confirmations(language), corrections(language)
    rows = [(text, known.get(text.digest), corrected.get(text.english)) for text in shown_texts(language)]
    return settings_page(
        request,
        "referrals/public/settings_language.html",
        spoken=TRANSLATED[language],
        rows=rows,
        wrong=wrong,
        read_by=line_of(request, "read_by"),
        ticked=request.POST.getlist("text"),
    )


class CorrectForm(EhsForm):
    """One text, as somebody who reads the language writes it."""

    submit_label = "Save this text"
    with_token = False
    mark_optional = False

    translated = forms.CharField(label="The text", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)
    read_by = forms.CharField(
        label="Who reads this language and wrote it?",
        max_length=120,
        error_messages={"required": "Enter who reads the language and wrote this"},
    )

    def __init__(self, *args: Any, spoken: Language, text: Text, **kwargs: Any) -> None:
        super().__init__(*args, initial={"translated": text.translated}, **kwargs)
        way = "rtl" if spoken.rtl else "ltr"
        self.fields["translated"].label = f"The text in {spoken.english}"
        self.fields["translated"].widget.attrs |= {"lang": spoken.code, "dir": way}


@require_http_methods(["GET", "POST"])
def text_page(request: UserRequest, language: str, digest: str) -> HttpResponse:
    """Correct one text. What the public form says changes at once, and the text counts as a person's."""
    check_manage(request.user)
    text = text_of(language, digest) if language in TRANSLATED else None
    if text is None:
        raise Http404
    spoken = TRANSLATED[language]
    form = CorrectForm(posted(request), spoken=spoken, text=text)
    if form.is_bound and form.is_valid():
        try:
            correct(by=request.user, slug=language, digest=digest, **form.values)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "The text was corrected. The public form shows it now.")
            return redirect("settings-translation", language)
    original = next(each for each in texts(language) if each.digest == digest)
    return settings_page(
        request, "referrals/public/settings_text.html", spoken=spoken, text=text, form=form, original=original
    )
