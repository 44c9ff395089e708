"""A case opened again by mistake: closed as it was in one step, unless something was written since."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, ContactNote, LeadWorker, SocialCareStep
from cases.services import log_contact
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Change
from outcomes.models import Closure
from outcomes.reopening import undo_reopening
from outcomes.services import reopen_case
from referrals.models import Referral, Status
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_backstop import at_commit
from tests.outcomes.test_services import closed_case
from triage.models import Ending, StepUp


def state(cast: Cast) -> list[object]:
    case = Case.objects.get(pk=cast.case.pk)
    return [
        (case.status, case.closed_on, case.review_due_on, case.next_step),
        list(LeadWorker.objects.filter(case=case).order_by("starts_on", "pk").values("pk", "worker", "ends_on")),
        list(case.services.order_by("pk").values("pk", "status", "ends_on")),
        list(Ending.objects.values("referral_id", "ended_on", "where", "outcomes__outcome")),
        list(Closure.objects.values("pk", "status", "closed_on", "reopened_at", "reopened_by", "reopened_reason")),
        Referral.objects.get(pk=cast.case_referral.pk).status,
    ]


def reopened(cast: Cast) -> None:
    with as_(cast.leader):
        reopen_case(by=cast.leader, case=cast.case, reason="Clicked in the wrong case")


def test_it_goes_back_to_how_it_was_closed_and_the_history_stays(cast: Cast, client: Client) -> None:
    closed_case(cast)
    with as_(cast.leader):
        before = state(cast)
    assert before[-1] == Status.ENDED
    reopened(cast)
    url = reverse("case-reopen-undo", args=[cast.case.pk])
    sign_in(client, cast.practitioner)
    assert client.get(url).status_code == 403
    sign_in(client, cast.leader)
    outcomes = reverse("case-outcomes", args=[cast.case.pk])
    assert url in client.get(outcomes).content.decode()
    assert "Nothing was written since" in client.get(url).content.decode()
    assert "Enter why it was a mistake" in client.post(url, {"reason": ""}).content.decode()
    assert client.post(url, {"reason": "It was their cousins’ case"}).url == outcomes
    with as_(cast.leader):
        at_commit()
        assert state(cast) == before
        assert Change.objects.filter(table_name="cases_leadworker", operation="delete").exists()
    chronology = client.get(reverse("case-chronology", args=[cast.case.pk])).content.decode()
    for said in ("Case opened again", "Clicked in the wrong case", "Reopening undone", "It was their cousins’ case"):
        assert said in chronology, said
    # And it can be opened again, and that undone, as before.
    reopened(cast)
    with as_(cast.leader):
        undo_reopening(by=cast.leader, case=cast.case, reason="Again")
        at_commit()
        assert state(cast) == before
        with pytest.raises(Denied, match="was not opened again"):
            undo_reopening(by=cast.leader, case=cast.case, reason="Once more")


def test_what_was_written_since_is_named_and_nothing_is_lost(cast: Cast, client: Client) -> None:
    closed_case(cast)
    reopened(cast)
    with as_(cast.practitioner):
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="phone",
            people=[cast.mother],
            note="Rang mum.",
            at=timezone.now(),
        )
    with as_(cast.leader), pytest.raises(Denied, match=r"contacts \(1\).*Close it with a closure"):
        undo_reopening(by=cast.leader, case=cast.case, reason="A mistake")
    sign_in(client, cast.leader)
    page = client.get(reverse("case-reopen-undo", args=[cast.case.pk])).content.decode()
    assert "contacts (1)" in page and reverse("case-close", args=[cast.case.pk]) in page
    with as_(cast.leader):
        assert Case.objects.get(pk=cast.case.pk).status == "open"


def test_a_private_note_that_the_leader_cannot_read_counts(cast: Cast) -> None:
    closed_case(cast)
    reopened(cast)
    keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
    with as_(cast.therapist):
        note = ContactNote.objects.create(
            **keys, contact=cast.session, author=cast.therapist, text="Late", private=True
        )
    with as_(cast.leader):
        assert not ContactNote.objects.filter(pk=note.pk).exists()
        with pytest.raises(Denied, match="Since the case was opened again"):
            undo_reopening(by=cast.leader, case=cast.case, reason="A mistake")


@pytest.mark.parametrize(("days", "allowed"), [(28, True), (29, False)])
def test_within_28_days_of_the_reopening(cast: Cast, days: int, allowed: bool) -> None:
    closed_case(cast)
    reopened(cast)
    with as_(cast.practitioner), pytest.raises(Denied, match="Only a leader"):
        undo_reopening(by=cast.practitioner, case=cast.case, reason="A mistake")
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False), as_(cast.leader):
        if allowed:
            with pytest.raises(ValidationError, match="Enter why"):
                undo_reopening(by=cast.leader, case=cast.case, reason=" ")
            undo_reopening(by=cast.leader, case=cast.case, reason="A mistake")
        else:
            with pytest.raises(Denied, match="Close the case with a closure"):
                undo_reopening(by=cast.leader, case=cast.case, reason="A mistake")
        assert (Case.objects.get(pk=cast.case.pk).status == "closed") is allowed


def test_a_closure_after_a_step_up_begins_with_its_outcome(cast: Cast, client: Client) -> None:
    url, ticked = reverse("case-close", args=[cast.case.pk]), 'value="passed_on" checked'
    sign_in(client, cast.practitioner)
    assert ticked not in client.get(url).content.decode()
    keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
    with as_(cast.practitioner):
        up = StepUp.objects.create(
            **keys,
            referral=cast.case_referral,
            stepped_up_at=timezone.now(),
            stepped_up_by=cast.practitioner,
            taken_by="Sam",
        )
        SocialCareStep.objects.create(
            **keys,
            case=cast.case,
            direction="up",
            stepped_on=timezone.localdate(),
            step_up=up,
            decided_by="Dee",
            why="x",
            meanwhile="closes",
            recorded_by=cast.practitioner,
        )
    assert ticked in " ".join(client.get(url).content.decode().split())
