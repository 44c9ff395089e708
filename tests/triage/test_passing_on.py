"""Passing on is followed up; endings at triage and what takes them back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import PartnerService
from referrals.models import Referral, Status
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_service, as_, sign_in
from tests.triage.pages import at_most, once
from tests.triage.test_decide import a_partner, outcomes_of
from triage.models import Decision, Ending, EndingOutcome, Offer, Outcome, PassingOn, Response
from triage.selectors.ledger import by_partner
from triage.services import Sent, chase, decide, end_at_triage, offer_service, update_passing_on


def passed(cast: Cast, *partners: PartnerService) -> list[PassingOn]:
    decision = decide(
        by=cast.leader,
        referral=cast.referral,
        response=Response.PASSED_ON,
        rationale="They know the family.",
        partners=partners,
    )
    rows = decision.passed_on.select_related("partner", "decision__referral")
    return list(rows.order_by("partner__name"))


def news(cast: Cast, row: PassingOn, status: str, outcome: str = "As they say.") -> PassingOn:
    return update_passing_on(by=cast.leader, passing_on=row, status=status, outcome=outcome)


def status(cast: Cast) -> str:
    return Referral.objects.get(pk=cast.referral.pk).status


def test_news_step_by_step_with_who_and_when(cast: Cast) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner())
    with as_(cast.practitioner):
        on = timezone.localdate()
        accepted = update_passing_on(by=cast.practitioner, passing_on=row, status="accepted", known_on=on)
        assert (accepted.status, accepted.known_on) == ("accepted", on)
        known = update_passing_on(by=cast.practitioner, passing_on=row, status="outcome_known", outcome="Six sessions.")
        assert (known.status, known.outcome) == ("outcome_known", "Six sessions.")


@pytest.mark.parametrize("target", ["declined", "outcome_known", "back"])
def test_news_that_matter_need_words(cast: Cast, target: str) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner())
        with pytest.raises(ValidationError) as raised:
            update_passing_on(by=cast.leader, passing_on=row, status=target)
        assert list(raised.value.message_dict) == ["outcome"]


@pytest.mark.parametrize(("days", "message"), [(1, "cannot lie in the future"), (-1, "cannot be before it was sent")])
def test_the_day_of_news_lies_between_sending_and_today(cast: Cast, days: int, message: str) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner())
        on = timezone.localdate() + timedelta(days=days)
        with pytest.raises(ValidationError, match=message):
            update_passing_on(by=cast.leader, passing_on=row, status="accepted", known_on=on)


def test_a_step_that_is_not_in_the_workflow_is_a_conflict(cast: Cast) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner())
        with pytest.raises(Conflict, match="cannot become"):
            news(cast, row, "back")


@pytest.mark.parametrize("who", ["manager", "guest", "other_leader", "referrer"])
def test_only_staff_of_the_cluster_note_news(cast: Cast, who: str) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner())
    user = getattr(cast, who)
    with as_(user), pytest.raises(Denied, match="Only staff of this Cluster"):
        update_passing_on(by=user, passing_on=row, status="accepted")


def test_when_the_last_return_is_known_the_referral_ends_as_passed_on(cast: Cast) -> None:
    with as_(cast.leader):
        hub, res = passed(cast, a_partner("RES team", back=True), a_partner("Early Help Hub", back=True))
        news(cast, hub, "accepted")
        news(cast, hub, "outcome_known")
        assert status(cast) == Status.DECIDED
        news(cast, res, "accepted")
        assert status(cast) == Status.DECIDED
        news(cast, res, "outcome_known")
        assert status(cast) == Status.ENDED
        assert outcomes_of(cast.referral) == {Outcome.PASSED_ON}


def test_what_comes_back_stays_open_and_shows_as_a_next_step(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner("RES team", back=True))
        news(cast, row, "accepted")
        news(cast, row, "back", "Work done, family support is needed.")
        assert status(cast) == Status.DECIDED
    sign_in(client, cast.leader)
    page = client.get("/screening/").content.decode()
    assert "Decided, and now?" in page
    assert "Back to the Cluster" in page
    board = client.get(f"/screening/referrals/{cast.referral.pk}/").content.decode()
    assert "The referral is back with the Cluster." in board


def test_a_decline_after_the_ending_comes_back_by_taking_the_ending_back(cast: Cast) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner())
        assert status(cast) == Status.ENDED
        news(cast, row, "declined", "Not their area.")
        assert status(cast) == Status.ENDED
        news(cast, row, "back", "To be screened again.")
        assert status(cast) == Status.DECIDED
        assert not Ending.objects.filter(referral=cast.referral).exists()


def test_a_returned_referral_can_be_offered_a_service(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        (row,) = passed(cast, a_partner("RES team", back=True))
        with pytest.raises(Conflict, match="has not come back"):
            offer_service(by=cast.leader, referral=cast.referral, service=a_service("family_support"))
        news(cast, row, "accepted")
        news(cast, row, "back")
    sign_in(client, cast.leader)
    form = {**once(), "service": a_service("family_support").pk, "person": str(cast.referral.child_id), "priority": "2"}
    answers = [client.post(f"/screening/referrals/{cast.referral.pk}/offer/", form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    with as_(cast.leader):
        offer = Offer.objects.get(decision__referral=cast.referral)
        assert (offer.waiting_since, offer.person_id) == (timezone.localdate(), cast.referral.child_id)
        with pytest.raises(Conflict, match="A service is offered"):
            end_at_triage(by=cast.leader, referral=cast.referral, outcomes=[Outcome.FAMILY])


def test_ending_at_triage(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        decide(by=cast.leader, referral=cast.referral, response=Response.NO_ACTION, rationale="Held for a month.")
        with pytest.raises(ValidationError, match="at least one outcome"):
            end_at_triage(by=cast.leader, referral=cast.referral, outcomes=[])
        with pytest.raises(ValidationError, match="cannot be completed"):
            end_at_triage(by=cast.leader, referral=cast.referral, outcomes=[Outcome.COMPLETED])
    sign_in(client, cast.practitioner)
    url = f"/screening/referrals/{cast.referral.pk}/end/"
    assert client.get(url).status_code == 403
    sign_in(client, cast.leader)
    client.post(url, {**once(), "outcomes": ["unsuitable", "moved"]})
    with as_(cast.leader):
        ending = Ending.objects.get(referral=cast.referral)
        assert (ending.where, ending.ended_by, ending.outcome_not_recorded) == ("triage", cast.leader, False)
        assert outcomes_of(cast.referral) == {"unsuitable", "moved"}
        with pytest.raises(Conflict):
            end_at_triage(by=cast.leader, referral=cast.referral, outcomes=[Outcome.MOVED])


def test_while_a_return_is_expected_nobody_ends_it(cast: Cast) -> None:
    with as_(cast.leader):
        passed(cast, a_partner("RES team", back=True))
        with pytest.raises(Conflict, match="A return is still expected: RES team"):
            end_at_triage(by=cast.leader, referral=cast.referral, outcomes=[Outcome.PASSED_ON])


def test_what_is_to_screen_has_no_ending(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(Conflict, match="cannot become"):
        end_at_triage(by=cast.leader, referral=cast.referral, outcomes=[Outcome.MOVED])


def test_a_referral_has_one_ending_and_an_outcome_stands_in_it_once(cast: Cast) -> None:
    place = {"cluster_id": cast.referral.cluster_id, "family_id": cast.referral.family_id}
    with as_(cast.leader):
        passed(cast, a_partner())
        ending = Ending.objects.get(referral=cast.referral)
        again = {**place, "referral": cast.referral, "where": "triage", "ended_on": timezone.localdate()}
        with pytest.raises(IntegrityError), transaction.atomic():
            Ending.objects.create(**again)
        with pytest.raises(IntegrityError), transaction.atomic():
            EndingOutcome.objects.create(**place, ending=ending, outcome=Outcome.PASSED_ON)


ILLEGAL = [
    ("sent", "outcome_known"),
    ("sent", "back"),
    ("accepted", "sent"),
    ("accepted", "declined"),
    ("declined", "accepted"),
    ("outcome_known", "back"),
    ("back", "sent"),
]


@pytest.mark.parametrize(("source", "target"), ILLEGAL)
def test_the_database_refuses_an_illegal_state_of_what_was_passed_on(cast: Cast, source: str, target: str) -> None:
    way = {
        "sent": [],
        "accepted": ["accepted"],
        "declined": ["declined"],
        "outcome_known": ["accepted", "outcome_known"],
        "back": ["declined", "back"],
    }[source]
    with as_(cast.leader):
        (row,) = passed(cast, a_partner())
        rows = PassingOn.objects.filter(pk=row.pk)
        for state in way:
            rows.update(status=state)
        with pytest.raises(IntegrityError, match="illegal state of triage_passingon"), transaction.atomic():
            rows.update(status=target)


@pytest.mark.parametrize(
    ("source", "target"), [("to_screen", "ended"), ("decided", "to_screen"), ("ended", "to_screen")]
)
def test_the_database_refuses_an_illegal_state_of_a_referral(cast: Cast, source: str, target: str) -> None:
    way = {"to_screen": [], "decided": ["decided"], "ended": ["decided", "ended"]}[source]
    with as_(cast.leader):
        rows = Referral.objects.filter(pk=cast.referral.pk)
        for state in way:
            rows.update(status=state)
        with pytest.raises(IntegrityError, match="illegal state of referrals_referral"), transaction.atomic():
            rows.update(status=target)


def sent(cast: Cast, number: int, *, days_ago: int, partner: PartnerService) -> PassingOn:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        child = a_person(a_family(cast.cluster, f"Family{number}", number=number), f"Kim{number}", school=cast.school)
        referral = a_referral(child, number=number, school=cast.school, days_ago=days_ago + 2)
        place = {"cluster_id": referral.cluster_id, "family_id": referral.family_id}
        on = timezone.localdate() - timedelta(days=days_ago)
        decision = Decision.objects.create(
            **place, referral=referral, response="passed_on", decided_on=on, decided_at=timezone.now()
        )
        Referral.objects.filter(pk=referral.pk).update(status="decided")
        return PassingOn.objects.create(**place, decision=decision, partner=partner, sent_on=on)


def test_what_was_sent_over_a_fortnight_ago_without_news_rises(cast: Cast, client: Client) -> None:
    beck, mindmate = a_partner(), a_partner("MindMate")
    sent(cast, 11, days_ago=14, partner=beck)
    late = sent(cast, 12, days_ago=15, partner=mindmate)
    sign_in(client, cast.practitioner)
    page = client.get("/passed-on/").content.decode()
    assert "Kim12 F" in page
    assert "1 day overdue" in page
    assert "Kim11 F" not in page
    assert "Kim11 F" in client.get("/passed-on/?show=open").content.decode()
    assert "Kim12" not in client.get(f"/passed-on/?partner={beck.pk}&show=chase").content.decode()
    answer = client.post(
        f"/passed-on/{late.pk}/",
        {
            **once(),
            "status": "accepted",
            "known_on-day": timezone.localdate().day,
            "known_on-month": timezone.localdate().month,
            "known_on-year": timezone.localdate().year,
        },
    )
    assert answer.url == "/passed-on/"
    assert "Kim12 F" in client.get("/passed-on/?show=open").content.decode()


def test_another_clusters_ledger_is_not_there(cast: Cast, client: Client) -> None:
    row = sent(cast, 11, days_ago=20, partner=a_partner())
    sign_in(client, cast.other_leader)
    assert "Kim11" not in client.get("/passed-on/").content.decode()
    assert client.get(f"/passed-on/{row.pk}/").status_code == 404
    for broken in ("?show=nothing", "?partner=x"):
        assert client.get("/passed-on/" + broken).status_code == 404


@pytest.mark.parametrize("number", [5, 25, 100])
def test_the_ledger_asks_no_more_for_more_rows(cast: Cast, client: Client, number: int) -> None:
    partner = a_partner()
    for n in range(number):
        sent(cast, n + 100, days_ago=20 + n % 9, partner=partner)
    sign_in(client, cast.leader)
    with at_most(8):
        assert client.get("/passed-on/").status_code == 200


def test_a_chase_puts_the_next_asking_off_and_stays_in_the_ledger(cast: Cast, client: Client) -> None:
    late = sent(cast, 12, days_ago=20, partner=a_partner())
    sign_in(client, cast.leader)
    assert "overdue for news" in client.get("/").content.decode()
    sign_in(client, cast.practitioner)
    next_on = timezone.localdate() + timedelta(days=5)
    day = {"next_on-day": next_on.day, "next_on-month": next_on.month, "next_on-year": next_on.year}
    today = timezone.localdate()
    day |= {"on-day": today.day, "on-month": today.month, "on-year": today.year}
    answer = client.post(f"/passed-on/{late.pk}/chase/", {**once(), **day, "said": "Una: next week."})
    assert answer.status_code == 302
    assert "Kim12" not in client.get("/passed-on/?show=chase").content.decode()
    page = client.get("/passed-on/?show=open").content.decode()
    assert "asked 1 time, last" in page
    assert "by Asha Example: Una: next week." in page
    with as_(cast.practitioner):
        (made,) = late.chases.all()
        assert (made.chased_by, made.next_on) == (cast.practitioner, next_on)
        with pytest.raises(ValidationError, match="day to come"):
            chase(by=cast.practitioner, passing_on=late, said="x", next_on=today)
    sign_in(client, cast.other_leader)
    assert client.get(f"/passed-on/{late.pk}/chase/").status_code == 404


def test_each_partner_has_its_own_days_and_what_is_answered_is_not_asked_for(cast: Cast) -> None:
    slow = a_partner("CAMHS")
    PartnerService.objects.filter(pk=slow.pk).update(answer_days=42)
    slow.refresh_from_db()
    today = timezone.localdate()
    sent(cast, 11, days_ago=40, partner=slow)
    sent(cast, 12, days_ago=43, partner=slow)
    with as_(cast.leader):
        assert [partner.overdue for partner in by_partner([cast.cluster.pk])] == [1]
        row = decide(
            by=cast.leader,
            referral=cast.referral,
            response="passed_on",
            rationale="Two at once.",
            partners=[Sent(slow, "the referral"), Sent(a_partner(), "the referral", today + timedelta(days=9))],
        ).passed_on.order_by("news_due_on")
        assert [(each.sent_what, (each.news_due_on - each.sent_on).days) for each in row] == [
            ("the referral", 9),
            ("the referral", 42),
        ]
        first = news(cast, row[1], "accepted")
        assert first.news_due_on == timezone.localdate() + timedelta(days=42)
        done = news(cast, first, "outcome_known")
        with pytest.raises(Conflict, match="Nothing is awaited"):
            chase(by=cast.leader, passing_on=done, said="x", next_on=timezone.localdate() + timedelta(days=5))
