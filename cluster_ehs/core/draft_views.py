"""Saving while typing, and finding again what was typed when the session had ended."""

import json
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from cluster_ehs.core import drafts
from cluster_ehs.core.drafts import NotTyped, Saved, Stale
from cluster_ehs.core.models import Draft

KEPT_WORDS = "Your sign-in had ended. What you typed was kept: sign in again and you will find it."
_TECHNICAL = {"once", "version", drafts.PAGE}


@login_not_required
@require_POST
def save_draft(request: HttpRequest) -> JsonResponse:
    """POST {"key", "data", "version", "title", "url"}: 200 {"version", "saved_at"}, 409 with the other text, 401."""
    if not request.user.is_authenticated:
        return JsonResponse({"detail": "Your sign-in has ended."}, status=HTTPStatus.UNAUTHORIZED)
    try:
        body = json.loads(request.body)
        key, fields, version = drafts.storable(body["key"]), clean_fields(body["data"]), int(body.get("version") or 0)
        marks = body["data"].get("who") or []
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return JsonResponse({"detail": "Send key, data and version."}, status=HTTPStatus.BAD_REQUEST)
    if marks and drafts.whose(str(marks[0])) not in (None, request.user.pk):
        # Somebody else has signed in since, in another tab: what one person typed is not the other's draft.
        return JsonResponse({"detail": "Somebody else is signed in."}, status=HTTPStatus.UNAUTHORIZED)
    if not 0 < len(key) <= 200 or key.startswith(drafts.KEPT):
        return JsonResponse({"detail": "A key has 1 to 200 characters."}, status=HTTPStatus.BAD_REQUEST)
    title, url = (
        drafts.storable(text) for text in (body.get("title") or "", body.get("url") or drafts.page_of(request))
    )
    # A browser reads /\\ as it reads //: another host.
    if not url.startswith("/") or not url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        url = ""
    try:
        saved = drafts.save(user=request.user, key=key, fields=fields, version=version, title=title, url=url)
    except NotTyped:
        return JsonResponse({"detail": "No form is saved under this key."}, status=HTTPStatus.BAD_REQUEST)
    except Stale as stale:
        theirs = {name: values for name, values in stale.saved.fields.items() if name != drafts.PAGE}
        return answer(stale.saved, status=HTTPStatus.CONFLICT, data=theirs)
    return answer(saved)


def answer(saved: Saved, *, status: int = HTTPStatus.OK, **extra: Any) -> JsonResponse:
    return JsonResponse({"version": saved.version, "saved_at": saved.clock, **extra}, status=status)


def clean_fields(data: dict[str, Any]) -> drafts.Fields:
    """Texts as they can be kept: what no database holds, such as half an emoji, is marked as missing."""
    fields = {}
    for name, values in data.items():
        if name not in drafts.NOT_TYPED | {"once"}:
            fields[drafts.storable(name)[:100]] = [
                drafts.storable(v) for v in (values if isinstance(values, list) else [values])
            ]
    return fields


@require_safe
def kept_draft(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What was typed when the session had ended, to be sent now, copied or thrown away."""
    draft = get_object_or_404(Draft, pk=pk, user_id=request.user.pk, key__startswith=drafts.KEPT)
    texts = [
        {"key": name.replace("_", " ").replace("-", " ").capitalize(), "value": "\n".join(values)}
        for name, values in draft.data["fields"].items()
        if name not in _TECHNICAL and any(values)
    ]
    fields = [(name, value) for name, values in draft.data["fields"].items() for value in values]
    return render(
        request,
        "core/kept_draft.html",
        {"draft": draft, "texts": texts, "fields": fields, "files": draft.data.get("files", [])},
    )


@require_POST
def discard_draft(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Throw away a draft of one's own, by one's own hand."""
    draft = get_object_or_404(Draft, pk=pk, user_id=request.user.pk)
    draft.delete()
    messages.info(request, "The draft was thrown away.")
    # From the page that it stood on, back to that page, as it is without it.
    return redirect(draft.url if draft.url and drafts.OF_PAGE in draft.key else "home")


class KeepTypedMiddleware:
    """A form posted after the session ended is not lost: it is kept for the person whose page it was.

    The draft of a form that was taken goes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        key = request.POST.get("draft_key", "") if request.method == "POST" else ""
        if (
            key.startswith(drafts.OF_PAGE)
            and response.status_code == HTTPStatus.FOUND
            and request.user.is_authenticated
        ):
            drafts.finish(request, key)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if getattr(request, "htmx", False):
            # A sign-in page inside a fragment would be of no use: the page keeps its text and says so.
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        if request.method != "POST":
            return None
        kept = drafts.keep_posted(request)
        return to_sign_in(request, kept) if kept else None


class KeepRefusedMiddleware:
    """A form that was refused altogether is not lost either: the case was closed meanwhile, the worker taken off it,
    the record gone. The request is undone by then; what was written is kept outside it, and the page says where.
    """

    STATUSES = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            request.method == "POST"
            and response.status_code in self.STATUSES
            and getattr(request, "rolled_back", False)
            and request.user.is_authenticated
            and drafts.whose(request.POST.get("who", "")) == request.user.pk
            and drafts.has_words(drafts.typed(request))
        ):
            kept = drafts.keep_posted(request, "What you typed and could not be saved")
            if kept:
                said = render_to_string("core/_kept.html", {"kept": kept}).encode()
                response.content = response.content.replace(b"<!-- kept -->", said)
        return response


def to_sign_in(request: HttpRequest, kept: drafts.Kept) -> HttpResponse:
    messages.warning(request, KEPT_WORDS)
    return redirect_to_login(reverse("kept-draft", args=[kept.id]))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page from before the last sign-in sends an old token: nothing is done, and what was typed is kept."""
    kept = drafts.keep_posted(request)
    if kept is None:
        return render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)
    if not request.user.is_authenticated:
        return to_sign_in(request, kept)
    if request.user.pk == kept.user_id:
        return redirect("kept-draft", pk=kept.id)
    reason = "Somebody else is signed in here now. What was typed was kept for the person who typed it."
    return render(request, "403.html", {"reason": reason}, status=HTTPStatus.FORBIDDEN)
