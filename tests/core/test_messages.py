"""Mails that must go out: once each, late rather than never."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import queue_message, send_messages


def test_a_message_is_sent_once_however_often_it_is_queued(db: None) -> None:
    for _ in range(2):
        queue_message(key="digest:1", to="dee@example.org", subject="Three referrals", body="https://…")
    assert send_messages() == 1
    assert send_messages() == 0
    assert [m.to for m in mail.outbox] == [["dee@example.org"]]


def test_a_mail_server_that_is_away_delays_and_loses_nothing(db: None, settings: pytest.FixtureRequest) -> None:
    queue_message(key="digest:2", to="dee@example.org", subject="Three referrals", body="https://…")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert send_messages() == 0
    waiting = Message.objects.get()
    assert waiting.sent_at is None and waiting.tries == 1 and waiting.last_error == "ConnectionRefusedError"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_messages() == 0, "its lease has not ended"
    Message.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert send_messages() == 1
