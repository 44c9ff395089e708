"""A program that reads the records out under somebody's sign-in or token is stopped; a person at work is not."""

import pytest
from django.test import Client
from django.urls import reverse

from cluster_ehs.core import limits
from tests.api.callers import Caller, url
from tests.fixtures_cast import Cast, sign_in


def test_searching_by_a_program_ends_and_everybody_else_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SEARCHES_A_MINUTE", 4)
    monkeypatch.setattr(limits, "MINUTE", 3600)
    client, other = sign_in(Client(), cast.practitioner), sign_in(Client(), cast.leader)
    find = {"name": "Novák", "first_name": "", "last_name": "Novák"}
    statuses = [
        *(client.post(reverse("search"), {"q": f"Novák {n}"}).status_code for n in range(3)),
        client.post(reverse("referral-new"), find).status_code,
        client.post(reverse("search"), {"q": "Novák"}).status_code,
        client.post(reverse("referral-new"), find).status_code,
    ]
    assert statuses == [200, 200, 200, 200, 429, 429], "all ways to search count together"
    refused = client.post(reverse("search"), {"q": "Novák"})
    assert refused.headers["Retry-After"] == "60"
    assert "Zdeňka" not in refused.text
    assert client.get(reverse("family", args=[cast.family.pk])).status_code == 200
    assert other.post(reverse("search"), {"q": "Novák"}).status_code == 200


def test_a_token_that_calls_too_often_waits_and_another_does_not(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CALLS_A_MINUTE", 3)
    monkeypatch.setattr(limits, "MINUTE", 3600)
    caller, second = Caller(cast.leader), Caller(cast.leader)
    assert [caller.get(url("case-list")).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = caller.get(url("family", cast.family.pk))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert "called too often" in refused.json()["detail"]
    assert caller.post(url("referral-list"), {}).status_code == 429
    assert second.get(url("case-list")).status_code == 200
