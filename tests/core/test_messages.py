"""Mails that must go out: once each, late rather than never."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import queue_message, send_messages
from tests.fixtures_cast import Cast


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


def test_what_a_mail_carried_is_not_kept_once_it_has_gone_but_a_notice_is_read_again(cast: Cast) -> None:
    link = "https://early-help.example.org/account/invitation/opens-it/"
    queue_message(key="invitation:1", to="new@example.org", subject="Your account", body=f"Choose a password: {link}")
    queue_message(key="n:1", to="dee@example.org", subject="A task", body="Sign in.", user_id=cast.leader.pk, url="/")
    waiting = Message.objects.get(key="invitation:1")
    assert link in waiting.body, "until it has gone it waits with all its words"
    assert send_messages() == 2
    assert link in next(sent.body for sent in mail.outbox if sent.to == ["new@example.org"])
    assert dict(Message.objects.values_list("key", "body")) == {"invitation:1": "", "n:1": "Sign in."}
