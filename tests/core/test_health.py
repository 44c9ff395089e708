"""What `/healthz` tells a stranger: that all is well or that it is not, and nothing of the parts."""

from typing import Any

import pytest
from django.test import Client

from cluster_ehs.core import health
from tests.fixtures_cast import Cast, sign_in

TOKEN = "a-token-of-the-tests"
PARTS = {"database", "queue", "worker", "backup", "backup_hours"}


def test_only_who_shows_the_token_reads_the_parts(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.METRICS_TOKEN = TOKEN
    shown = {"authorization": f"Bearer {TOKEN}"}
    for worker, status, said in (("ok", 200, "ok"), ("down", 503, "not ok")):
        monkeypatch.setattr(health, "queue_and_worker_states", lambda worker=worker: ("ok", worker))
        # An address inside is no proof either: behind a proxy everybody has one.
        near = {"x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1"}
        for client, headers in (
            (Client(), {}),
            (Client(), near),
            (Client(), {"authorization": "Bearer wrong"}),
            (sign_in(Client(), cast.manager), {}),
        ):
            answer = client.get("/healthz", headers=headers)
            assert (answer.status_code, answer.json()) == (status, {"status": said})
            assert answer["Cache-Control"] == "no-store"
        told = Client().get("/healthz", headers=shown)
        assert (told.status_code, told.json()["status"], told.json()["worker"]) == (status, said, worker)
        assert set(told.json()) == {"status", *PARTS}


def test_without_a_token_in_the_settings_nobody_reads_them(db: None, client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for said in ({}, {"authorization": "Bearer "}, {"authorization": ""}):
        assert set(client.get("/healthz", headers=said).json()) == {"status"}
