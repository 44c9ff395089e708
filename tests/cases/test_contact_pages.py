"""Logging a contact through its page: what it costs, what it keeps, what happens when luck is bad."""

import html
import re
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseService, Contact, ContactNote, GoalNotAsked, LeadWorker
from cases.services import Heard, add_note, log_contact, set_goal
from cluster_ehs.core.models import Draft
from clusters.models import Entitlement, StaffRole
from tests.fixtures_cast import a_person, as_, make_cast, sign_in
from tests.queries import queries


def posted(cast, **extra):
    now = timezone.localtime()
    return {
        "once": str(uuid.uuid4()),
        "people": [str(cast.child.pk)],
        "kind": "home_visit",
        "attendance": "attended",
        "note": "Three school days of five.",
        "at-day": now.day,
        "at-month": now.month,
        "at-year": now.year,
        "at-time": f"{now:%H:%M}",
    } | extra


def address(cast):
    return reverse("contact-new", args=[cast.case.pk])


def test_logging_a_contact_costs_fifteen_statements_at_most(cast, client):
    with as_(cast.practitioner):
        goals = [set_goal(by=cast.practitioner, case=cast.case, words=f"Goal {n}") for n in range(3)]
    answers = {f"score_{goal.pk}": value for goal, value in zip(goals, ("7", "", "3"), strict=True)}
    answers |= {f"said_{cast.child.pk}": "Good.", "alone": [str(cast.child.pk)], "next_step": "Ring the school"}
    sign_in(client, cast.practitioner)
    found = queries(client, address(cast), posted(cast, **answers))
    assert len(found) <= 15, "\n".join(f"{n} {sql[:110]}" for n, sql in enumerate(found, 1))
    with as_(cast.practitioner):
        contact = Contact.objects.latest("created_at")
        assert (contact.scores.count(), contact.not_asked.count(), contact.notes.count()) == (2, 1, 1)
        assert contact.children.get().alone


def test_the_page_keeps_who_was_heard_how_and_what_was_not_asked(cast, client):
    with as_(cast.practitioner):
        brother = a_person(cast.family, "Petr", born=timezone.localdate() - timedelta(days=2200))
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Mornings", baseline=3)
    sign_in(client, cast.practitioner)
    page = client.get(address(cast)).content.decode()
    not_asked = re.search(rf'<input[^>]*name="score_{goal.pk}"[^>]*value=""[^>]*>', page)
    assert "checked" in not_asked[0], "what is taken for granted can be seen"
    assert "last time 3" in page
    wrong = client.post(address(cast), posted(cast, **{f"how_{brother.pk}": "signs"}))
    assert "Enter what Petr said or showed" in wrong.content.decode()
    wrong = client.post(address(cast), posted(cast, seen=["none", str(brother.pk)]))
    assert "or “No child”" in wrong.content.decode()
    sent = {
        f"how_{brother.pk}": "signs",
        f"said_{brother.pk}": "Signed: more music.",
        f"score_{goal.pk}": "",
        "about": [str(brother.pk), str(cast.child.pk)],
        "kind": "advocacy",
    }
    assert client.post(address(cast), posted(cast, **sent)).status_code == 302
    with as_(cast.practitioner):
        assert GoalNotAsked.objects.get().goal_id == goal.pk
        contact = Contact.objects.latest("created_at")
    for where in (reverse("contact", args=[contact.pk]), reverse("case-contacts", args=[cast.case.pk])):
        text = client.get(where).content.decode()
        for said in ("Petr, by makaton or signing:", "Signed: more music.", "Mornings not asked", "Petr not seen"):
            assert said in text, (where, said)


def test_the_list_is_narrowed_by_what_is_sent_and_pages(cast, client):
    with as_(cast.practitioner):
        for n in range(23):
            log_contact(
                by=cast.practitioner,
                case=cast.case,
                kind="phone",
                at=timezone.now() - timedelta(minutes=n),
                people=[cast.mother],
                note=f"Housing call {n}.",
            )
    sign_in(client, cast.practitioner)
    url = reverse("case-contacts", args=[cast.case.pk])
    first = client.post(url, {"kind": "phone", "person": str(cast.mother.pk), "text": "housing\x00"})
    text = first.content.decode()
    assert "Housing call 0." in text
    assert "Housing call 22." not in text
    after = re.search(r'name="after" value="([^"]+)"', text)[1]
    older = client.post(url, {"kind": "phone", "text": "housing", "after": after}).content.decode()
    assert "Housing call 22." in older
    assert "Housing call 0." not in older
    assert "No contact like this" in client.post(url, {"text": "no such words"}).content.decode()
    assert client.post(url, {"kind": "nonsense", "person": "x", "after": "y"}).status_code == 200


