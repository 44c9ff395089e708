"""Settings: the feeds of the partner directory, how their reading goes, and what is to be decided."""

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clusters import policies
from clusters.directory import selectors
from clusters.directory.forms import FeedForm
from clusters.directory.models import DirectoryEntry, Feed
from clusters.http import UserRequest
from clusters.services import directory
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_safe
def feed_list(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    return settings_page(request, "clusters/feed_list.html", feeds=selectors.feeds())


@require_http_methods(FORM)
def feed_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = FeedForm(request.POST or None)

    def act() -> str:
        return reverse("settings-feed", args=[directory.add_feed(by=request.user, **form.values).pk])

    return form_page(
        request,
        form,
        title="Add a partner directory",
        act=act,
        done="The directory is added. It is read within a minute.",
        back=reverse("settings-feeds"),
    )


@require_http_methods(FORM)
def feed_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(Feed, pk=pk)
    form = FeedForm(request.POST or None, instance=copy(found))
    back = reverse("settings-feed", args=[pk])

    def act() -> str:
        directory.change_feed(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"Change {found}", act=act, done="Saved.", back=back)


@require_safe
def feed(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(Feed, pk=pk)
    runs = selectors.runs_of(found)
    return settings_page(
        request,
        "clusters/feed.html",
        feed=found,
        runs=runs,
        last=runs[0] if runs else None,
        differences=selectors.differences(found),
        gone=selectors.kept_though_gone(found),
    )


@require_POST
def feed_read(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(Feed, pk=pk)
    directory.read_now(found, by=request.user, retire_many=request.POST.get("retire_many") == "yes")
    messages.success(request, "The directory is being read.")
    return redirect("settings-feed", pk)


@require_POST
def entry_decide(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    entry = get_object_or_404(DirectoryEntry, pk=pk)
    if request.POST.get("retire") == "yes":
        directory.retire_gone(entry, by=request.user)
    else:
        choice = directory.TAKE if request.POST.get("choice") == directory.TAKE else directory.KEEP
        directory.decide(entry, by=request.user, field=request.POST.get("field", ""), choice=choice)
    messages.success(request, "Saved.")
    return redirect(f"{reverse('settings-feed', args=[entry.feed_id])}#to-decide")
