"""The project's addresses with a page of one form beside them, and a draft's address that answers as it is told."""

import json
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path

from cluster_ehs.core.forms import EhsForm


class Drafts:
    """What the server holds, and how it answers next."""

    def __init__(self) -> None:
        self.version = 0
        self.data: dict[str, Any] = {}
        self.answer = "ok"
        self.sent: list[dict[str, Any]] = []
        self.submitted = 0


DRAFTS = Drafts()


class NoteForm(EhsForm):
    draft_key = "contact:1"
    submit_label = "Save contact"
    note = forms.CharField(label="What happened?", widget=forms.Textarea)


@login_not_required
def note(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        DRAFTS.submitted += 1
    return render(request, "layouts/form.html", {"title": "Log a contact", "form": NoteForm()})


@login_not_required
def save(request: HttpRequest) -> HttpResponse:
    body = json.loads(request.body)
    DRAFTS.sent.append(body)
    if DRAFTS.answer == "signed out":
        return JsonResponse({}, status=401)
    if body["version"] != DRAFTS.version:
        held = {"version": DRAFTS.version, "data": DRAFTS.data, "saved_at": "10:52:00"}
        return JsonResponse(held, status=409)
    DRAFTS.version, DRAFTS.data = DRAFTS.version + 1, body["data"]
    return JsonResponse({"version": DRAFTS.version, "saved_at": "10:52:04"})


urlpatterns = [
    path("", include("cluster_ehs.urls")),
    # Of two addresses with one name, `reverse` takes the last.
    path("look/note/", note, name="look-note"),
    path("look/draft/", save, name="draft-save"),
]
