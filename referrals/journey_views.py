"""Log a referral: search first, then a task list over one draft, check the answers, submit once."""

import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core import drafts, limits
from cluster_ehs.core.form_answers import answers, differences
from cluster_ehs.core.models import Draft
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from families import files
from families.forms import FindForm
from families.models import Family, Person
from families.search import find_alike, known_elsewhere
from referrals import journey, policies, siblings
from referrals.forms import GROUPS, SECTIONS, FilesForm, SectionForm, SiblingsForm, SubmitForm
from referrals.selectors import waiting_of

ORDER = list(SECTIONS)
# Sections that are more than a form: filled below and beside.
SPECIAL: dict[str, Callable[[UserRequest, Draft, UUID], HttpResponse]] = {}


@require_http_methods(["GET", "POST"])
def referral_new(request: UserRequest) -> HttpResponse:
    """Search first, so that the known child is used and no second one is made."""
    policies.check_log(request.user)
    form = FindForm(posted(request))
    context: dict[str, Any] = {"form": form, "token": uuid.uuid4(), "clusters": my_clusters(request)}
    if form.is_valid():
        asked = form.asked
        limits.count_search(request.user.pk)
        matches = find_alike(clusters=duties(request.user).clusters, asked=asked)
        children = [match for match in matches if match.person.is_child]
        waiting = waiting_of([match.person.pk for match in children]) if children else {}
        context |= {
            "asked": asked,
            "searched": True,
            "matches": [(match, waiting.get(match.person.pk)) for match in children],
            "elsewhere": known_elsewhere(
                query_name=asked.name, birth_date=asked.birth_date, upn=asked.upn, nhs_number=asked.nhs_number
            ),
        }
    return render(request, "referrals/new.html", context)


def my_clusters(request: UserRequest) -> list[Cluster]:
    found = {role.cluster_id: role.cluster for role in duties(request.user).roles if role.cluster_id}
    return [cluster for pk, cluster in sorted(found.items()) if pk in duties(request.user).clusters and cluster]


@require_POST
def referral_start(request: UserRequest) -> HttpResponse:
    """Begin a draft for the chosen child. The button's token is the draft's id, so a double click begins one."""
    mine = my_clusters(request)
    form = FindForm(request.POST)
    form.is_valid()
    try:
        draft_id = UUID(request.POST.get("token", ""))
        person_id = UUID(request.POST["person"]) if request.POST.get("person") else None
        family_id = UUID(request.POST["family"]) if request.POST.get("family") else None
        cluster_id = int(request.POST.get("cluster") or 0)
    except ValueError:
        return redirect("referral-new")
    person = get_object_or_404(Person.objects.select_related("family"), pk=person_id) if person_id else None
    family = get_object_or_404(Family, pk=family_id) if family_id else None
    home = person or family
    if home is not None:
        cluster_id = home.cluster_id
    policies.check_log(request.user, cluster_id or None)
    cluster = next((c for c in mine if c.pk == cluster_id), mine[0])
    asked = form.asked
    journey.begin(
        user=request.user,
        draft_id=draft_id,
        cluster=cluster,
        person=person,
        family=family,
        name=asked.name,
        birth_date=asked.birth_date,
        upn=asked.upn,
    )
    return redirect("referral-tasks", draft=draft_id)


@require_safe
def referral_tasks(request: UserRequest, draft: UUID) -> HttpResponse:
    """The task list: what is done and what is still to do."""
    policies.check_log(request.user)
    found = journey.load(request.user, draft)
    groups = [
        (
            title,
            [
                {
                    "title": SECTIONS[key].title,
                    "url": reverse("referral-section", args=[draft, key]),
                    "state": journey.state_of(found, key),
                }
                for key in keys
            ],
        )
        for title, keys in GROUPS
    ]
    done = sum(task["state"] == "Completed" for _, tasks in groups for task in tasks)
    harm = drafts.part(found, "risks").fields.get("harm") == ["yes"]
    context = {"draft": found, "draft_id": draft, "groups": groups, "done": done, "of": len(journey.NEEDED)}
    context["harm"] = harm
    return render(request, "referrals/tasks.html", context | {"complete": journey.is_complete(found)})


