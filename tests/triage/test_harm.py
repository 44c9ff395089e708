"""A risk of significant harm: who is told and when, what stands above all else, and what ends it."""

import html
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import sweep
from clusters.duty import on_duty
from clusters.models import Absence, DutyContact, StaffRole, User
from families.models import NamedReader
from referrals.models import Channel, Referral
from referrals.services import submit_referral
from tests.fixtures_cast import Cast, a_term, as_, sign_in
from triage import services
from triage.models import HarmAnswer
from triage.policies import waits_for_step_up

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=LONDON)  # a Wednesday


def flagged(cast: Cast, *, harm: bool = True) -> Referral:
    with as_(cast.practitioner):
        return submit_referral(
            by=cast.practitioner,
            cluster=cast.cluster,
            received_on=timezone.localdate(),
            route=a_term("route"),
            channel=Channel.PHONE,
            child=cast.child,
            harm=harm,
        )


def told() -> list[str]:
    return sorted(Message.objects.filter(key__startswith="harm:").values_list("to", flat=True))


def later(referral: Referral, minutes: int) -> None:
    """As if the flag had been set so many minutes ago."""
    with acting_as(NamedActor.IMPORTER, clusters=[referral.cluster_id]):
        Referral.objects.filter(pk=referral.pk).update(harm_flagged_at=timezone.now() - timedelta(minutes=minutes))


def deputy(cast: Cast) -> DutyContact:
    return DutyContact.objects.create(
        cluster=cast.cluster, kind="deputy", user=cast.colleague, starts_on=date(2020, 1, 1)
    )


def night(cast: Cast, **fields: object) -> DutyContact:
    return DutyContact.objects.create(
        cluster=cast.cluster, kind="out_of_hours", name="Night", email="night@example.org",
        starts_on=date(2020, 1, 1), from_time=time(17), to_time=time(8, 30), **fields,
    )  # fmt: skip


def team() -> DutyContact:
    return DutyContact.objects.create(
        kind="emergency_team", name="Invented duty team", email="team@example.org", starts_on=date(2020, 1, 1)
    )


# --- who ---
def names(cast: Cast, at: datetime) -> list[list[str]]:
    return [[person.email for person in rung] for rung in on_duty(cast.cluster.pk, at)]


def test_the_leader_then_the_deputy_then_the_citys_team(cast: Cast) -> None:
    deputy(cast), night(cast), team()
    assert names(cast, NOON) == [[cast.leader.email], [cast.colleague.email], ["team@example.org"]]


def test_a_leader_who_is_away_is_not_told(cast: Cast) -> None:
    deputy(cast), team()
    Absence.objects.create(user=cast.leader, starts_on=NOON.date(), ends_on=NOON.date() + timedelta(days=1))
    assert names(cast, NOON)[0] == [cast.colleague.email]
    assert names(cast, NOON + timedelta(days=1))[0] == [cast.leader.email], "back on the day that the absence ends"


@pytest.mark.parametrize(
    ("at", "first"),
    [
        (datetime(2026, 3, 4, 16, 59, tzinfo=LONDON), "leader"),
        (datetime(2026, 3, 4, 17, 0, tzinfo=LONDON), "night"),
        (datetime(2026, 3, 5, 8, 29, tzinfo=LONDON), "night"),
        (datetime(2026, 3, 5, 8, 30, tzinfo=LONDON), "leader"),
        # Wednesday is the last evening: the hours after its midnight are its own, Thursday evening is not.
        (datetime(2026, 3, 5, 18, 0, tzinfo=LONDON), "leader"),
        # 16:30 UTC is 17:30 in summer.
        (datetime(2026, 7, 1, 16, 30, tzinfo=ZoneInfo("UTC")), "night"),
        (datetime(2026, 3, 4, 16, 30, tzinfo=ZoneInfo("UTC")), "leader"),
    ],
)
def test_the_contact_of_that_hour(cast: Cast, at: datetime, first: str) -> None:
    night(cast, weekdays=[0, 1, 2])
    assert names(cast, at)[0] == [{"leader": cast.leader.email, "night": "night@example.org"}[first]]


def test_nobody_of_the_cluster_leaves_the_managers(cast: Cast) -> None:
    StaffRole.objects.filter(user=cast.leader).update(ends_on=date(2021, 1, 1))
    assert names(cast, NOON) == [[cast.manager.email]]


