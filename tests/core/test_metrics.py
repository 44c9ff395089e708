"""What Prometheus reads: how the service does, for whoever has the token."""

import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import heartbeat, metrics
from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import send_messages
from tests.fixtures_cast import PASSWORD, Cast, sign_in

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def token(settings: Any) -> dict[str, str]:
    settings.METRICS_TOKEN = TOKEN
    return {"authorization": f"Bearer {TOKEN}", "host": "10.0.0.7:8000"}


def figure(text: str, name: str, **labels: str) -> float:
    """One number; 0 when the line is not there."""
    for line in text.splitlines():
        found = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
        if found and all(f'{label}="{value}"' in (found[1] or "") for label, value in labels.items()):
            return float(found[2])
    return 0.0


def read(client: Client, token: dict[str, str]) -> str:
    answer = client.get("/metrics", headers=token)
    assert answer.status_code == 200
    return answer.text


def test_only_who_has_the_token_reads_it(client: Client, settings: Any, token: dict[str, str], cast: Cast) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    assert sign_in(Client(), cast.manager).get("/metrics").status_code == 404
    assert "ehs_up" in read(client, token)
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    assert client.get("/metrics", headers=token).status_code == 404
    proxy = (Path(django_settings.BASE_DIR) / "deploy" / "nginx.conf").read_text()
    assert re.search(r"location = /metrics \{ return 404; \}", proxy)


def test_requests_sign_ins_and_jobs_are_counted(client: Client, token: dict[str, str], cast: Cast) -> None:
    before = read(client, token)
    sign_in(client, cast.practitioner)
    for _ in range(3):
        client.get(reverse("case", args=[cast.case.pk]))
    client.get(reverse("case", args=[cast.other_case.pk]))
    Client().post(reverse("account_login"), {"login": cast.leader.email, "password": "wrong"})
    Message.objects.create(key="an-old-one", to="x@example.org", subject="x", body="x")
    Message.objects.update(created_at=timezone.now() - timedelta(hours=2))
    after = read(client, token)

    def more(name: str, **labels: str) -> float:
        return figure(after, name, **labels) - figure(before, name, **labels)

    assert more("ehs_requests_total", view="case", method="GET", status="200") == 3
    assert more("ehs_requests_total", view="case", method="GET", status="404") == 1
    assert more("ehs_request_seconds_count", view="case") == 4
    assert more("ehs_sign_in_failures_total") == 1
    assert figure(after, "ehs_jobs_due", job="mail") >= 1
    assert 7100 < figure(after, "ehs_job_oldest_seconds", job="mail") < 7300
    assert figure(after, "ehs_up", part="database") == figure(after, "ehs_up", part="queue") == 1
    for secret in (str(cast.case.pk), "Riverside", "RI-", "Novák", cast.practitioner.email, PASSWORD):
        assert secret not in after


def test_tasks_and_the_queue(client: Client, token: dict[str, str], db: None) -> None:
    with heartbeat.queue() as queue:
        queue.hdel(metrics.TASKS_KEY, "cluster_ehs.core.send_messages|done")
        send_messages.apply()
        queue.lpush("celery", "a task of this test")
        try:
            text = read(client, token)
        finally:
            queue.lrem("celery", 0, "a task of this test")
    assert figure(text, "ehs_tasks_total", task="cluster_ehs.core.send_messages", outcome="done") == 1
    assert figure(text, "ehs_queue_depth", state="waiting") >= 1


def test_a_part_that_is_down_is_said_and_the_rest_is_told(
    client: Client, token: dict[str, str], db: None, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    text = read(client, token)
    assert figure(text, "ehs_up", part="database") == 1
    assert 'ehs_up{part="queue"} 0.0' in text


def test_an_unknown_method_or_address_makes_no_new_series(client: Client, token: dict[str, str], db: None) -> None:
    for number in range(3):
        client.generic(f"ODD{number}", f"/no-such-address-{number}/")
    text = read(client, token)
    assert "ODD" not in text
    assert "no-such" not in text
    assert figure(text, "ehs_requests_total", view="none", method="other") >= 3


def test_the_processes_of_one_server_add_up(tmp_path: Path) -> None:
    """Two processes count; a third reads the sum, also after one of them was killed."""
    count = "from prometheus_client import Counter; Counter('ehs_requests', 'x', ['view']).labels('case').inc(2)"
    kill = f"; import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"
    total = (
        "from prometheus_client import CollectorRegistry, generate_latest, multiprocess; r = CollectorRegistry();"
        "multiprocess.MultiProcessCollector(r); print(generate_latest(r).decode())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    said = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
        for code in (count, count + kill, total)
    ]
    assert figure(said[-1].stdout, "ehs_requests_total", view="case") == 4