@require_http_methods(["GET", "POST"])
def referral_section(request: UserRequest, draft: UUID, section: str) -> HttpResponse:
    """One section. What is typed is kept whether or not it is right; it counts as done when it is."""
    policies.check_log(request.user)
    if section not in SECTIONS:
        return redirect("referral-tasks", draft=draft)
    found = journey.load(request.user, draft)
    if section in SPECIAL:
        return SPECIAL[section](request, found, draft)
    saved = drafts.part(found, section)
    key = f"{journey.key_of(draft)}#{section}"
    terms = journey.terms_for(found, section)
    options: dict[str, Any] = {"draft_key": key, "draft_version": saved.version, "terms": terms}
    form_class = SECTIONS[section]
    if request.method == "POST":
        form = form_class(request.POST, **options)
        later = "later" in request.POST
        valid = not later and form.is_valid()
        fields = {name: values for name, values in drafts.typed(request).items() if name != "later"}
        version = version_of(request, saved, fields)
        try:
            answer = drafts.save(user=request.user, key=key, fields=fields, version=version, done=valid)
        except drafts.Stale as stale:
            other = form_class(drafts.as_posted(stale.saved.fields), terms=terms)
            return both_texts(request, form, other, stale.saved, _of_section(form_class, draft))
        _retitle(request, draft, section, fields)
        if later:
            messages.success(request, "Your referral was kept. You find it at the top of this list.")
            return redirect("referral-list")
        if valid:
            return redirect(_after(section, draft, found))
        form.heard_of(answer.version)
    elif saved.fields:
        form = drafts.unjudged(form_class(drafts.as_posted(saved.fields), **options))
    else:
        form = form_class(**options)
    return render(request, "referrals/section.html", {**_of_section(form_class, draft), "form": form})


def _of_section(form: type[SectionForm], draft_id: UUID) -> dict[str, Any]:
    return {"title": form.title, "lead": form.lead, "section": form.key, "draft_id": draft_id}


def version_of(request: UserRequest, saved: drafts.Saved, fields: drafts.Fields) -> int:
    """The version that the page last heard of; the same words sent again are no conflict."""
    heard = request.POST.get("draft_version", "")
    version = int(heard) if heard.isdecimal() and len(heard) < 10 else saved.version
    return saved.version if fields == saved.fields else version


def both_texts(
    request: UserRequest, form: SectionForm, other: SectionForm, saved: drafts.Saved, context: dict[str, Any]
) -> HttpResponse:
    """Two tabs wrote the same section: the second is told, keeps its own text and is shown the other; none is lost."""
    other.is_valid()
    form.is_valid()
    form.heard_of(saved.version)
    theirs = differences(form, {name: other.cleaned_data.get(name) for name in other.fields})
    context = {**context, "form": drafts.unjudged(form), "theirs": theirs}
    return render(request, "referrals/section.html", context, status=409)


def _after(section: str, draft_id: UUID, before: Draft) -> str:
    """The next section that is not done yet; back to the answers when this was the last."""
    for key in ORDER[ORDER.index(section) + 1 :]:
        if key != SiblingsForm.key and not drafts.part(before, key).done:
            return reverse("referral-section", args=[draft_id, key])
    return reverse("referral-tasks", args=[draft_id])


def _retitle(request: UserRequest, draft_id: UUID, section: str, fields: drafts.Fields) -> None:
    if section == "child":
        name = " ".join(filter(None, (fields.get("first_name", [""])[0], fields.get("last_name", [""])[0])))
        Draft.objects.filter(user_id=request.user.pk, key=journey.key_of(draft_id)).update(
            title=f"Referral of {name.strip() or 'a child'}"[:200]
        )