def test_a_contact_that_could_not_be_told_is_refused(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyContact.objects.create(cluster=cast.cluster, kind="deputy", name="Nobody", starts_on=NOON.date())


# --- when ---
def test_the_message_leaves_within_the_minute_without_a_name(cast: Cast) -> None:
    """The queue may be lost: the sweep of each minute sends what the flag's own transaction noted."""
    team()
    # On a Monday morning the numbers of the week go out as well.
    User.objects.update(digest=False)
    referral = flagged(cast)
    assert told() == [cast.leader.email]
    assert settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"] <= timedelta(minutes=1)
    sweep()
    assert [message.to for message in mail.outbox] == [[cast.leader.email]]
    for secret in (cast.child.first_name, cast.child.last_name, cast.family.reference, referral.reference):
        assert secret not in mail.outbox[0].subject + mail.outbox[0].body
    assert str(referral.pk) in mail.outbox[0].body
    sweep()
    assert len(mail.outbox) == 1, "nobody is told twice"


def test_an_ordinary_referral_tells_nobody_and_waits_behind_nothing(cast: Cast) -> None:
    flagged(cast, harm=False)
    assert told() == []


def test_when_nobody_answers_the_next_are_told(cast: Cast) -> None:
    deputy(cast), team()
    referral = flagged(cast)
    for minutes, expected in ((14, 1), (15, 2), (29, 2), (30, 3), (600, 3)):
        later(referral, minutes)
        sweep()
        assert len(told()) == expected, minutes
    assert told() == sorted([cast.leader.email, cast.colleague.email, "team@example.org"])


def test_an_answer_stops_the_telling_and_not_the_notice(cast: Cast, client: Client) -> None:
    deputy(cast)
    referral = flagged(cast)
    sign_in(client, cast.leader)
    for _ in range(2):
        assert client.post(reverse("harm-seen", args=[referral.pk])).status_code == 302
    later(referral, 40)
    sweep()
    assert told() == [cast.leader.email]
    with as_(cast.leader):
        assert HarmAnswer.objects.get().answered_by == cast.leader
    page = client.get("/").content.decode()
    assert "Risk of significant harm: act now" in page
    assert f"{cast.leader.name} is seeing to it" in page


# --- above all else ---
def test_it_stands_first_on_the_leaders_pages_until_the_step_up(cast: Cast, client: Client) -> None:
    referral = flagged(cast)
    sign_in(client, cast.leader)
    meeting = [cast.meeting.pk]
    board = reverse("board", args=[cast.meeting.pk, cast.referral.pk])
    urls = ("/", reverse("screening"), reverse("meeting", args=meeting), reverse("meeting-recap", args=meeting))
    for url in (*urls, reverse("waiting-list"), board, reverse("screen-referral", args=[referral.pk])):
        page = client.get(url).content.decode()
        assert referral.reference in page
        said = "No step-up to CSWS is recorded" if str(referral.pk) in url else "Risk of significant harm: act now"
        above = page[: page.index(said)]
        assert above.count('class="eh-card') == 1, f"no card stands above it: {url}"
        assert '<table class="govuk-table' not in above
    with as_(cast.leader):
        services.step_up(by=cast.leader, referral=referral, taken_by="Invented Duty Worker", csws_reference="D-17")
    for url in ("/", reverse("waiting-list"), board, urls[-1]):
        assert "act now" not in client.get(url).content.decode()
    page = client.get(reverse("screen-referral", args=[referral.pk])).content.decode()
    assert "Invented Duty Worker" in page
    assert "D-17" in page


def test_only_those_who_answer_for_it_see_the_notice(cast: Cast, client: Client) -> None:
    flagged(cast)
    deputy(cast)
    for user, sees in ((cast.practitioner, False), (cast.colleague, True), (cast.manager, False), (cast.guest, False)):
        assert ("act now" in sign_in(client, user).get("/").content.decode()) is sees, user


def test_a_leader_says_why_no_step_up_is_needed(cast: Cast, client: Client) -> None:
    referral = flagged(cast)
    url = reverse("no-step-up", args=[referral.pk])
    assert sign_in(client, cast.practitioner).get(url).status_code == 403
    sign_in(client, cast.leader)
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "CSWS works with the family: Ines Invented, today"}).status_code == 302
    assert "act now" not in client.get("/").content.decode()
    page = html.unescape(client.get(reverse("screen-referral", args=[referral.pk])).content.decode())
    assert "CSWS works with the family: Ines Invented, today" in page
    with as_(cast.leader):
        assert not waits_for_step_up(Referral.objects.get(pk=referral.pk))
        with pytest.raises(Conflict):
            services.no_step_up(by=cast.leader, referral=referral, reason="Again")
        with pytest.raises(ValidationError):
            services.no_step_up(by=cast.leader, referral=referral, reason="")
    with as_(cast.practitioner), pytest.raises(Denied):
        services.no_step_up(by=cast.practitioner, referral=referral, reason="Not mine to say")


# --- restricted ---
def test_a_restricted_familys_flag_goes_to_a_manager(cast: Cast, client: Client) -> None:
    team(), deputy(cast)
    with as_(cast.colleague):
        referral = submit_referral(
            by=cast.colleague,
            cluster=cast.cluster,
            received_on=timezone.localdate(),
            route=a_term("route"),
            channel=Channel.PHONE,
            child=cast.restricted_referral.child,
            harm=True,
        )
        named = set(NamedReader.objects.filter(family=cast.restricted_family).values_list("user_id", flat=True))
    first = [cast.colleague.email] if cast.colleague.pk in named else [cast.manager.email]
    assert told() == first
    later(referral, 60)
    sweep()
    assert cast.manager.email in told()
    assert cast.leader.email not in told()
    assert "team@example.org" not in told()
    page = sign_in(client, cast.manager).get("/").content.decode()
    assert referral.reference in page
    assert referral.reference not in sign_in(client, cast.leader).get("/").content.decode()