def test_a_corrected_note_shows_what_stood_there_to_those_who_may_read_it(cast, client):
    with as_(cast.practitioner):
        contact = log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="home_visit",
            at=timezone.now(),
            people=[cast.child],
            note="Three of five.",
            heard={cast.child.pk: Heard("I went on Monday.")},
        )
    sign_in(client, cast.practitioner)
    url = reverse("note-correct", args=[contact.pk, contact_note(cast, contact).pk])
    page = client.get(url).content.decode()
    assert "I went on Monday." in page
    sent = {"text": "Four of five.", f"said_{cast.child.pk}": "I went on Tuesday.", "version": "1"}
    assert client.post(url, sent | {"once": str(uuid.uuid4())}).status_code == 302
    second = client.post(url, sent | {"text": "Five of five.", "once": str(uuid.uuid4())})
    assert second.status_code == 409
    for both in ("Four of five.", "Five of five.", "I went on Tuesday."):
        assert both in second.content.decode()
    shown = reverse("contact", args=[contact.pk])
    for user in (cast.practitioner, cast.leader, cast.colleague):
        sign_in(client, user)
        text = html.unescape(client.get(shown).content.decode())
        assert "what stood here before" in text
        for said in ("Three of five.", "I went on Monday.", "Four of five.", "I went on Tuesday."):
            assert said in text, said
    with as_(cast.therapist):
        note = ContactNote.objects.get(contact=cast.session)
        add_note(by=cast.therapist, contact=note.contact, text="Said otherwise.", correct=note, version=1)
    sign_in(client, cast.leader)
    text = client.get(reverse("contact", args=[cast.session.pk])).content.decode()
    assert "What was said in therapy." not in text
    assert "Said otherwise." not in text


def contact_note(cast, contact):
    with as_(cast.practitioner):
        return contact.notes.get()


def test_a_correction_asks_for_the_words_of_those_who_said_something(cast, client):
    with as_(cast.practitioner):
        brother = a_person(cast.family, "Petr", born=timezone.localdate() - timedelta(days=2200))
        contact = log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="home_visit",
            at=timezone.now(),
            people=[cast.child],
            note="Three of five.",
            heard={cast.child.pk: Heard("I went on Monday.")},
        )
    sign_in(client, cast.practitioner)
    page = client.get(reverse("note-correct", args=[contact.pk, contact_note(cast, contact).pk])).content.decode()
    assert fold_of(page, cast.child) == "open"
    assert fold_of(page, brother) == "folded"


def fold_of(page, child):
    """Whether the fields of what a child said stand open on the page."""
    fold = re.search(rf"<details([^>]*)>(?:(?!<details).)*?said_{child.pk}", page, re.DOTALL)
    return "open" if " open" in fold[1] else "folded"


def test_nobody_came_is_said_of_a_contact_that_was_not_planned(cast, client):
    sign_in(client, cast.practitioner)
    page = html.unescape(client.get(address(cast)).content.decode())
    assert "They did not come" in page
    assert client.post(address(cast), posted(cast, note="", attendance="not_attended")).status_code == 302
    with as_(cast.practitioner):
        contact = Contact.objects.latest("created_at")
        assert (contact.attendance, contact.child_seen) == ("not_attended", None)
    page = client.get(reverse("contact", args=[contact.pk])).content.decode()
    assert "Who was asked to it" in page
    assert "Who was there" not in page


@pytest.mark.parametrize(("sent", "opened"), [({}, False), ({"minutes": "40"}, True), ({"attendance": ""}, True)])
def test_what_is_taken_for_granted_stays_folded_until_something_in_it_was_changed(cast, client, sent, opened):
    sign_in(client, cast.practitioner)
    answer = client.post(address(cast), posted(cast, note="", **sent))
    assert answer.status_code == 422
    fold = re.search(r'<details class="eh-change"([^>]*)>\s*<summary><span>Today at', answer.content.decode())
    assert (" open" in fold[1]) is opened


# --- bad luck ---
def test_a_worker_taken_off_in_the_middle_is_told_why_and_the_text_is_kept(cast, client):
    sign_in(client, cast.practitioner)
    page = client.get(address(cast)).content.decode()
    who = re.search(r'name="who" value="([^"]+)"', page)[1]
    with as_(cast.leader):
        LeadWorker.objects.filter(case=cast.case, ends_on=None).update(worker=cast.colleague)
        CaseService.objects.filter(case=cast.case, worker=cast.practitioner).update(worker=cast.colleague)
    before = contacts_of(cast)
    answer = client.post(address(cast), posted(cast, who=who, note="Half a thought."))
    assert answer.status_code == 403
    said = html.unescape(answer.content.decode())
    assert "Only the lead worker, a worker of one of its services" in said
    assert "What you typed was kept" in said
    assert contacts_of(cast) == before
    link = re.search(r'href="(/drafts/[^"]+)"', said)[1]
    assert "Half a thought." in client.get(link).content.decode()


