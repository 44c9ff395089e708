"""A repeated call makes one record: the key, the content, and two deliveries at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from cases.models import Contact, Goal
from cluster_ehs.core.models import Once
from referrals.models import Referral
from tests.api.bodies import a_contact_body, a_decision_body, a_goal_body, a_referral_body
from tests.api.callers import Caller, url
from tests.fixtures_cast import Cast, as_, make_cast
from triage.models import Decision

KEY = "6f1c2b9e-key.of:mine_1"
Body = Callable[[Cast], dict[str, Any]]
CREATIONS: list[tuple[str, Callable[[Cast], str], Body, Callable[[Cast], int]]] = [
    (
        "referral",
        lambda cast: url("referral-list"),
        a_referral_body,
        lambda cast: Referral.objects.filter(author=cast.leader).count(),
    ),
    (
        "decision",
        lambda cast: url("decision", cast.referral.pk),
        lambda cast: a_decision_body(),
        lambda cast: Decision.objects.filter(referral=cast.referral).count(),
    ),
    (
        "contact",
        lambda cast: url("contact-list", cast.case.pk),
        a_contact_body,
        lambda cast: Contact.objects.filter(case=cast.case, author=cast.leader).count(),
    ),
    (
        "goal",
        lambda cast: url("plan", cast.case.pk),
        a_goal_body,
        lambda cast: Goal.objects.filter(plan__case=cast.case).count(),
    ),
]
of_each = pytest.mark.parametrize(
    ("address", "body", "made"), [entry[1:] for entry in CREATIONS], ids=[entry[0] for entry in CREATIONS]
)


@of_each
def test_the_same_again_is_the_same_answer(address: Any, body: Any, made: Any, cast: Cast) -> None:
    program = Caller(cast.leader)
    sent = body(cast)
    first = program.post(address(cast), sent, key=KEY)
    # The order of the fields is no part of the content.
    again = program.post(address(cast), dict(reversed(sent.items())), key=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again["Location"]) == (first.json(), first["Location"])
    assert ("Idempotent-Replayed" in first, again.headers.get("Idempotent-Replayed")) == (False, "true")
    with as_(cast.leader):
        assert made(cast) == 1


@of_each
def test_the_same_key_with_other_content_is_409(address: Any, body: Any, made: Any, cast: Cast) -> None:
    program = Caller(cast.leader)
    program.post(address(cast), body(cast), key=KEY)
    other = program.post(address(cast), {**body(cast), "note": "Something else", "rationale": "Else"}, key=KEY)
    assert (other.status_code, other.json()) == (
        409,
        {"detail": "This idempotency key was used before with other content."},
    )
    with as_(cast.leader):
        assert made(cast) == 1


def test_the_same_key_at_another_address_is_409(cast: Cast) -> None:
    program = Caller(cast.leader)
    assert program.post(url("contact-list", cast.case.pk), a_contact_body(cast), key=KEY).status_code == 201
    assert program.post(url("plan", cast.case.pk), a_goal_body(cast), key=KEY).status_code == 409


def test_keys_of_two_people_do_not_meet(cast: Cast) -> None:
    for person in (cast.leader, cast.practitioner):
        answer = Caller(person).post(url("contact-list", cast.case.pk), a_contact_body(cast), key=KEY)
        assert (answer.status_code, "Idempotent-Replayed" in answer) == (201, False)


def test_what_was_refused_does_not_use_up_the_key(cast: Cast) -> None:
    program = Caller(cast.leader)
    wrong = program.post(url("contact-list", cast.case.pk), a_contact_body(cast, note=""), key=KEY)
    assert wrong.status_code == 400
    assert not Once.objects.filter(key__endswith=KEY).exists()
    assert program.post(url("contact-list", cast.case.pk), a_contact_body(cast), key=KEY).status_code == 201


@pytest.mark.django_db(transaction=True)
@of_each
def test_two_deliveries_at_once_make_one_record(address: Any, body: Any, made: Any) -> None:
    cast = make_cast()
    sent, both_ready = body(cast), threading.Barrier(2)
    programs = [Caller(cast.leader), Caller(cast.leader)]
    answers: list[Any] = []

    def go(program: Caller) -> None:
        try:
            both_ready.wait(timeout=10)
            answers.append(program.post(address(cast), sent, key=KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(program,)) for program in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [answer.status_code for answer in answers] == [201, 201]
    one, other = answers
    assert one.json() == other.json()
    assert sorted(answer.headers.get("Idempotent-Replayed", "") for answer in answers) == ["", "true"]
    with as_(cast.leader):
        assert made(cast) == 1
