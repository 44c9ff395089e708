"""What a service may use up: the rule, its history, its end, and two at the same moment."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Attendance, CaseService, Contact, ContactNote, Extension, PlannedSession, ServiceHandover
from cases.selectors.support import services_of, use_of
from cases.services import (
    add_service,
    answer_extension,
    ask_extension,
    change_worker,
    end_service,
    entitlement_on,
    log_contact,
    plan_sessions,
)
from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import Entitlement
from tests.cases.test_at_once import at_once
from tests.fixtures_cast import a_service, as_, make_cast, sign_in


def the_therapy(cast, **rule):
    """The therapy of the case under an entitlement of 1 assessment session and 2 of intervention."""
    made = Entitlement.objects.create(
        service=a_service("childrens_therapy"),
        effective_from=date(2024, 1, 1),
        **{"assessment_sessions": 1, "intervention_sessions": 2, **rule},
    )
    with as_(cast.therapist):
        CaseService.objects.filter(case=cast.case, worker=cast.therapist).update(entitlement=made)
    return CaseService(pk=cast.session.case_service_id)


def session(cast, service, attendance=Attendance.ATTENDED, **more):
    with as_(cast.therapist):
        return log_contact(
            by=cast.therapist,
            case=cast.case,
            kind="session",
            at=timezone.now(),
            people=[cast.child],
            note="Drew a house.",
            case_service=service,
            attendance=attendance,
            **more,
        )


def use(cast):
    with as_(cast.therapist):
        return use_of(next(s for s in services_of(cast.case.pk) if s.service.kind == "childrens_therapy"))


@pytest.mark.django_db
def test_a_package_keeps_the_entitlement_that_it_began_under(cast):
    """21, then 6 to 8, then 12 sessions, as the evaluation tells it: each family has what its first day gave it."""
    therapy = a_service("childrens_therapy")
    Entitlement.objects.filter(service=therapy).delete()
    for day, assessment, sessions in ((date(2015, 9, 1), 0, 21), (date(2021, 9, 1), 0, 8), (date(2023, 4, 1), 3, 12)):
        Entitlement.objects.create(
            service=therapy, effective_from=day, assessment_sessions=assessment, intervention_sessions=sessions
        )

    def of(day):
        rule = entitlement_on(cluster_id=cast.cluster.pk, service_id=therapy.pk, day=day)
        return rule and rule.intervention_sessions

    assert [of(date(2015, 8, 31)), of(date(2021, 8, 31)), of(date(2021, 9, 1)), of(date(2023, 4, 1))] == [
        None,
        21,
        8,
        12,
    ]
    with as_(cast.leader):
        service = add_service(by=cast.leader, case=cast.case, service=therapy, worker=cast.therapist)
        assert service.entitlement.intervention_sessions == 12
    # A new entitlement from today on, of every Cluster and of this one alone, leaves it as it was.
    Entitlement.objects.create(service=therapy, effective_from=timezone.localdate(), intervention_sessions=4)
    Entitlement.objects.create(
        service=therapy, cluster=cast.cluster, effective_from=timezone.localdate(), intervention_sessions=5
    )
    with as_(cast.therapist):
        row = next(s for s in services_of(cast.case.pk) if s.pk == service.pk)
        assert use_of(row).text == "0 of 3 assessment, 0 of 12 sessions"
    assert of(timezone.localdate()) == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("attendance", "strict", "used"),
    [
        (Attendance.ATTENDED, False, 1),
        (Attendance.NOT_ATTENDED, False, 0),
        (Attendance.NOT_ATTENDED, True, 1),
        (Attendance.CANCELLED_FAMILY, True, 0),
        (Attendance.CANCELLED_SERVICE, True, 0),
        (Attendance.CANCELLED_SCHOOL, True, 0),
    ],
)
def test_what_counts_is_a_rule_of_the_entitlement(cast, attendance, strict, used):
    service = the_therapy(cast, counts_not_attended=strict)
    session(cast, service, attendance, late_minutes=15)
    found = use(cast)
    assert found.used == 1 + used
    assert found.text == f"1 of 1 assessment, {used} of 2 sessions"
    with as_(cast.therapist):
        late = Contact.objects.latest("at").late_minutes
    assert late == (15 if attendance == Attendance.ATTENDED else None)


@pytest.mark.django_db
def test_a_session_beyond_the_entitlement_is_refused_with_what_can_be_done(cast):
    service = the_therapy(cast)
    with pytest.raises(ValidationError) as refused:
        session(cast, service, session_kind="assessment")
    assert "The 1 assessment sessions of" in str(refused.value.message_dict["case_service"])
    session(cast, service)
    assert use(cast).warning == "1 session left"
    session(cast, service)
    assert use(cast).warning == "No sessions left"
    with pytest.raises(ValidationError) as refused:
        session(cast, service)
    said = refused.value.message_dict["case_service"][0]
    assert "All 2 sessions" in said
    assert "cannot be extended" in said
    # One that did not take place uses nothing up.
    session(cast, service, Attendance.CANCELLED_FAMILY)
    assert use(cast).used == 3


@pytest.mark.django_db
def test_running_out_is_seen_by_the_worker_and_the_leader_two_sessions_ahead(cast, client):
    service = the_therapy(cast, intervention_sessions=3)
    for who in (cast.therapist, cast.leader):
        sign_in(client, who)
        assert "sessions left" not in client.get(reverse("home")).content.decode()
    session(cast, service)
    for who in (cast.therapist, cast.leader):
        sign_in(client, who)
        assert "2 sessions left" in client.get(reverse("home")).content.decode()


@pytest.mark.django_db
def test_an_extension_in_sessions_makes_room_for_them(cast):
    service = the_therapy(cast, extendable=True)
    session(cast, service)
    session(cast, service)
    with pytest.raises(ValidationError) as refused:
        session(cast, service)
    assert "Ask the leader for more sessions" in refused.value.message_dict["case_service"][0]
    with as_(cast.therapist):
        row = CaseService.objects.get(pk=service.pk)
        with pytest.raises(ValidationError) as wrong:
            ask_extension(by=cast.therapist, case_service=row, weeks=4, reason="Nearly there.")
        assert "sessions" in wrong.value.message_dict
        asked = ask_extension(by=cast.therapist, case_service=row, sessions=1, reason="Nearly there.")
    assert asked.more == "1 more session"
    with as_(cast.leader):
        answer_extension(by=cast.leader, extension=asked, approve=True)
    assert use(cast).text == "1 of 1 assessment, 2 of 3 sessions"
    session(cast, service)
    with pytest.raises(ValidationError):
        session(cast, service)


@pytest.mark.django_db
def test_no_extension_is_offered_where_the_entitlement_says_none(cast, client):
    service = the_therapy(cast)
    sign_in(client, cast.therapist)
    text = client.get(reverse("case-services", args=[cast.case.pk])).content.decode()
    assert "no extension" in text
    assert "Ask for an extension of Children" not in text.replace('<span class="govuk-visually-hidden">', "")
    url = reverse("extension-ask", args=[cast.case.pk, service.pk])
    refused = client.post(url, {"sessions": 2, "reason": "Nearly there."})
    assert refused.status_code == 403
    with as_(cast.therapist):
        assert not Extension.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_log_the_last_session_at_once_one_is_told():
    with transaction.atomic():
        cast = make_cast()
        service = the_therapy(cast)
    session(cast, service)
    answers = at_once(*[lambda: session(cast, service).pk] * 2)
    assert sum(isinstance(answer, ValidationError) for answer in answers) == 1
    assert use(cast).text == "1 of 1 assessment, 2 of 2 sessions"


@pytest.mark.django_db
def test_a_leader_adds_a_service_and_the_worker_writes_from_then_on(cast):
    support = a_service("adult_counselling")
    with as_(cast.practitioner), pytest.raises(Denied):
        add_service(by=cast.practitioner, case=cast.case, service=support, worker=cast.colleague)
    with as_(cast.leader):
        for wrong, field in (
            ({"worker": cast.other_practitioner}, "worker"),
            ({"on": timezone.localdate() + timedelta(days=1)}, "on"),
            ({"on": cast.case.opened_on - timedelta(days=1)}, "on"),
            ({"service": a_service("childrens_therapy"), "person": cast.child}, "service"),
        ):
            with pytest.raises(ValidationError) as refused:
                add_service(
                    **{"by": cast.leader, "case": cast.case, "service": support, "worker": cast.colleague} | wrong
                )
            assert field in refused.value.message_dict
        add_service(by=cast.leader, case=cast.case, service=support, worker=cast.colleague, person=cast.mother)
    with as_(cast.colleague):
        log_contact(
            by=cast.colleague, case=cast.case, kind="phone", at=timezone.now(), people=[cast.mother], note="Rang."
        )


@pytest.mark.django_db
def test_a_service_ends_and_the_case_goes_on(cast):
    service = the_therapy(cast)
    with as_(cast.therapist):
        row = CaseService.objects.get(pk=service.pk)
        plan_sessions(
            by=cast.therapist, case=cast.case, case_service=row, at=timezone.now() + timedelta(days=2), minutes=50
        )
        yesterday = timezone.localdate() - timedelta(days=5)
        with pytest.raises(ValidationError) as refused:
            end_service(by=cast.therapist, case_service=row, reason="completed", on=yesterday)
        assert "A session is recorded on" in refused.value.message_dict["on"][0]
        end_service(by=cast.therapist, case_service=row, reason="stopped", words="They had enough.")
    # With the only service that they gave, the therapist leaves the case.
    with pytest.raises(Denied):
        session(cast, service)
    with as_(cast.practitioner):
        assert PlannedSession.objects.get().withdrawn_at
        cast.case.refresh_from_db()
        assert cast.case.status == "open"
    with as_(cast.leader), pytest.raises(Conflict):
        end_service(by=cast.leader, case_service=row, reason="completed")


@pytest.mark.django_db
def test_another_worker_takes_a_therapy_over_and_its_handover_is_as_closed_as_its_notes(cast):
    service = the_therapy(cast)
    with as_(cast.therapist):
        row = CaseService.objects.get(pk=service.pk)
        plan_sessions(by=cast.therapist, case=cast.case, case_service=row, at=timezone.now() + timedelta(days=2))
    with as_(cast.practitioner), pytest.raises(Denied):
        change_worker(by=cast.practitioner, case_service=row, to=cast.colleague, text="Gently.")
    with as_(cast.leader):
        change_worker(by=cast.leader, case_service=row, to=cast.colleague, text="Gently.")
    readers = (cast.leader, cast.therapist, cast.colleague, cast.supervisor)
    for who, seen in [(one, 1) for one in readers] + [(cast.practitioner, 0), (cast.manager, 0), (cast.guest, 0)]:
        with as_(who):
            assert ServiceHandover.objects.count() == seen, who
    with as_(cast.colleague):
        assert PlannedSession.objects.get().worker == cast.colleague
    # What the therapist wrote stays with the therapist and the clinical supervisor, who reads it still.
    with pytest.raises(Denied):
        session(cast, service)
    for who, seen in ((cast.therapist, 1), (cast.supervisor, 1), (cast.colleague, 0), (cast.leader, 0)):
        with as_(who):
            assert ContactNote.objects.filter(contact=cast.session).count() == seen, who
    with as_(cast.supervisor):
        assert Contact.objects.select_related("case").get(pk=cast.session.pk).case.reference
