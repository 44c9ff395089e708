"""Notes of therapy and counselling are read by who wrote them and the clinical supervisor; others see that it was."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Contact, ContactNote
from cases.services import add_note, log_contact
from cluster_ehs.core.models import Change, Draft
from clusters.models import ClinicalSupervision, Role
from tests.api.callers import Caller
from tests.fixtures_cast import a_user, as_, sign_in

pytestmark = pytest.mark.django_db

SECRET = "Quokkas under the stairs"


@pytest.fixture
def told(cast):
    """A session with a note, a correction of it and an addition, and a draft."""
    with as_(cast.therapist):
        contact = log_contact(
            by=cast.therapist,
            case=cast.case,
            kind="session",
            at=timezone.now(),
            people=[cast.child],
            note=f"First: {SECRET}.",
            case_service=cast.session.case_service,
        )
        note = ContactNote.objects.get(contact=contact)
        add_note(by=cast.therapist, contact=contact, text=f"Now: {SECRET}.", correct=note, version=note.version)
        add_note(by=cast.therapist, contact=contact, text=f"Added: {SECRET}.")
        Draft.objects.create(user_id=cast.therapist.pk, key=f"note:{contact.pk}", title="Note", data={"text": [SECRET]})
    cast.told = contact
    return cast


def pages_of(cast):
    case, family, contact = cast.case.pk, cast.family.pk, cast.told.pk
    yield from (reverse(name, args=[case]) for name in ("case", "case-contacts", "case-services", "case-chronology"))
    yield from (reverse("contact", args=[contact]), reverse("family", args=[family]))
    yield from (reverse("family-history", args=[family]), reverse("my-sessions"), reverse("home"))
    yield reverse("case-chronology-print", args=[case])


def test_no_page_shows_it_to_others_and_that_it_took_place_is_no_secret(told, client):
    for who in (told.practitioner, told.leader, told.colleague):
        sign_in(client, who)
        for url in pages_of(told):
            page = client.get(url)
            # The history is for the leaders and the family's own workers.
            assert page.status_code == 200 or (who == told.colleague and "history" in url), url
            assert SECRET not in page.content.decode(), (who, url)
        for name, asked in (("search", {"q": "Quokkas"}), ("case-chronology", {"words": "Quokkas"})):
            at = [told.case.pk] if name == "case-chronology" else []
            assert SECRET not in client.post(reverse(name, args=at), asked).content.decode()
        said = client.get(reverse("contact", args=[told.told.pk])).content.decode()
        assert "The notes of this session are for its worker and the clinical supervisor." in said
        assert told.therapist.name in said
        assert client.post(reverse("note-add", args=[told.told.pk]), {"text": "Mine"}).status_code == 403
    sign_in(client, told.therapist)
    assert client.get(reverse("contact", args=[told.told.pk])).content.decode().count(SECRET) >= 2


def test_nor_does_a_program_that_reads_for_them(told, client):
    url = reverse("api-contact-list", args=[told.case.pk])
    for who, seen in ((told.leader, False), (told.practitioner, False), (told.therapist, True)):
        answer = Caller(who, ["contacts:read"]).get(url)
        assert answer.status_code == 200
        assert (SECRET in answer.content.decode()) is seen
        assert str(told.told.pk) in answer.content.decode()


def test_in_the_database_nobody_else_has_note_history_or_draft(told):
    private = Change.objects.filter(table_name="cases_contactnote", family_id=told.family.pk)
    for who, notes, changes, drafts in (
        (told.therapist, 2, 3, 1),
        (told.supervisor, 2, 3, 0),
        (told.leader, 0, 0, 0),
        (told.practitioner, 0, 0, 0),
        (told.manager, 0, 0, 0),
        (told.guest, 0, 0, 0),
        (told.referrer, 0, 0, 0),
        (told.other_leader, 0, 0, 0),
    ):
        with as_(who):
            assert ContactNote.objects.filter(contact=told.told).count() == notes, who
            assert sum(SECRET in f"{row.before} {row.after}" for row in private.all()) == changes, who
            assert Draft.objects.filter(key=f"note:{told.told.pk}").count() == drafts, who
    for who, sessions in ((told.leader, 1), (told.practitioner, 1), (told.supervisor, 1), (told.other_leader, 0)):
        with as_(who):
            assert Contact.objects.filter(pk=told.told.pk).count() == sessions, who


def test_a_supervisor_reads_from_the_first_day_to_the_last(told, client):
    today = timezone.localdate()
    second = a_user("Sam Second", role=Role.CLINICAL_SUPERVISOR)
    pair = ClinicalSupervision.objects.create(
        supervisor=second, worker=told.therapist, starts_on=today + timedelta(days=1)
    )

    def reads(who):
        with as_(who):
            return ContactNote.objects.filter(contact=told.told).count() == 2

    url = reverse("supervised-session", args=[told.told.pk])
    assert (reads(told.supervisor), reads(second)) == (True, False)
    sign_in(client, second)
    assert client.get(url).status_code == 404
    # The change: the second from today, the first until today, not including it.
    ClinicalSupervision.objects.filter(pk=pair.pk).update(starts_on=today)
    ClinicalSupervision.objects.filter(supervisor=told.supervisor, worker=told.therapist).update(ends_on=today)
    assert (reads(told.supervisor), reads(second)) == (False, True)
    assert SECRET in client.get(url).content.decode()
    sign_in(client, told.supervisor)
    assert client.get(url).status_code == 404
    # Without the role there is nothing to supervise with.
    second.roles.update(ends_on=today)
    assert not reads(second)
