"""Contacts, sessions, notes and scores: what is kept, what is refused, who reads what."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import Case, CaseService, Contact, ContactNote, GoalScore
from cases.services import Stale, add_note, log_contact, set_goal
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Change
from clusters.models import Entitlement
from families.models import Person
from tests.fixtures_cast import as_
from triage.models import Offer


def log(cast, by, **extra):
    given = {
        "kind": "home_visit",
        "at": timezone.now(),
        "people": [cast.child, cast.mother],
        "note": "Three school days of five.",
    } | extra
    return log_contact(by=by, case=extra.pop("case", cast.case), **{k: v for k, v in given.items() if k != "case"})


def therapy(cast):
    return CaseService.objects.get(case=cast.case, worker=cast.therapist)


def a_goal(cast, by=None, **extra):
    by = by or cast.practitioner
    return set_goal(by=by, case=cast.case, **({"words": "Mornings without shouting", "baseline": 3} | extra))


def test_keeps_who_was_there_the_note_the_scores_and_what_is_next(cast):
    with as_(cast.practitioner):
        goal, other = a_goal(cast), a_goal(cast, words="In school every day")
        contact = log(
            cast,
            cast.practitioner,
            scores={goal.pk: 7, other.pk: None},
            child_said="I like it when Marek walks me.",
            next_step="School visit",
            next_step_on=timezone.localdate() + timedelta(days=3),
        )
        assert {row.person_id for row in contact.people.all()} == {cast.child.pk, cast.mother.pk}
        assert contact.child_seen is True
        note = contact.notes.get()
        assert (note.text, note.child_said) == ("Three school days of five.", "I like it when Marek walks me.")
        assert [(s.goal_id, s.score) for s in contact.scores.all()] == [(goal.pk, 7)]
        case = Case.objects.get(pk=cast.case.pk)
        assert case.last_contact_on == timezone.localdate()
        assert (case.next_step, case.next_step_on) == ("School visit", timezone.localdate() + timedelta(days=3))


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"note": "  "}, "note"),
        ({"people": [], "professionals": ""}, "people"),
        ({"at": timezone.now() + timedelta(hours=1)}, "at"),
        ({"at": timezone.now() - timedelta(days=400)}, "at"),
    ],
)
def test_refuses_and_names_the_field_and_writes_nothing(cast, extra, field):
    with as_(cast.practitioner):
        before = Contact.objects.count()
        with pytest.raises(ValidationError) as wrong:
            log(cast, cast.practitioner, **extra)
        assert list(wrong.value.message_dict) == [field]
        assert Contact.objects.count() == before
        assert Case.objects.get(pk=cast.case.pk).last_contact_on is None


@pytest.mark.parametrize("score", [11, -1, 7.5, True])
def test_a_score_is_a_whole_number_from_0_to_10(cast, score):
    with as_(cast.practitioner):
        goal = a_goal(cast)
        with pytest.raises(ValidationError, match="from 0 to 10") as wrong:
            log(cast, cast.practitioner, scores={goal.pk: score})
        assert list(wrong.value.message_dict) == [f"score_{goal.pk}"]
        assert GoalScore.objects.filter(contact__isnull=False).count() == 0


def test_the_database_holds_no_score_of_11(cast):
    with as_(cast.practitioner):
        goal = a_goal(cast)
        with pytest.raises(IntegrityError, match="goalscore_0_10"), transaction.atomic(), connection.cursor() as raw:
            raw.execute(
                "INSERT INTO cases_goalscore (id, cluster_id, family_id, created_at, goal_id, score, scored_on)"
                " VALUES (gen_random_uuid(), %s, %s, now(), %s, 11, current_date)",
                [goal.cluster_id, goal.family_id, goal.pk],
            )


def test_only_those_who_work_on_the_case_write_in_it(cast):
    with as_(cast.colleague), pytest.raises(Denied, match="You can read it"):
        log(cast, cast.colleague)
    with as_(cast.leader):
        assert log(cast, cast.leader).author == cast.leader
    with as_(cast.therapist):
        assert log(cast, cast.therapist, kind="phone").private is False
    with as_(cast.manager), pytest.raises(Case.DoesNotExist):
        log(cast, cast.manager)
    with as_(cast.other_practitioner), pytest.raises(Case.DoesNotExist):
        log(cast, cast.other_practitioner)


def test_a_closed_case_takes_nothing_more(cast):
    with as_(cast.leader):
        Case.objects.filter(pk=cast.case.pk).update(status="closing", imported=True)
        log(cast, cast.leader)
        Case.objects.filter(pk=cast.case.pk).update(status="closed", closed_on=timezone.localdate())
        with pytest.raises(Denied, match="closed on"):
            log(cast, cast.leader)
        with pytest.raises(Denied, match="closed on"):
            a_goal(cast, by=cast.leader)


def test_a_therapy_note_is_read_by_its_author_and_the_supervisor_alone(cast):
    with as_(cast.therapist):
        contact = log(cast, cast.therapist, kind="session", case_service=therapy(cast), child_said="A secret.")
        assert contact.private
        assert contact.notes.get().private
    for user in (cast.practitioner, cast.leader, cast.colleague):
        with as_(user):
            seen = Contact.objects.get(pk=contact.pk)
            assert seen.attendance == "attended"
            assert not seen.notes.exists()
            assert not Change.objects.filter(private_to=cast.therapist.pk).exists()
    for user in (cast.therapist, cast.supervisor):
        with as_(user):
            assert Contact.objects.get(pk=contact.pk).notes.get().child_said == "A secret."


def test_a_session_of_therapy_is_recorded_by_the_therapist(cast):
    with as_(cast.leader), pytest.raises(Denied, match="by the worker who gives them"):
        log(cast, cast.leader, kind="session", case_service=therapy(cast))


def test_waiting_ends_with_the_first_attended_contact(cast):
    """Not with one that was cancelled, a message, or work without the family."""
    with as_(cast.practitioner):
        offer = Offer.objects.get(taken_up__case=cast.case)
        day = timezone.now() - timedelta(days=4)
        log(cast, cast.practitioner, attendance="not_attended", note="", people=[])
        log(cast, cast.practitioner, kind="message")
        log(cast, cast.practitioner, people=[], professionals="Ms Invented, school")
        offer.refresh_from_db()
        assert (offer.status, offer.started_on) == ("allocated", None)
        log(cast, cast.practitioner)
        offer.refresh_from_db()
        assert (offer.status, offer.started_on) == ("started", timezone.localdate())
        log(cast, cast.practitioner, at=day)
        offer.refresh_from_db()
        assert offer.started_on == timezone.localtime(day).date()


def test_a_contact_of_another_worker_does_not_begin_the_service(cast):
    with as_(cast.therapist):
        log(cast, cast.therapist, kind="session", case_service=therapy(cast))
        assert Offer.objects.get(taken_up__case=cast.case).status == "allocated"


def test_assessment_sessions_come_first(cast):
    rule = Entitlement.objects.create(
        service=therapy_service(cast),
        effective_from=timezone.localdate() - timedelta(days=9),
        assessment_sessions=2,
        intervention_sessions=12,
    )
    with as_(cast.therapist):
        service = therapy(cast)
        CaseService.objects.filter(pk=service.pk).update(entitlement=rule)
        # One assessment session is there already; a cancelled one does not count.
        kinds = [
            log(cast, cast.therapist, kind="session", case_service=service, attendance=attendance).session_kind
            for attendance in ("cancelled_family", "attended", "attended")
        ]
    assert kinds == ["assessment", "assessment", "intervention"]


def therapy_service(cast):
    with as_(cast.leader):
        return therapy(cast).service


def test_a_note_is_corrected_by_its_author_for_a_day_then_added_to(cast):
    with as_(cast.practitioner):
        contact = log(cast, cast.practitioner)
        note = contact.notes.get()
        add_note(by=cast.practitioner, contact=contact, text="Four of five.", correct=note, version=1)
        note.refresh_from_db()
        assert (note.text, note.version) == ("Four of five.", 2)
        assert Change.objects.filter(
            table_name="cases_contactnote", operation="update", before__text="Three school days of five."
        ).exists()
        with pytest.raises(Stale):
            add_note(by=cast.practitioner, contact=contact, text="Mine.", correct=note, version=1)
        ContactNote.objects.filter(pk=note.pk).update(created_at=timezone.now() - timedelta(hours=25))
        with pytest.raises(Denied, match="add to it"):
            add_note(by=cast.practitioner, contact=contact, text="Too late.", correct=note, version=2)
        add_note(by=cast.practitioner, contact=contact, text="It was four.")
        assert [n.text for n in contact.notes.all()] == ["Four of five.", "It was four."]
    with as_(cast.leader):
        with pytest.raises(Denied, match="Only its author"):
            add_note(by=cast.leader, contact=contact, text="Mine.", correct=note)
        assert add_note(by=cast.leader, contact=contact, text="Discussed.").author == cast.leader


def test_nobody_else_adds_to_a_private_note(cast):
    with as_(cast.leader), pytest.raises(Denied, match="clinical supervisor"):
        add_note(by=cast.leader, contact=cast.session, text="Me too.")


def test_people_are_of_this_family(cast):
    with as_(cast.practitioner):
        stranger = Person.objects.exclude(family=cast.family).first()
        with pytest.raises(ValidationError, match="of this family"):
            log(cast, cast.practitioner, people=[stranger])