def test_a_worker_who_has_left_the_cluster_finds_no_case_and_writes_nothing(cast, client):
    sign_in(client, cast.practitioner)
    assert client.get(address(cast)).status_code == 200
    StaffRole.objects.filter(user=cast.practitioner).update(ends_on=timezone.localdate())
    before = contacts_of(cast)
    assert client.post(address(cast), posted(cast)).status_code == 404
    assert contacts_of(cast) == before


def contacts_of(cast):
    with as_(cast.leader):
        return Contact.objects.filter(case=cast.case).count()


def test_a_case_closed_meanwhile_takes_no_note_and_keeps_the_text(cast, client):
    sign_in(client, cast.practitioner)
    who = re.search(r'name="who" value="([^"]+)"', client.get(address(cast)).content.decode())[1]
    with as_(cast.leader):
        Case.objects.filter(pk=cast.case.pk).update(status="closing", imported=True)
        Case.objects.filter(pk=cast.case.pk).update(status="closed", closed_on=timezone.localdate())
    url = reverse("note-add", args=[cast.contact.pk])
    answer = client.post(url, {"text": "A late thought.", "who": who, "once": str(uuid.uuid4())})
    assert answer.status_code == 403
    assert "was closed on" in answer.content.decode()
    with as_(cast.practitioner):
        assert [d.data["fields"]["text"] for d in Draft.objects.all()] == [["A late thought."]]
        assert ContactNote.objects.filter(contact=cast.contact).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_log_at_the_same_moment_and_both_are_kept():
    with transaction.atomic():
        cast = make_cast()
    with as_(cast.practitioner):
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Mornings")
    start, answers = threading.Barrier(2), []

    def act(user, score):
        client = sign_in(Client(), user)
        start.wait(10)
        sent = posted(cast, note=f"By {user.name}.", **{f"score_{goal.pk}": score})
        answers.append(client.post(address(cast), sent).status_code)
        connection.close()

    pairs = ((cast.practitioner, "4"), (cast.leader, "6"))
    threads = [threading.Thread(target=act, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [302, 302]
    with as_(cast.leader):
        assert {score.score for score in goal.scores.filter(contact__isnull=False)} == {4, 6}
        assert ContactNote.objects.filter(text__startswith="By ").count() == 2


def test_a_note_of_fifty_thousand_letters_with_emoji_and_right_to_left_is_kept_whole(cast, client):
    note = "Mum said 👩‍👧 قالت أمي. " * 2500
    note = note[:50_000].strip()
    sign_in(client, cast.practitioner)
    wrong = client.post(address(cast), posted(cast, note=note, minutes="-1"))
    assert wrong.status_code == 422 and note in html.unescape(wrong.content.decode()).replace("\r\n", "\n")
    assert client.post(address(cast), posted(cast, note=note)).status_code == 302
    with as_(cast.practitioner):
        contact = Contact.objects.latest("created_at")
        assert contact.notes.get().text == note
    page = client.get(reverse("contact", args=[contact.pk])).content.decode()
    assert note in html.unescape(page)


def test_the_form_says_what_is_left_of_the_service_and_leads_to_asking_for_more(cast, client):
    with as_(cast.therapist):
        service = CaseService.objects.select_related("service").get(pk=cast.session.case_service_id)
    rule = Entitlement.objects.create(
        service=service.service, effective_from="2024-01-01", intervention_sessions=9, extendable=True
    )
    with as_(cast.therapist):
        CaseService.objects.filter(pk=service.pk).update(entitlement=rule)
    sign_in(client, cast.therapist)
    page, ask = client.get(address(cast)).content.decode(), reverse("extension-ask", args=[cast.case.pk, service.pk])
    used = re.search(r"(\d+) of 9 sessions", page)
    assert used and ask not in page
    Entitlement.objects.filter(pk=rule.pk).update(intervention_sessions=int(used[1]) + 2)
    page = client.get(address(cast)).content.decode()
    assert "2 sessions left" in page and ask in page
    Entitlement.objects.filter(pk=rule.pk).update(extendable=False)
    page = client.get(address(cast)).content.decode()
    assert "2 sessions left" in page and ask not in page and "See the service" in page
    # Of a service that another worker gives in private nothing is said here.
    assert "sessions left" not in sign_in(client, cast.practitioner).get(address(cast)).content.decode()
