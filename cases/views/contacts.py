"""Contacts: the list, one of them with its notes, a new one."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods

from cases import services
from cases.forms.contact import ContactForm, NoteForm
from cases.forms.session import SessionContactForm
from cases.models import Contact, ContactNote
from cases.pages import case_page
from cases.policies import check_works_in_cases
from cases.selectors import contacts, plan
from cases.selectors.interpreters import open_bookings
from cases.selectors.sessions import to_record_in
from cases.selectors.support import can_be_extended, use_of
from cases.services.notes import Heard, may_correct
from cases.views.common import SAVED_ALREADY, add_errors, content, draft, refuse_readers
from cluster_ehs.core import audit, drafts
from cluster_ehs.core.once import once, with_content
from clusters.http import UserRequest
from clusters.people import duties
from families.models import Person


@require_http_methods(["GET", "POST"])
def contact_list(request: UserRequest, pk: UUID) -> HttpResponse:
    """The contacts, or those that are looked for. What is looked for is sent, not written into an address."""
    page = case_page(request, pk, tab="contacts")
    given = request.POST
    people = {person.pk: person for person in page["people"]}
    wanted = contacts.Wanted(
        kind=given.get("kind", "") if given.get("kind") in Contact.Kind.values else "",
        person=given.get("person", "") if given.get("person") in {str(pk) for pk in people} else "",
        text=given.get("text", "").replace("\x00", "").strip()[:100],
    )
    if wanted:
        audit.look(by=request.user, at=page["case"], page="case: contacts, searched")
    after = given.get("after", "") or request.GET.get("after", "")
    found, older = contacts.page_of(contacts.narrowed(contacts.contacts(pk), wanted), after)
    return render(
        request,
        "cases/contacts.html",
        page
        | {
            "lines": [contacts.line(contact, people) for contact in found],
            "older": older,
            "later": bool(after),
            "wanted": wanted,
            "kinds": Contact.Kind.choices,
        },
    )


# A slip of the thumb is seen at once, and mended from here.
CONTACT_SAVED = 'Contact saved. <a class="govuk-notification-banner__link" href="{}">Read it or correct it</a>'


def draft_key(case_id: UUID) -> str:
    return f"contact:{case_id}"


def contact_new(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="contacts")
    refuse_readers(page)
    key = draft_key(pk)
    kept = draft(request, key)
    make_form = partial(
        SessionContactForm,
        planned=to_record_in(pk, request.GET.get("planned", "")),
        bookings=open_bookings(pk, page["people"]),
        people=page["people"],
        goals=plan.cards(pk, page["people"], live=True),
        services=page["services"],
        worker_id=request.user.pk,
        chosen=request.GET.get("service", ""),
        draft_key=key,
        draft_version=kept.version if kept else 0,
    )
    if request.method == "POST":
        form = make_form(request.POST)
        if form.is_valid():
            url = save_contact(request, page, form)
            if url:
                drafts.finish(request, key)
                messages.success(request, format_html(CONTACT_SAVED, url))
                return redirect("case", pk=pk)
    else:
        form = drafts.unjudged(make_form(drafts.as_posted(kept.data))) if kept else make_form()
    left = [(each, use_of(each), can_be_extended(each)) for each in getattr(form, "services", {}).values()]
    return render(request, "cases/contact_new.html", page | {"form": form, "kept": kept, "left": left})


def save_contact(request: UserRequest, page: dict[str, Any], form: ContactForm) -> str:
    def make() -> str:
        logged = services.log_contact(by=request.user, case=page["case"], **form.service_values)
        return reverse("contact", args=[logged.pk])

    try:
        return once(
            user_id=request.user.pk,
            key=form.token,
            make=make,
            request_body=content(request),
            other_content=SAVED_ALREADY,
        )
    except ValidationError as error:
        add_errors(form, error)
        return ""


@require_GET
def choose_case(request: UserRequest) -> HttpResponse:
    """Whose contact is it? The cases that the reader works on, the one without contact for longest first."""
    check_works_in_cases(request.user)
    return render(request, "cases/contact_choose.html", {"rows": contacts.cases_to_choose(request.user)})


@require_GET
def contact(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Contact, pk=pk)
    if not duties(request.user).clusters:
        # A clinical supervisor reads the session and its note, not the case.
        return redirect("supervised-session", pk=pk)
    page = case_page(request, found.case_id, tab="contacts")
    row = contacts.contacts(found.case_id).get(pk=pk)
    people = {person.pk: person for person in page["people"]}
    line = contacts.line(row, people)
    earlier = contacts.earlier_texts(row, line.notes)
    for note in line.notes:
        note["earlier"] = earlier.get(note["id"], [])
        note["own"] = may_correct(
            request.user,
            ContactNote(author_id=note["author"], created_at=note["at"]),
        )
    may_add = page["can_write"] and (not row.private or row.author_id == request.user.pk)
    return render(request, "cases/contact.html", page | {"line": line, "may_add": may_add})


def note(request: UserRequest, pk: UUID, note_id: UUID | None = None) -> HttpResponse:
    """Add to a contact's note, or within a day correct one's own."""
    found = get_object_or_404(Contact, pk=pk)
    page = case_page(request, found.case_id, tab="contacts")
    refuse_readers(page)
    correct = get_object_or_404(ContactNote, pk=note_id, contact=found) if note_id else None
    key = f"note:{note_id or pk}"
    kept = draft(request, key)
    heard = {voice.person_id: Heard(voice.said, voice.how) for voice in correct.voices.all()} if correct else {}
    options: dict[str, Any] = {
        "children": [person for person in page["people"] if person.is_child],
        "voices": heard,
        "note": correct,
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": reverse("contact", args=[pk]),
    }
    status, theirs = 200, None
    if request.method == "POST":
        form = NoteForm(request.POST, **options)
        if form.is_valid():
            try:
                save_note(request, found, form, correct)
            except ValidationError as error:
                add_errors(form, error)
            except services.Stale as stale:
                theirs = stale.current
                form = with_version(NoteForm, request, options, stale.current)
            else:
                drafts.finish(request, key)
                messages.success(request, "Note saved.")
                return redirect("contact", pk=pk)
        status = 409 if theirs else 200
    else:
        form = drafts.unjudged(NoteForm(drafts.as_posted(kept.data), **options)) if kept else NoteForm(**options)
    title = "Correct the note" if correct else "Add to the note"
    context = {"form": form, "title": title, "theirs": note_texts(theirs, page["people"]) if theirs else []}
    return render(request, "cases/form.html", page | context, status=status)


def note_texts(note: ContactNote, people: list[Person]) -> list[tuple[str, str]]:
    """What a note says now, for whoever was second to save it."""
    names = {person.pk: person.short_name for person in people}
    said = [("What the child said", note.child_said)] if note.child_said else []
    voices = [(f"What {names.get(voice.person_id, 'a child')} said", voice.said) for voice in note.voices.all()]
    return [("Note", note.text), *said, *voices]


def with_version(form_class: Any, request: UserRequest, options: dict[str, Any], current: Any) -> Any:
    """The same texts again, now against the version that is there: saving it once more is a choice, not an accident."""
    data = request.POST.copy()
    data["version"] = str(current.version)
    return form_class(data, **options)


def save_note(request: UserRequest, found: Contact, form: NoteForm, correct: ContactNote | None) -> None:
    def make() -> str:
        services.add_note(
            by=request.user,
            contact=found,
            correct=correct,
            **form.service_values,
        )
        return str(found.pk)

    said = content(request)
    if correct:
        once(user_id=request.user.pk, key=with_content(form.token, said), make=make)
    else:
        once(user_id=request.user.pk, key=form.token, make=make, request_body=said, other_content=SAVED_ALREADY)
