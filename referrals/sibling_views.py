"""Brothers and sisters on the form of a referral: who is added, and what differs for each."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cluster_ehs.core import drafts, limits
from cluster_ehs.core.models import Draft
from clusters.http import UserRequest
from clusters.people import duties
from families.models import Person
from families.search import Asked
from referrals import journey, policies, siblings
from referrals.forms import LATER, SiblingsForm
from referrals.journey_views import SPECIAL, both_texts, version_of
from referrals.selectors import waiting_of
from referrals.sibling_forms import SiblingForm


def siblings_page(request: UserRequest, found: Draft, draft_id: UUID) -> HttpResponse:
    """The section “Brothers and sisters”: children of the family to tick, and a search before one is made new."""
    posted = request.POST if request.method == "POST" and "search" in request.POST else None
    form = SiblingsForm(posted)
    children = siblings.may_be_added(found)
    context: dict[str, Any] = {"form": form, "draft_id": draft_id, "draft": found, "children": children}
    if form.is_valid():
        asked = Asked(name=form.cleaned_data["name"], birth_date=form.cleaned_data["birth_date"])
        limits.count_search(request.user.pk)
        matches = siblings.search(found, duties(request.user).clusters, asked)
        context |= {"searched": True, "asked": asked, "matches": matches, "family": found.data["about"]["family"]}
    ids = [child.pk for child in children] + [match.person.pk for match in context.get("matches", [])]
    waiting = waiting_of(ids) if ids else {}
    context["children"] = [(child, waiting.get(child.pk)) for child in children]
    context["added"] = siblings.siblings_of(found, journey.terms_for(found, "siblings"))
    return render(request, "referrals/siblings.html", context)


SPECIAL[SiblingsForm.key] = siblings_page


@require_POST
def sibling_add(request: UserRequest, draft: UUID) -> HttpResponse:
    """Those who were ticked, or one who is new; then what differs for the one who still needs something."""
    policies.check_log(request.user)
    journey.load(request.user, draft)
    back = redirect("referral-section", draft=draft, section=SiblingsForm.key)
    try:
        ids = [UUID(text) for text in request.POST.getlist("person")]
    except ValueError:
        return back
    people = [get_object_or_404(Person, pk=pk, is_child=True) for pk in ids]
    form = SiblingsForm(request.POST)
    form.is_valid()
    try:
        for person in people:
            siblings.add(user=request.user, draft_id=draft, person=person)
        if "new" in request.POST:
            name, born = form.cleaned_data.get("name", ""), form.cleaned_data.get("birth_date")
            key = siblings.add(user=request.user, draft_id=draft, name=name, birth_date=born)
            return redirect("referral-sibling", draft=draft, key=UUID(key))
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    else:
        if not people:
            messages.error(request, "Tick a child, or search for one.")
    if people and request.POST.get("from") == "check":
        return redirect("referral-check", draft=draft)
    return back


@require_http_methods(["GET", "POST"])
def sibling_page(request: UserRequest, draft: UUID, key: UUID) -> HttpResponse:
    """One brother or sister: school and reasons of their own, and who they are when they are new."""
    policies.check_log(request.user)
    found = journey.load(request.user, draft)
    terms = journey.terms_for(found, "siblings")
    sibling = next((each for each in siblings.siblings_of(found, terms) if each.key == key.hex), None)
    if sibling is None:
        raise Http404
    part = siblings.part_of(key.hex)
    saved = drafts.part(found, part)
    draft_key = f"{journey.key_of(draft)}#{part}"
    options: dict[str, Any] = {"draft_key": draft_key, "draft_version": saved.version, "terms": terms}
    options |= {"known": sibling.person is not None}
    context = {"title": sibling.name, "lead": SiblingForm.lead, "section": "sibling", "draft_id": draft}
    if request.method == "POST":
        form = SiblingForm(request.POST, **options)
        later = LATER["name"] in request.POST
        valid = not later and form.is_valid()
        fields = {name: values for name, values in drafts.typed(request).items() if name != LATER["name"]}
        try:
            version = version_of(request, saved, fields)
            answer = drafts.save(user=request.user, key=draft_key, fields=fields, version=version, done=valid)
        except drafts.Stale as stale:
            other = SiblingForm(drafts.as_posted(stale.saved.fields), terms=terms, known=sibling.person is not None)
            return both_texts(request, form, other, stale.saved, context)
        if later:
            messages.success(request, "Your referral was kept. You find it at the top of this list.")
            return redirect("referral-list")
        if valid:
            return redirect("referral-section", draft=draft, section=SiblingsForm.key)
        form.heard_of(answer.version)
    else:
        form = SiblingForm(drafts.as_posted(saved.fields), **options)
        form = form if saved.done else drafts.unjudged(form)
    back = reverse("referral-section", args=[draft, SiblingsForm.key])
    return render(request, "referrals/section.html", {**context, "form": form, "back": back})


@require_POST
def sibling_remove(request: UserRequest, draft: UUID, key: UUID) -> HttpResponse:
    policies.check_log(request.user)
    journey.load(request.user, draft)
    siblings.remove(user=request.user, draft_id=draft, key=key.hex)
    return redirect("referral-section", draft=draft, section=SiblingsForm.key)
