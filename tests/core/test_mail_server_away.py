"""The mail server is down for a day: messages wait, none is lost, nobody is told twice. With a real server."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import queue_message, sweep


@contextmanager
def mail_server(port: int, what: str, into: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.core.smtp_server", str(port), what, str(into)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=django_settings.BASE_DIR) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def port(settings: Any) -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", number, False
    return number


def test_down_for_a_day_and_back(transactional_db: None, port: int, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    people = [f"leader{number}@example.org" for number in range(12)]
    began = timezone.now()
    for number, person in enumerate(people[:6]):
        queue_message(key=f"harm:{number}", to=person, subject="A referral needs you now", body=f"Link {number}")
    # The morning: nobody listens at all. The afternoon and the night: it answers and turns everything away.
    for hour in range(0, 8):
        with time_machine.travel(began + timedelta(hours=hour)):
            sweep()
    with mail_server(port, "refuse", taken):
        for number, person in enumerate(people[6:], start=6):
            queue_message(key=f"harm:{number}", to=person, subject="A referral needs you now", body=f"Link {number}")
        for hour in range(8, 24, 2):
            with time_machine.travel(began + timedelta(hours=hour)):
                # What asked for the message asks again, as a repeated task does.
                queue_message(key="harm:0", to=people[0], subject="A referral needs you now", body="Link 0")
                sweep()
    assert not taken.exists()
    waiting = Message.objects.filter(sent_at__isnull=True)
    assert waiting.count() == 12
    assert set(waiting.values_list("to", flat=True)) == set(people)
    assert "SMTPRecipientsRefused" in set(waiting.values_list("last_error", flat=True))
    with mail_server(port, "accept", taken):
        for minute in (0, 6, 12, 18):
            with time_machine.travel(began + timedelta(days=1, minutes=minute)):
                sweep()
    mails = [json.loads(line) for line in taken.read_text().splitlines()]
    assert sorted(mail["to"][0] for mail in mails) == sorted(people)
    assert {mail["body"].strip() for mail in mails} == {f"Link {number}" for number in range(12)}
    assert not Message.objects.filter(sent_at__isnull=True).exists()


def test_one_address_that_is_always_refused_holds_nobody_else_up(
    transactional_db: None, port: int, tmp_path: Path
) -> None:
    queue_message(key="bad", to="refused@example.org", subject="A referral needs you now", body="Link")
    queue_message(key="good", to="leader@example.org", subject="A referral needs you now", body="Link")
    taken, began = tmp_path / "taken", timezone.now()
    with mail_server(port, "accept", taken):
        for minute in (0, 6, 12):
            with time_machine.travel(began + timedelta(minutes=minute)):
                sweep()
    assert [json.loads(line)["to"] for line in taken.read_text().splitlines()] == [["leader@example.org"]]
    assert Message.objects.get(key="bad").last_error
