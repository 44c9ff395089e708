"""What is written through the API: the same services as the pages call, and every refusal named."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.models import Case, Contact, Goal, Plan, PlannedSession
from cluster_ehs.core.models import Event, Message
from clusters.models import NeedLevel, PartnerService, ThresholdDocument
from families.models import Family, Person
from referrals.models import Intake, Referral, Story
from tests.api.bodies import (
    a_contact_body,
    a_decision_body,
    a_goal_body,
    a_notification_body,
    a_referral_body,
    a_session_body,
    an_interpreter_body,
)
from tests.api.callers import Caller, url
from tests.fixtures_cast import Cast, as_
from triage.models import Decision, Ending, Offer

DAY_AFTER_TOMORROW = (timezone.localdate() + timedelta(days=2)).isoformat()


# --- logging a referral ---
def test_a_referral_is_logged_as_by_the_page(cast: Cast) -> None:
    body = a_referral_body(
        cast,
        harm=True,
        carer={"first_name": "Ada", "last_name": "Invented"},
        home={"address": "2 Invented Row", "postcode": "LS8 1AB"},
    )
    answer = Caller(cast.practitioner).post(url("referral-list"), body)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert answer["Location"] == url("referral", made["id"])
    assert "Idempotent-Replayed" not in answer
    assert (made["child"]["name"], made["status"], made["harm_flagged"]) == ("Ngozi Invented", "to_screen", True)
    with as_(cast.leader):
        referral = Referral.objects.get(pk=made["id"])
        assert referral.author == cast.practitioner
        assert referral.reasons.count() == 1
        assert Person.objects.get(pk=referral.child_id).birth_date == date(2016, 2, 29)
        assert Person.objects.filter(family_id=referral.family_id, is_child=False).get().first_name == "Ada"
        assert Family.objects.get(pk=referral.family_id).postcode == "LS8 1AB"
        assert Story.objects.get(referral=referral).worrying == "Does not sleep."
        assert Event.objects.filter(family_id=referral.family_id, kind="referral.received").exists()
    assert Message.objects.filter(to=cast.leader.email).exists()


def test_a_record_can_be_restricted_from_the_start_and_a_known_one_by_a_leader_alone(cast: Cast) -> None:
    program = Caller(cast.practitioner)
    made = program.post(url("referral-list"), a_referral_body(cast, restricted=True)).json()
    for reader, sees in ((cast.practitioner, True), (cast.leader, True), (cast.colleague, False)):
        with as_(reader):
            assert Referral.objects.filter(pk=made["id"]).exists() is sees
    known = a_referral_body(cast, restricted=True, child=None, child_id=str(cast.child.pk))
    refused = program.post(url("referral-list"), known)
    assert refused.status_code == 400, refused.json()
    assert "A leader of the Cluster restricts it" in refused.text


def test_a_level_of_need_is_said_at_the_referral_and_read_again(cast: Cast) -> None:
    program = Caller(cast.practitioner)
    codes = Caller(cast.practitioner, scopes=[]).get(url("codes")).json()["need_levels"]
    level = next(each for each in codes if each["above_early_help"])
    made = program.post(url("referral-list"), a_referral_body(cast, need_level=level["id"])).json()
    assert made["need_level"] == level
    assert program.get(url("referral", made["id"])).json()["need_level"] == level
    unsaid = program.post(url("referral-list"), a_referral_body(cast, child={"last_name": "Second"})).json()
    assert unsaid["need_level"] is None
    with as_(cast.leader):
        assert Referral.objects.get(pk=made["id"]).need_level_id == level["id"]
    gone = ThresholdDocument.objects.create(authority="Invented", name="Before", starts_on=date(2001, 1, 1))
    old = NeedLevel.objects.create(document=gone, order=1, label="1 Of long ago")
    decision, leader = url("decision", cast.referral.pk), Caller(cast.leader)
    assert leader.post(decision, a_decision_body(need_level=old.pk)).json().keys() == {"need_level"}
    assert leader.post(decision, a_decision_body(need_level=level["id"])).json()["need_level"] == level
    for wrong in (old.pk, 10**9):
        answer = program.post(url("referral-list"), a_referral_body(cast, need_level=wrong))
        assert (answer.status_code, list(answer.json())) == (400, ["need_level"])


def test_a_known_child_is_referred_again_without_a_second_record(cast: Cast) -> None:
    with as_(cast.leader):
        before = Person.objects.count()
    body = a_referral_body(cast, child=None, child_id=str(cast.child.pk))
    answer = Caller(cast.leader).post(url("referral-list"), body)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["family"] == str(cast.family.pk)
    with as_(cast.leader):
        assert Person.objects.count() == before
    sister = Caller(cast.leader).post(url("referral-list"), a_referral_body(cast, family=str(cast.family.pk)))
    assert sister.json()["family"] == str(cast.family.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"child": None}, "child"),
        ({"child": {"first_name": "Kit"}}, "child.last_name"),
        ({"child": {"last_name": "Kit", "birth_date": DAY_AFTER_TOMORROW}}, "child.birth_date"),
        ({"child": {"last_name": "Kit", "birth_date": "1990-01-01"}}, "child.birth_date"),
        ({"child": {"last_name": "Kit", "upn": "A801200005001"}}, "child.upn"),
        ({"child": {"last_name": "Kit", "nhs_number": "9434765918"}}, "child.nhs_number"),
        ({"child": {"last_name": "Kit", "ethnicity": "none"}}, "child.ethnicity"),
        ({"child": {"last_name": "Kit", "restricted": False}}, "child.restricted"),
        ({"child": None, "child_id": str(uuid4())}, "child_id"),
        ({"family": str(uuid4())}, "family"),
        ({"cluster": 10**30}, "cluster"),
        ({"school": 10**30}, "school"),
        ({"route": "none"}, "route"),
        ({"reasons": ["none"]}, "reasons.0"),
        ({"channel": "imported"}, "channel"),
        ({"received_on": DAY_AFTER_TOMORROW}, "received_on"),
        ({"attendance_percent": 101}, "attendance_percent"),
        ({"agreed_on": DAY_AFTER_TOMORROW}, "agreed_on"),
        ({"referrer": {"email": "nobody"}}, "referrer.email"),
        ({"status": "decided"}, "status"),
        ({"author": 1}, "author"),
        ({"cluster_id": 1}, "cluster_id"),
    ],
)
def test_a_wrong_referral_is_named_and_nothing_is_made(changes: dict, field: str, cast: Cast) -> None:
    answer = Caller(cast.leader).post(url("referral-list"), a_referral_body(cast, **changes))
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.json()
    with as_(cast.leader):
        assert not Referral.objects.filter(author=cast.leader).exists()
        assert not Family.objects.filter(name="Invented").exists()


def test_referrals_are_logged_for_the_own_cluster_by_its_staff(cast: Cast) -> None:
    body = a_referral_body(cast)
    for person in (cast.other_leader, cast.manager, cast.referrer, cast.guest):
        answer = Caller(person).post(url("referral-list"), body)
        assert (answer.status_code, list(answer.json())) == (403, ["detail"])
    override = Caller(cast.practitioner).post(url("referral-list"), a_referral_body(cast, override_reason="Near"))
    assert override.status_code == 403


def test_a_child_or_family_of_another_cluster_cannot_be_named(cast: Cast) -> None:
    theirs = Caller(cast.other_leader).get(url("referral", cast.other_referral.pk)).json()
    for changes, field in (
        ({"child": None, "child_id": theirs["child"]["id"]}, "child_id"),
        ({"family": theirs["family"]}, "family"),
    ):
        answer = Caller(cast.leader).post(url("referral-list"), a_referral_body(cast, **changes))
        assert (answer.status_code, list(answer.json())) == (400, [field])


# --- deciding ---
def test_a_leader_decides(cast: Cast) -> None:
    answer = Caller(cast.leader).post(url("decision", cast.referral.pk), a_decision_body())
    assert answer.status_code == 201, answer.json()
    assert answer["Location"] == url("decision", cast.referral.pk)
    made = answer.json()
    (offer,) = made["offers"]
    assert (made["decided_by"], offer["priority"], offer["status"]) == ("Dee Example", 2, "waiting")
    with as_(cast.leader):
        assert Offer.objects.get(decision__referral=cast.referral).service.code == "family_support"
        assert Event.objects.filter(kind="decision").exists()


def test_a_leader_decides_in_a_meeting_for_one_of_the_family(cast: Cast) -> None:
    with as_(cast.leader):
        child = Person.objects.get(pk=cast.referral.child_id)
    service = {"service": "childrens_therapy", "person": str(child.pk)}
    body = a_decision_body(services=[service], meeting=str(cast.meeting.pk))
    made = Caller(cast.leader).post(url("decision", cast.referral.pk), body).json()
    assert made["meeting"] == str(cast.meeting.pk)
    assert made["offers"][0]["person"] == str(child.pk)


def test_passed_on_ends_with_its_outcome(cast: Cast) -> None:
    partner = PartnerService.objects.create(name="Invented Partner")
    body = a_decision_body(response="passed_on", services=[], partners=[partner.pk])
    made = Caller(cast.leader).post(url("decision", cast.referral.pk), body).json()
    assert made["passed_on"][0]["partner"] == {"id": partner.pk, "name": partner.name}
    assert made["ending"]["outcomes"] == ["passed_on"]
    with as_(cast.leader):
        assert Ending.objects.filter(referral=cast.referral).exists()


def test_who_was_second_is_told_who_was_first(cast: Cast) -> None:
    program = Caller(cast.leader)
    assert program.post(url("decision", cast.referral.pk), a_decision_body()).status_code == 201
    second = program.post(url("decision", cast.referral.pk), a_decision_body(rationale="Again."))
    assert second.status_code == 409
    assert second.json()["detail"].startswith("Decided by Dee Example at ")
    with as_(cast.leader):
        assert Decision.objects.get(referral=cast.referral).rationale == "Family support fits."


def test_only_a_leader_decides(cast: Cast) -> None:
    answer = Caller(cast.practitioner).post(url("decision", cast.referral.pk), {})
    assert answer.status_code == 403
    assert answer.json() == {"detail": "Only a leader of this Cluster may decide a referral."}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"response": "maybe"}, "response"),
        ({"rationale": " "}, "rationale"),
        ({"services": []}, "services"),
        ({"services": [{"service": "none"}]}, "services.0.service"),
        ({"services": [{"service": "family_support", "person": str(uuid4())}]}, "services.0.person"),
        ({"services": [{"service": "family_support", "priority": 9}]}, "services.0.priority"),
        ({"services": [{"service": "family_support", "status": "started"}]}, "services.0.status"),
        ({"partners": [10**30]}, "partners"),
        ({"meeting": str(uuid4())}, "meeting"),
        ({"outcomes": ["completed"]}, "outcomes.0"),
        ({"decided_by": 1}, "decided_by"),
        ({"decided_on": "2020-01-01"}, "decided_on"),
    ],
)
def test_a_wrong_decision_is_named(changes: dict, field: str, cast: Cast) -> None:
    answer = Caller(cast.leader).post(url("decision", cast.referral.pk), a_decision_body(**changes))
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.json()
    with as_(cast.leader):
        assert not Decision.objects.filter(referral=cast.referral).exists()


# --- taking up offers ---
def an_offer(cast: Cast) -> str:
    decision = Caller(cast.leader).post(url("decision", cast.referral.pk), a_decision_body()).json()
    return decision["offers"][0]["id"]


def test_a_leader_takes_up_an_offer(cast: Cast) -> None:
    body = {"offers": [an_offer(cast)], "lead_worker": cast.colleague.pk, "next_step": "First visit"}
    answer = Caller(cast.leader).post(url("case-list"), body)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert answer["Location"] == url("case", made["id"])
    assert (made["lead_worker"], made["next_step"]) == ("Ben Example", "First visit")
    assert [service["service"] for service in made["services"]] == ["family_support"]
    with as_(cast.leader):
        assert Offer.objects.get(pk=body["offers"][0]).status == "allocated"
    again = Caller(cast.leader).post(url("case-list"), body)
    assert (again.status_code, "already allocated to Ben Example" in again.json()["detail"]) == (409, True)


def test_only_a_leader_takes_up_offers(cast: Cast) -> None:
    for person in (cast.practitioner, cast.manager, cast.guest):
        answer = Caller(person).post(url("case-list"), {})
        assert (answer.status_code, answer.json()["detail"]) == (
            403,
            "Only a leader of a Cluster can allocate a family.",
        )
    theirs = {"offers": [an_offer(cast)], "lead_worker": cast.other_practitioner.pk}
    answer = Caller(cast.other_leader).post(url("case-list"), theirs)
    assert (answer.status_code, list(answer.json())) == (400, ["offers"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"offers": []}, "offers"),
        ({"offers": [str(uuid4())]}, "offers"),
        ({"lead_worker": None}, "lead_worker"),
        ({"lead_worker": 10**30}, "lead_worker"),
        ({"on": DAY_AFTER_TOMORROW}, "on"),
        ({"reference": "RI-C2026-9999"}, "reference"),
        ({"status": "closed"}, "status"),
    ],
)
def test_a_wrong_allocation_is_named(changes: dict, field: str, cast: Cast) -> None:
    body = {"offers": [an_offer(cast)], "lead_worker": cast.practitioner.pk, **changes}
    answer = Caller(cast.leader).post(url("case-list"), body)
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.json()
    with as_(cast.leader):
        assert not Case.objects.filter(family_id=cast.referral.family_id).exists()


def test_a_worker_of_another_cluster_cannot_lead(cast: Cast) -> None:
    body = {"offers": [an_offer(cast)], "lead_worker": cast.other_practitioner.pk}
    answer = Caller(cast.leader).post(url("case-list"), body)
    assert (answer.status_code, list(answer.json())) == (400, ["lead_worker"])


# --- contacts and goals ---
def test_a_contact_is_logged_with_a_score(cast: Cast) -> None:
    program = Caller(cast.practitioner)
    plan = program.post(url("plan", cast.case.pk), a_goal_body(cast))
    assert plan.status_code == 201, plan.json()
    (goal,) = plan.json()["goals"]
    assert (goal["words"], goal["baseline"], goal["position"]) == ("Mornings without shouting", 3, 1)
    assert goal["agreements"] == [{"person": str(cast.mother.pk), "agrees": True, "words": "Yes please"}]
    body = a_contact_body(cast, scores=[{"goal": goal["id"], "score": 5}], next_step="Ring school")
    answer = program.post(url("contact-list", cast.case.pk), body)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["author"], made["child_seen"], made["scores"]) == (
        "Asha Example",
        True,
        [{"goal": "Mornings without shouting", "score": 5}],
    )
    assert [score["score"] for score in program.get(url("plan", cast.case.pk)).json()["goals"][0]["scores"]] == [3, 5]
    assert program.get(url("case", cast.case.pk)).json()["next_step"] == "Ring school"


def test_a_contact_says_of_each_child_and_goal_what_is_known(cast: Cast) -> None:
    program = Caller(cast.practitioner)
    (goal,) = program.post(url("plan", cast.case.pk), a_goal_body(cast)).json()["goals"]
    sessions, interpreters = url("session-list", cast.case.pk), url("interpreter-list", cast.case.pk)
    planned = program.post(sessions, a_session_body())
    assert planned.status_code == 201, planned.json()
    first, second = planned.json()["sessions"]
    assert (first["minutes"], first["contact"], first["worker"]["name"]) == (45, None, "Asha Example")
    booked = program.post(interpreters, an_interpreter_body(cast, planned=first["id"]))
    assert booked.status_code == 201, booked.json()
    assert (booked.json()["status"], booked.json()["pence"]) == ("booked", 4850)
    with as_(cast.practitioner):
        PlannedSession.objects.filter(pk=first["id"]).update(at=timezone.now() - timedelta(hours=2))
    child = str(cast.child.pk)
    body = a_contact_body(
        cast,
        people=[str(cast.mother.pk)],
        children=[{"person": child, "seen": True, "alone": True, "said": "Pointed at the door.", "how": "signs"}],
        not_asked=[goal["id"]],
        late_minutes=15,
        planned=first["id"],
        interpreter=booked.json()["id"],
        interpreter_minutes=40,
    )
    answer = program.post(url("contact-list", cast.case.pk), body)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert made["children"] == [
        {"person": child, "seen": True, "alone": True, "said": "Pointed at the door.", "how": "signs"}
    ]
    assert (made["not_asked"], made["scores"], made["late_minutes"]) == (["Mornings without shouting"], [], 15)
    there = {row["id"]: row for row in program.get(sessions).json()["results"]}
    assert (there[first["id"]]["contact"], there[second["id"]]["contact"]) == (made["id"], None)
    (used,) = program.get(interpreters).json()["results"]
    assert (used["status"], used["minutes_used"], used["contact"]) == ("used", 40, made["id"])
    again = program.post(url("contact-list", cast.case.pk), {**body, "interpreter": None})
    assert again.status_code in (400, 409), "the planned session is recorded already"
    for address in (sessions, interpreters):
        assert Caller(cast.other_practitioner).get(address).status_code == 404
        assert Caller(cast.colleague).post(address, {}).status_code == 403


def test_a_fourth_goal_is_refused(cast: Cast) -> None:
    program = Caller(cast.practitioner)
    for number in (1, 2, 3):
        assert program.post(url("plan", cast.case.pk), a_goal_body(cast, words=f"Goal {number}")).status_code == 201
    fourth = program.post(url("plan", cast.case.pk), a_goal_body(cast, words="Goal 4"))
    assert (fourth.status_code, "at most three" in fourth.json()["words"][0]) == (400, True)
    with as_(cast.leader):
        assert Goal.objects.filter(plan__case=cast.case).count() == 3


def test_only_those_who_work_on_the_case_write_in_it(cast: Cast) -> None:
    for name in ("contact-list", "plan"):
        answer = Caller(cast.colleague).post(url(name, cast.case.pk), {})
        assert (answer.status_code, "You can read it" in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"at": f"{DAY_AFTER_TOMORROW}T10:00:00Z"}, "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "at"),
        ({"at": "9999-12-31T23:59:59-12:00"}, "at"),
        ({"at": "1999-01-01T00:00:00Z"}, "at"),
        ({"people": []}, "people"),
        ({"people": [str(uuid4())]}, "people"),
        ({"note": ""}, "note"),
        ({"minutes": 100_000}, "minutes"),
        ({"scores": [{"goal": str(uuid4()), "score": 11}]}, "scores.0.score"),
        ({"scores": [{"goal": str(uuid4()), "score": 5}]}, "scores"),
        ({"not_asked": [str(uuid4())]}, "not_asked"),
        ({"children": [{"person": str(uuid4())}]}, "children"),
        ({"planned": str(uuid4())}, "planned"),
        ({"interpreter": str(uuid4())}, "interpreter"),
        ({"case_service": str(uuid4())}, "case_service"),
        ({"private": True}, "private"),
        ({"author": 1}, "author"),
    ],
)
def test_a_wrong_contact_is_named(changes: dict, field: str, cast: Cast) -> None:
    answer = Caller(cast.practitioner).post(url("contact-list", cast.case.pk), a_contact_body(cast, **changes))
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.json()
    with as_(cast.leader):
        assert Contact.objects.filter(case=cast.case).count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": ""}, "words"),
        ({"baseline": 11}, "baseline"),
        ({"target": -1}, "target"),
        ({"whose": str(uuid4())}, "whose"),
        ({"agreements": [{"person": str(uuid4()), "agrees": True}]}, "agreements"),
        ({"on": DAY_AFTER_TOMORROW}, "on"),
        ({"position": 3}, "position"),
        ({"status": "achieved"}, "status"),
    ],
)
def test_a_wrong_goal_is_named(changes: dict, field: str, cast: Cast) -> None:
    answer = Caller(cast.practitioner).post(url("plan", cast.case.pk), a_goal_body(cast, **changes))
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.json()
    with as_(cast.leader):
        assert not Plan.objects.filter(case=cast.case).exists()


def test_a_notification_is_kept_once_and_says_nothing_of_who_is_known(cast: Cast) -> None:
    police, body = Caller(cast.manager, ["intake:write"]), a_notification_body(cast)
    first = police.post(url("intake"), body, key="first-delivery")
    again = police.post(url("intake"), body, key="first-delivery")
    later = police.post(url("intake"), body)
    assert [answer.status_code for answer in (first, again, later)] == [201, 201, 201]
    assert first.json() == again.json() == later.json()
    assert again["Idempotent-Replayed"] == "true"
    assert set(first.json()) == {"id", "reference"}
    assert police.post(url("intake"), {**body, "notes": "x"}, key="first-delivery").status_code == 409
    with as_(cast.leader):
        kept = Intake.objects.get(pk=first.json()["id"])
        assert (kept.source, kept.cluster, kept.payload["worrying"]) == ("police", cast.cluster, body["worrying"])
    assert police.get(url("referral-list")).status_code == 403
    assert Caller(cast.manager, ["referrals:write"]).post(url("intake"), body).status_code == 403
    assert Caller(cast.practitioner, ["intake:write"]).post(url("intake"), body).status_code == 403
    wrong = police.post(url("intake"), {**body, "source": "online", "first_naem": "x"})
    assert (wrong.status_code, set(wrong.json())) == (400, {"first_naem"})
