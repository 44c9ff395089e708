"""Two leaders send their decisions at the same moment: the page tells the second by whom and when."""

import html
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from clusters.models import Role
from tests.fixtures_cast import a_service, a_user, as_, make_cast, sign_in
from tests.triage.pages import once
from triage import services
from triage.models import Decision, Offer


@pytest.mark.django_db(transaction=True)
def test_one_decides_and_the_other_is_told_by_whom_and_when(transactional_db: None) -> None:
    cast = make_cast()
    second = a_user("Sal Second", role=Role.LEADER, cluster=cast.cluster)
    url = f"/screening/{cast.meeting.pk}/{cast.referral.pk}/"
    support = str(a_service("family_support").pk)
    ready = threading.Barrier(2)
    answers: dict[str, Any] = {}

    def go(name: str, client: Client) -> None:
        form = {
            **once(),
            "response": "service",
            "services": [support],
            "priority": "3",
            "rationale": f"Decided by {name}.",
        }
        try:
            ready.wait(timeout=20)
            answers[name] = client.post(url, form)
        finally:
            connections.close_all()

    clients = {user.name: sign_in(Client(), user) for user in (cast.leader, second)}
    threads = [threading.Thread(target=go, args=pair) for pair in clients.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(answer.status_code for answer in answers.values()) == [302, 409]
    with as_(cast.leader):
        decision = Decision.objects.select_related("decided_by").get(referral=cast.referral)
        assert Offer.objects.filter(decision=decision).count() == 1
    told = next(answer for answer in answers.values() if answer.status_code == 409)
    at = timezone.localtime(decision.decided_at)
    assert decision.decided_by is not None
    assert f"Decided by {decision.decided_by.name} at {at:%H:%M}" in html.unescape(told.content.decode())
    assert answers[decision.decided_by.name].status_code == 302
    assert decision.rationale == f"Decided by {decision.decided_by.name}."


@pytest.mark.django_db(transaction=True)
def test_two_defer_at_once_and_it_stands_on_one_later_agenda_once(transactional_db: None) -> None:
    cast = make_cast()
    second = a_user("Sal Second", role=Role.LEADER, cluster=cast.cluster)
    with as_(cast.leader):
        following = services.plan_meeting(
            by=cast.leader, cluster_id=cast.cluster.pk, starts_at=timezone.now() + timedelta(days=7)
        )
    url = f"/screening/{cast.meeting.pk}/{cast.referral.pk}/defer/"
    ready = threading.Barrier(2)
    answers: list[int] = []

    def go(client: Client) -> None:
        try:
            ready.wait(timeout=20)
            form = {**once(), "reason": "School to say more.", "to": str(following.pk)}
            answers.append(client.post(url, form).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[sign_in(Client(), user)]) for user in (cast.leader, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [302, 409]
    with as_(cast.leader):
        assert following.items.count() == 1
        assert cast.meeting.items.get().deferred_reason == "School to say more."
