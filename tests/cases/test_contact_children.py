"""Whom a contact was about, who was seen, how each child was heard, and what was not asked."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import CaseService, ChildVoice, Contact, ContactChild, ContactNote, GoalNotAsked, GoalScore
from cases.selectors.contacts import Wanted, contacts, narrowed
from cases.services import Heard, add_note, end_goal, log_contact, set_goal
from cluster_ehs.core.models import Change
from tests.fixtures_cast import a_person, as_


def log(cast, by=None, **extra):
    given = {"kind": "home_visit", "at": timezone.now(), "people": [cast.child, cast.mother], "note": "A visit."}
    by = by or cast.practitioner
    return log_contact(by=by, case=cast.case, **(given | extra))


@pytest.fixture
def brother(cast):
    with as_(cast.practitioner):
        return a_person(cast.family, "Petr", born=timezone.localdate() - timedelta(days=2200))


def told(contact):
    return {(row.person.first_name, row.seen, row.alone) for row in contact.children.select_related("person")}


def test_a_contact_concerns_children_who_were_there_or_not(cast, brother):
    with as_(cast.practitioner):
        assert told(log(cast)) == {("Zdeňka", True, False)}
        both = log(cast, about=[cast.child, brother])
        assert told(both) == {("Zdeňka", True, False), ("Petr", False, False)}
        assert both.child_seen is True
        alone = log(cast, kind="phone", people=[cast.mother], alone=[brother])
        assert told(alone) == {("Petr", True, True)}
        assert alone.child_seen is True
        call = log(cast, kind="phone", about=[brother])
        assert (told(call), call.child_seen) == ({("Petr", None, False)}, None)
        asleep = log(cast, people=[cast.mother], about=[cast.child], seen=[])
        assert (told(asleep), asleep.child_seen) == ({("Zdeňka", False, False)}, False)
        assert told(log(cast, people=[cast.mother])) == set(), "the whole family"
        with pytest.raises(ValidationError) as wrong:
            log(cast, about=[cast.mother])
        assert list(wrong.value.message_dict) == ["about"]
        with pytest.raises(IntegrityError, match="contactchild_alone_is_seen"), transaction.atomic():
            ContactChild.objects.filter(contact=asleep).update(alone=True)


def test_each_child_is_heard_in_its_own_way(cast, brother):
    with as_(cast.practitioner):
        heard = {
            cast.child.pk: Heard(" I like it when Marek walks me. "),
            brother.pk: Heard("Pushed the red card away three times.", "pictures"),
        }
        contact = log(cast, heard=heard)
        assert {(v.person.first_name, v.how, v.said) for v in ChildVoice.objects.select_related("person")} == {
            ("Zdeňka", "words", "I like it when Marek walks me."),
            ("Petr", "pictures", "Pushed the red card away three times."),
        }
        assert ("Petr", False, False) in told(contact), "heard of, and so concerned, though not there"
        with pytest.raises(ValidationError) as empty:
            log(cast, heard={brother.pk: Heard(" ", "signs")})
        assert list(empty.value.message_dict) == [f"said_{brother.pk}"]
        note = contact.notes.get()
        corrected = {cast.child.pk: Heard(""), brother.pk: Heard("Pushed it away twice.", "pictures")}
        add_note(by=cast.practitioner, contact=contact, text="A visit.", heard=corrected, correct=note, version=1)
        assert [(v.person_id, v.said) for v in note.voices.all()] == [(brother.pk, "Pushed it away twice.")]
        assert Change.objects.filter(table_name="cases_childvoice", operation="delete").count() == 1


def test_what_a_child_said_in_therapy_is_as_private_as_the_note(cast):
    with as_(cast.therapist):
        service = CaseService.objects.get(case=cast.case, worker=cast.therapist)
        log(cast, cast.therapist, kind="session", case_service=service, heard={cast.child.pk: Heard("A secret.")})
    for user, sees in ((cast.therapist, 1), (cast.supervisor, 1), (cast.practitioner, 0), (cast.leader, 0)):
        with as_(user):
            assert ChildVoice.objects.count() == sees, user
    with as_(cast.practitioner):
        assert ContactChild.objects.filter(seen=True).count() == 1, "that the child was seen is no secret"
        assert not narrowed(contacts(cast.case.pk), Wanted(text="secret")).exists()
        assert not Change.objects.filter(table_name="cases_childvoice").exists()


def test_not_asked_is_kept_and_differs_from_nothing(cast):
    with as_(cast.practitioner):
        asked, not_asked, silent = (set_goal(by=cast.practitioner, case=cast.case, words=f"Goal {n}") for n in range(3))
        contact = log(cast, scores={asked.pk: 0, not_asked.pk: None})
        assert [(s.goal_id, s.score) for s in GoalScore.objects.filter(contact=contact)] == [(asked.pk, 0)]
        assert [row.goal_id for row in GoalNotAsked.objects.filter(contact=contact)] == [not_asked.pk]
        missed = log(cast, people=[], attendance="cancelled_family", scores={silent.pk: None})
        assert not missed.not_asked.exists(), "nobody could be asked"
        end_goal(by=cast.practitioner, goal=not_asked, status="achieved")
        later = log(cast, scores={asked.pk: 4, not_asked.pk: None})
        assert not later.not_asked.exists()
        with pytest.raises(ValidationError, match="ended meanwhile"):
            log(cast, scores={not_asked.pk: 5})


def test_contacts_are_found_by_kind_person_and_words(cast, brother):
    with as_(cast.practitioner):
        letter = log(cast, kind="letter", people=[], professionals="Ms Invented, SENCO", note="Wrote to the school.")
        advocacy = log(cast, kind="advocacy", about=[brother], note="Rang housing: 50% done_now.")
        heard = log(cast, kind="practical", people=[cast.mother], heard={brother.pk: Heard("My bed is wet.")})

        def found(**wanted):
            return set(narrowed(contacts(cast.case.pk), Wanted(**wanted)).values_list("pk", flat=True))

        assert found(kind="letter") == {letter.pk}
        assert found(person=str(brother.pk)) == {advocacy.pk, heard.pk}
        assert found(text="HOUSING") == {advocacy.pk}
        assert found(text="% done_") == {advocacy.pk}
        assert found(text="bed is") == {heard.pk}
        assert found(text="senco") == {letter.pk}
        assert found(kind="letter", text="bed") == set()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 49_999 + "y",
        "👩‍👧‍👦 smiled 🎉 at me",
        "قالت: «أحب المدرسة» ثم left early",
        "'; DROP TABLE cases_contact; --\n<script>alert(1)</script>",
    ],
    ids=["50,000 characters", "emoji", "right to left", "code"],
)
def test_any_text_is_kept_whole(cast, text):
    with as_(cast.practitioner):
        contact = log(cast, note=text, heard={cast.child.pk: Heard(text)})
        assert contact.notes.get().text == text
        assert ContactNote.objects.get(contact=contact).voices.get().said == text


def test_a_note_under_another_familys_contact_is_refused_by_the_database(cast):
    """The rows go in one statement; the keys between them hold all the same."""
    with as_(cast.practitioner), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as raw:
        note = Contact.objects.get(pk=cast.contact.pk).notes.get()
        raw.execute(
            "INSERT INTO cases_childvoice (id, cluster_id, family_id, created_at, note_id, person_id, how, said,"
            " private, author_id) VALUES (gen_random_uuid(), %s, %s, now(), %s, %s, 'words', 'x', false, %s)",
            [note.cluster_id, cast.referral.family_id, note.pk, cast.child.pk, cast.practitioner.pk],
        )
