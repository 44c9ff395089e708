"""The OpenAPI document: it is valid, it is open to read, and the program keeps to it whatever is sent."""

import uuid
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_31

from cases.services import set_goal
from cluster_ehs.core import limits
from cluster_ehs.core.api_schema import document
from clusters.api_auth import SCOPES
from tests.access import addresses
from tests.api.bodies import (
    a_contact_body,
    a_decision_body,
    a_goal_body,
    a_notification_body,
    a_referral_body,
    a_session_body,
    an_interpreter_body,
)
from tests.api.callers import Caller
from tests.fixtures_cast import Cast, as_, decided

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def described(*, coverage: bool) -> schemathesis.BaseSchema:
    """The document with the program behind it. coverage: also one case per boundary and kind of mistake."""
    found = schemathesis.openapi.from_dict(document())
    found.app = WSGIHandler()
    found.config.phases.coverage.enabled = coverage
    found.config.phases.examples.enabled = False
    return found


anything = described(coverage=True)
well_aimed = described(coverage=False)
bounded = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@pytest.mark.django_db
def test_the_document_is_read_without_a_token_and_is_valid_openapi_3_1() -> None:
    answer = Client().get("/api/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found = answer.json()
    assert found["openapi"] == "3.1.0"
    jsonschema_rs.validator_for(OPENAPI_31).validate(found)


def test_every_address_is_described_with_the_scope_it_needs() -> None:
    described = set(document()["paths"])
    known = {f"/{a.pattern.replace('<uuid:pk>', '{id}')}" for a in addresses() if a.name.startswith("api-")}
    assert described == known - {"/api/schema/", r"/api/^[\s\S]*$"}
    for operations in document()["paths"].values():
        for operation in operations.values():
            (needed,) = operation["security"]
            assert set(needed["token"]) <= SCOPES.keys()
            assert {"400", "401", "403", "405", "406"} <= operation["responses"].keys()


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The program runs inside the test's transaction, so that a request must not close the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def leader(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """A leader's program with every scope, and as many calls as it needs."""
    monkeypatch.setattr(limits, "CALLS_A_MINUTE", 1_000_000)
    return Caller(cast.leader)


@pytest.mark.slow
@anything.parametrize()
@bounded
def test_whatever_is_sent_the_answer_is_in_the_document(case: schemathesis.Case, leader: Caller) -> None:
    case.call_and_validate(checks=CHECKS, headers=leader.headers)


@pytest.mark.slow
@well_aimed.parametrize()
@bounded
def test_the_same_of_records_that_are_there(case: schemathesis.Case, cast: Cast, leader: Caller) -> None:
    """With ids and codes that exist, so that what is sent comes as far as the services; each starts from the same."""
    headers = {**leader.headers, "Idempotency-Key": str(uuid.uuid4())}
    with transaction.atomic():
        if case.method == "GET" and "/plan/" in case.operation.path:
            with as_(cast.leader):
                set_goal(by=cast.leader, case=cast.case, words="Mornings without shouting", baseline=3)
        if isinstance(case.path_parameters, dict) and "id" in case.path_parameters:
            case.path_parameters = {"id": str(the_record(case, cast))}
        if isinstance(case.body, dict):
            case.body = {**case.body, **what_is_there(case, cast)}
        case.call_and_validate(checks=CHECKS, headers=headers)
        transaction.set_rollback(True)


def the_record(case: schemathesis.Case, cast: Cast) -> uuid.UUID:
    if "/decision/" in case.operation.path and case.method == "GET":
        return cast.case_referral.pk
    if "/referrals/" in case.operation.path:
        return cast.referral.pk
    return cast.family.pk if "/families/" in case.operation.path else cast.case.pk


def an_offer(cast: Cast) -> str:
    with as_(cast.leader):
        return str(decided(cast.referral, by=cast.leader).offers.get().pk)


def what_is_there(case: schemathesis.Case, cast: Cast) -> dict[str, Any]:
    """What no generator could guess; the words, numbers and choices beside it are the generator's."""
    whole = {
        "/api/v1/intake/": a_notification_body(cast),
        "/api/v1/referrals/": a_referral_body(cast, child_id=None, family=None, carer=None, override_reason=""),
        "/api/v1/referrals/{id}/decision/": a_decision_body(partners=[], outcomes=[], meeting=None),
        "/api/v1/cases/": {"offers": [], "lead_worker": cast.practitioner.pk, "on": None},
        "/api/v1/cases/{id}/contacts/": a_contact_body(
            cast,
            case_service=None,
            scores=[],
            attendance="attended",
            children=[],
            not_asked=[],
            planned=None,
            interpreter=None,
        ),
        "/api/v1/cases/{id}/sessions/": a_session_body(case_service=None, times=1),
        "/api/v1/cases/{id}/interpreters/": an_interpreter_body(cast, planned=None),
        "/api/v1/cases/{id}/plan/": a_goal_body(cast, on=None),
    }[case.operation.path]
    if "offers" in whole:
        whole["offers"] = [an_offer(cast)]
    guessed = {"story", "referrer", "agreed", "agreed_by", "channel", "rationale", "note", "kind", "words", "target"}
    guessed |= {"notes", "harm"}
    return {name: value for name, value in whole.items() if name not in guessed or name not in case.body}
