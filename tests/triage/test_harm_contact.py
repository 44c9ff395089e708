"""A contact on duty without a sign-in: told within the minute by the real worker, and the link by which they answer."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from celery.beat import PersistentScheduler
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from cluster_ehs.celery import app
from cluster_ehs.core.models import Event, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import sweep
from clusters.models import Absence, DutyContact, User
from referrals.harm import contact_token
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_referral, as_, make_cast, sign_in
from tests.triage.test_harm import flagged, later
from triage.models import HarmAnswer

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"https?://\S+?(/taken-on/\S+/)")


def night(cast: Cast) -> DutyContact:
    """The out-of-hours contact, whose hours are now: a name, a telephone and an e-mail address, no sign-in."""
    return DutyContact.objects.create(
        cluster=cast.cluster,
        kind="out_of_hours",
        name="Nia Night",
        email="night@example.org",
        starts_on=date(2020, 1, 1),
    )


def link_to(address: str) -> str:
    found = LINK.search(Message.objects.get(to=address, key__startswith="harm:").body)
    assert found
    return found[1]


# --- the link ---
def test_the_contact_says_i_have_taken_this_on_without_seeing_the_child(cast: Cast, client: Client) -> None:
    night(cast)
    # On a Monday morning the numbers of the week go out as well.
    User.objects.update(digest=False)
    referral = flagged(cast)
    link = link_to("night@example.org")
    page = client.get(link)
    text = page.content.decode()
    assert referral.reference in text
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    for secret in (cast.child.first_name, cast.child.last_name, cast.family.reference, str(referral.pk)):
        assert secret not in text
    with as_(cast.leader):
        assert not HarmAnswer.objects.exists(), "opening it answers nothing"
    assert "You have taken this on" in client.post(link).content.decode()
    with as_(cast.leader):
        answer = HarmAnswer.objects.get()
        assert (answer.kind, answer.answered_by, answer.answered_name) == ("seen", None, "Nia Night")
        assert Event.objects.get(kind="harm.seen").actor == str(NamedActor.CONTACT)
    assert "Nia Night is seeing to it" in sign_in(Client(), cast.leader).get("/").content.decode()
    for answered in (client.get(link), client.post(link)):
        assert answered.status_code == 404
        assert referral.reference not in answered.content.decode()
    later(referral, 40)
    sweep()
    # A review of access may be due on the day.
    told = Message.objects.filter(to=cast.leader.email).exclude(key__startswith="access-review:")
    assert not told.exists(), "nobody further is told"


def test_a_link_ends_with_its_day_its_contact_and_anybodys_answer(cast: Cast, client: Client) -> None:
    contact = night(cast)
    referral = flagged(cast)
    link = link_to("night@example.org")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert client.get(link).status_code == 404
    assert client.get(link[:-2] + "x/").status_code == 404
    assert client.get("/taken-on/" + contact_token(cast.restricted_referral.pk, contact.pk) + "/").status_code == 404
    assert client.get("/taken-on/" + contact_token(uuid4(), contact.pk) + "/").status_code == 404
    DutyContact.objects.filter(pk=contact.pk).update(ends_on=timezone.localdate())
    assert client.get(link).status_code == 404
    DutyContact.objects.filter(pk=contact.pk).update(ends_on=None)
    assert client.get(link).status_code == 200
    sign_in(client, cast.leader).post(f"/screening/referrals/{referral.pk}/seeing-to-it/")
    assert Client().get(link).status_code == 404
    with as_(cast.leader):
        assert HarmAnswer.objects.get().answered_by == cast.leader


def test_only_the_contacts_own_actor_asks_the_database(cast: Cast) -> None:
    contact = night(cast)
    referral = flagged(cast)
    for actor in (NamedActor.ANSWER, NamedActor.PUBLIC_FORM):
        with acting_as(actor), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ehs_harm_of_contact(%s, %s)", [referral.pk, contact.pk])
            assert cursor.fetchone()[0] == 0
            cursor.execute("SELECT ehs_harm_taken_on(%s, %s)", [referral.pk, contact.pk])
            assert cursor.fetchone()[0] is False
    with acting_as(NamedActor.CONTACT):
        assert not Referral.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            HarmAnswer.objects.create(
                cluster=cast.cluster, family=cast.family, referral=referral, kind="seen", answered_at=timezone.now()
            )


# --- the real worker ---
RUN = "from cluster_ehs.celery import app; app.conf.task_default_queue = {queue!r}; app.worker_main({words!r})"


@contextmanager
def worker_and_beat(tmp_path: Path) -> Iterator[None]:
    """A worker with its beat on a queue of its own; the beat ran last 55 seconds ago, as one does at any moment."""
    schedule = str(tmp_path / "beat")
    beat = PersistentScheduler(app, schedule_filename=schedule)
    beat.schedule["sweep"].last_run_at = app.now() - timedelta(seconds=55)
    beat.close()
    queue = f"harm-of-test-{os.getpid()}"
    words = ["worker", "-B", "-s", schedule, "-Q", queue, "--concurrency", "1", "-l", "WARNING"]
    address, owner = (
        url.rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
        for url in (settings.DATABASE_URL, settings.DATABASE_OWNER_URL)
    )
    process = subprocess.Popen(
        [sys.executable, "-c", RUN.format(queue=queue, words=words)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": address,
            "DATABASE_OWNER_URL": owner,
            "REDIS_URL": settings.REDIS_URL,
            "EHS_VAR": str(tmp_path),
        },
        start_new_session=True,
    )
    try:
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_leader_deputy_and_contact_are_written_to_within_the_minute(tmp_path: Path) -> None:
    """Flags whose own message was never noted, as after a crash at the worst moment: only worker and beat can tell."""
    cast = make_cast()
    User.objects.update(digest=False)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        ours, theirs = a_referral(cast.child, number=71), a_referral(cast.other_referral.child, number=72)
    # Cluster A: the leader is away, so the deputy is told. Cluster B: its contact of this hour, then its leader.
    DutyContact.objects.create(cluster=cast.cluster, kind="deputy", user=cast.colleague, starts_on=date(2020, 1, 1))
    today = timezone.localdate()
    Absence.objects.create(user=cast.leader, starts_on=today, ends_on=today + timedelta(days=2))
    DutyContact.objects.create(
        cluster=cast.other_cluster,
        kind="out_of_hours",
        name="Nia Night",
        email="night@example.org",
        starts_on=date(2020, 1, 1),
    )
    wanted = {cast.colleague.email, "night@example.org", cast.other_leader.email}
    with worker_and_beat(tmp_path):
        began = time.monotonic()
        with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
            # In Cluster B nobody has answered for a quarter of an hour: the leader is next.
            for pk, minutes in ((ours.pk, 0), (theirs.pk, 16)):
                Referral.objects.filter(pk=pk).update(harm_flagged_at=timezone.now() - timedelta(minutes=minutes))
        while True:
            sent = set(Message.objects.filter(sent_at__isnull=False).values_list("to", flat=True))
            if wanted <= sent:
                break
            assert time.monotonic() - began < 60, f"not within the minute: {wanted - sent}"
            time.sleep(0.1)
    assert sent == wanted
    mails = "".join(path.read_text() for path in (tmp_path / "mail").iterdir())
    assert mails.count("Subject: A referral needs you now") == 3
    assert "/taken-on/" in mails
    assert cast.child.first_name not in mails
