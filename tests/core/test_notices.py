"""Notices: in the pages, by mail as each person has chosen, none twice, and no name in any mail."""

import re
import uuid
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases import digest
from cases.models import Extension, SupervisionInterval
from cases.services import ToDo, add_task, answer_extension, hand_over, raise_worry
from cluster_ehs.core import notices
from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import send_messages, sweep
from clusters.models import Post, StaffRole, User
from clusters.notices import choose_mails, tell
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries

LATER = timedelta(minutes=11)


def told(user: User, key: str = "one", **more: Any) -> Message:
    tell(user, key=key, subject="A family has been allocated to you", text="It waits.", url_name="case-list", **more)
    return Message.objects.get(key=key)


def sent_to(user: User) -> list[str]:
    return [message.subject for message in mail.outbox if message.to == [user.email]]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let time go by for what asks for it."""

    def go(by: timedelta) -> None:
        later = timezone.now() + by
        monkeypatch.setattr(timezone, "now", lambda: later)

    return go


def test_a_notice_is_in_the_pages_at_once_and_by_mail_ten_minutes_later_once(
    cast: Cast, client: Client, wait: Any
) -> None:
    for _ in range(2):
        told(cast.practitioner, about=cast.case)
    sign_in(client, cast.practitioner)
    home = client.get(reverse("home")).content.decode()
    assert "one not read" in home
    page = client.get(reverse("notices")).content.decode()
    assert "A family has been allocated to you" in page and str(cast.family) in page
    assert send_messages() == 0
    wait(LATER)
    assert (send_messages(), send_messages()) == (1, 0)
    assert sent_to(cast.practitioner) == ["A family has been allocated to you"]
    # The mail changes nothing in the pages.
    assert "one not read" in client.get(reverse("home")).content.decode()


def test_what_was_read_in_the_pages_is_not_mailed_but_what_is_urgent_is(cast: Cast, client: Client, wait: Any) -> None:
    read, urgent = told(cast.practitioner), told(cast.practitioner, key="urgent", urgent=True)
    sign_in(client, cast.practitioner)
    for notice in (read, urgent):
        answer = client.get(reverse("notice", args=[notice.pk]))
        assert answer["Location"] == reverse("case-list")
    assert "not read" not in client.get(reverse("home")).content.decode()
    wait(LATER)
    send_messages()
    assert len(sent_to(cast.practitioner)) == 1
    assert Message.objects.get(key="one").sent_at is None
    sign_in(client, cast.colleague)
    assert client.get(reverse("notice", args=[read.pk])).status_code == 404


def test_a_person_chooses_at_once_daily_or_none_and_safety_comes_at_once(cast: Cast, client: Client, wait: Any) -> None:
    sign_in(client, cast.practitioner)
    assert client.post(reverse("notices"), {"mails": "sometimes"}).status_code == 422
    assert client.post(reverse("notices"), {"mails": "none"}).status_code == 302
    cast.practitioner.refresh_from_db()
    assert cast.practitioner.digest, "who leads nothing is not asked for it and does not lose it"
    told(cast.practitioner, key="none")
    told(cast.practitioner, key="safety", urgent=True)
    wait(LATER)
    send_messages()
    assert len(sent_to(cast.practitioner)) == 1
    assert "2 not read" in client.get(reverse("home")).content.decode()


def test_a_day_of_notices_is_one_mail_that_says_how_many(cast: Cast) -> None:
    choose_mails(by=cast.colleague, mails="daily", digest=True)
    for number in range(3):
        told(cast.colleague, key=f"daily {number}")
    read = Message.objects.get(key="daily 0")
    notices.mark_read(Message.objects.filter(pk=read.pk))
    assert send_messages() == 0
    tomorrow = timezone.localdate() + timedelta(days=1)
    early = timezone.make_aware(datetime.combine(tomorrow, time(7, 29)))
    assert notices.send_daily(early - timedelta(days=1)) == 0
    assert [notices.send_daily(early + timedelta(minutes=n)) for n in (0, 1, 2)] == [0, 1, 0]
    assert send_messages() == 1
    assert sent_to(cast.colleague) == ["2 notices wait for you"]
    # Back to at once: nothing of before comes again.
    choose_mails(by=cast.colleague, mails="once", digest=True)
    assert send_messages() == 0


def test_all_read_is_what_was_on_the_page(cast: Cast, client: Client) -> None:
    first = told(cast.practitioner)
    sign_in(client, cast.practitioner)
    client.get(reverse("notices"))
    told(cast.practitioner, key="meanwhile")
    client.post(reverse("notices-read"), {"until": str(first.pk)})
    assert "one not read" in client.get(reverse("home")).content.decode()
    assert client.post(reverse("notices-read"), {"until": "x" * 30}).status_code == 302


def test_a_name_is_said_only_to_who_may_see_the_record(cast: Cast, client: Client) -> None:
    told(cast.other_practitioner, about=cast.case)
    sign_in(client, cast.other_practitioner)
    page = client.get(reverse("notices")).content.decode()
    assert "allocated" in page and str(cast.family) not in page


@pytest.mark.parametrize("number", [5, 25, 100])
def test_the_page_costs_the_same_with_5_25_and_100(cast: Cast, client: Client, number: int) -> None:
    for n in range(number):
        told(cast.practitioner, key=f"many {n}", about=cast.case)
    sign_in(client, cast.practitioner)
    assert len(queries(client, reverse("notices"))) <= 8


def some_of_everything(cast: Cast) -> None:
    """What a week brings: a handover, a task, an answer, a worry, and the numbers of the week."""
    with as_(cast.leader):
        add_task(by=cast.leader, case=cast.case, task=ToDo("Ring Jana", cast.practitioner, timezone.localdate()))
        asked = Extension.objects.create(
            cluster_id=cast.cluster.pk,
            family_id=cast.family.pk,
            case_service=cast.case.services.first(),
            weeks=4,
            reason="Marek is ill.",
            asked_by=cast.practitioner,
        )
        answer_extension(by=cast.leader, extension=asked, approve=False, answer="Not for Zdeňka.")
        hand_over(by=cast.leader, case=cast.case, to=cast.colleague, handover="Marek has left.")
    with as_(cast.colleague):
        raise_worry(by=cast.colleague, case=cast.case, worry="Zdeňka has bruises.")


def test_each_event_is_told_once_and_no_mail_names_anybody(cast: Cast) -> None:
    some_of_everything(cast)
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    digest.send_digests(timezone.make_aware(datetime.combine(monday, time(9))))
    said = {(message.user_id, message.key.split(":")[0]) for message in Message.objects.all()}
    assert {
        (cast.practitioner.pk, "task"),
        (cast.practitioner.pk, "extension-answered"),
        (cast.colleague.pk, "handed-over"),
        (cast.leader.pk, "harm"),
        (None, "digest"),
    } <= said
    assert Message.objects.get(user_id=cast.leader.pk, key__startswith="harm").urgent
    people = [cast.family.name, cast.child.first_name, cast.mother.first_name, "Marek", cast.family.address]
    for message in Message.objects.all():
        for name in people:
            assert name not in f"{message.subject} {message.body}", message.key


def test_the_numbers_of_the_week_come_once_on_monday_for_each_cluster(cast: Cast, wait: Any) -> None:
    StaffRole.objects.create(
        user=cast.leader, role="leader", cluster=cast.other_cluster, starts_on=timezone.localdate() - timedelta(days=9)
    )
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    seven = timezone.make_aware(datetime.combine(monday, time(7)))
    assert digest.send_digests(seven - timedelta(minutes=1)) == 0
    # A second beat, and one that comes a day late, find that it is done.
    SupervisionInterval.objects.all().delete()
    for post in Post.values:
        SupervisionInterval.objects.create(post=post, weeks=1, effective_from=monday - timedelta(days=30))
    StaffRole.objects.filter(role="practitioner").update(starts_on=monday - timedelta(days=60))
    noted = [digest.send_digests(seven + timedelta(hours=hours)) for hours in (0, 0, 30)]
    assert noted[0] >= 2 and noted[1:] == [0, 0]
    body = Message.objects.get(to=cast.leader.email, key__startswith="digest:").body
    assert re.search(r"^  [1-9]\d*  workers whose supervision is overdue$", body, re.M), body
    assert f"{cast.cluster.name}\n" in body and f"{cast.other_cluster.name}\n" in body
    assert "  1  cases open" in body, "the restricted case of the Cluster is not counted"
    assert "referrals to screen" in body
    # A whole week without a beat is let go; the next is made.
    assert digest.send_digests(seven + timedelta(days=10)) == 0
    choose_mails(by=cast.leader, mails="once", digest=False)
    digest.send_digests(seven + timedelta(days=7))
    week_after = Message.objects.filter(key__startswith=f"digest:{monday + timedelta(days=7):%Y-%m-%d}")
    assert cast.leader.email not in week_after.values_list("to", flat=True) and week_after.exists()


def test_the_sweep_carries_all_of_it(cast: Cast, wait: Any) -> None:
    told(cast.practitioner, key=str(uuid.uuid4()))
    wait(LATER)
    sweep()
    assert len(sent_to(cast.practitioner)) == 1


def test_what_is_urgent_and_not_read_stands_above_what_came_later(cast: Cast, client: Client) -> None:
    told(cast.practitioner, key="safety", urgent=True)
    for number in range(3):
        told(cast.practitioner, key=f"later {number}")
    sign_in(client, cast.practitioner)
    page = client.get(reverse("notices"))
    assert page.context["notices"][0][0].urgent
    assert page.content.decode().count(">Urgent<") == 1
    # The button takes in all that were on the page, the newest too.
    client.post(reverse("notices-read"), {"until": page.context["newest"]})
    again = client.get(reverse("notices"))
    assert not [notice for notice, _ in again.context["notices"] if notice.read_at is None]
    assert not again.context["notices"][0][0].urgent