def referral_files(request: UserRequest, found: Draft, draft_id: UUID) -> HttpResponse:
    form = FilesForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = files.keep(form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
        else:
            with transaction.atomic():
                draft = Draft.objects.select_for_update().get(pk=found.pk)
                stored = draft.data.setdefault("stored", [])
                stored.append({"id": str(uuid.uuid4()), **vars(kept)})
                draft.save(update_fields=["data", "saved_at"])
            return redirect("referral-section", draft=draft_id, section=FilesForm.key)
    context = {"form": form, "title": FilesForm.title, "lead": FilesForm.lead, "draft_id": draft_id}
    return render(request, "referrals/files.html", context | {"stored": found.data.get("stored", [])})


SPECIAL[FilesForm.key] = referral_files


@require_POST
def file_remove(request: UserRequest, draft: UUID, file: UUID) -> HttpResponse:
    policies.check_log(request.user)
    journey.load(request.user, draft)
    with transaction.atomic():
        found = Draft.objects.select_for_update().get(user_id=request.user.pk, key=journey.key_of(draft))
        gone = [entry for entry in found.data.get("stored", []) if entry["id"] == str(file)]
        found.data["stored"] = [entry for entry in found.data.get("stored", []) if entry["id"] != str(file)]
        found.save(update_fields=["data", "saved_at"])
    for entry in gone:
        files.discard_content(entry["path"])
    return redirect("referral-section", draft=draft, section=FilesForm.key)


@require_http_methods(["GET", "POST"])
def referral_check(request: UserRequest, draft: UUID) -> HttpResponse:
    """Check the answers, then submit. The draft's id is the token, so two clicks make one referral."""
    policies.check_log(request.user)
    form = SubmitForm(posted(request), with_token=False)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                url = once(
                    user_id=request.user.pk,
                    key=journey.key_of(draft),
                    make=lambda: _send(request, draft, form.cleaned_data["override_reason"]),
                )
            return redirect(url)
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
    everything = journey.whole(journey.load(request.user, draft))
    rows = [
        {
            "title": section.title,
            "url": reverse("referral-section", args=[draft, section.key]),
            "answers": list(answers(section)) if section.is_valid() else [],
            "form": section,
        }
        for section in everything.forms.values()
    ]
    eligible = everything.eligibility
    others = everything.eligibility_of_siblings
    outside = [each for _, each in [(None, eligible), *others] if each and not each.eligible]
    context = {
        "form": form,
        "everything": everything,
        "rows": rows,
        "draft_id": draft,
        "eligibility": eligible,
        "siblings": [(each, found, list(answers(each.form)) if each.form.is_valid() else []) for each, found in others],
        "may_be_added": siblings.may_be_added(everything.draft),
        "number": 1 + len(others),
        "harm": everything.value("risks", "harm"),
        "may_override": everything.cluster.pk in duties(request.user).leads,
        "to_override": bool(outside),
        "today": timezone.localdate(),
        "alike": journey.alike_of(everything, duties(request.user).clusters),
    }
    return render(request, "referrals/check.html", context)


def _send(request: UserRequest, draft_id: UUID, override_reason: str) -> str:
    made = journey.send(user=request.user, draft_id=draft_id, override_reason=override_reason)
    references = " and ".join(referral.reference for referral in made)
    said = f"Referral {references} was" if len(made) == 1 else f"Referrals {references} were"
    waits = "is waiting" if len(made) == 1 else "are waiting"
    messages.success(request, f"{said} received and {waits} to be screened.")
    return reverse("referral", args=[made[0].pk])


@require_POST
def referral_discard(request: UserRequest, draft: UUID) -> HttpResponse:
    policies.check_log(request.user)
    journey.discard(user=request.user, draft_id=draft)
    messages.info(request, "The unfinished referral was thrown away.")
    return redirect("referral-list")
