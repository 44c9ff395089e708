"""The screening board: what it shows to whom, and deciding on it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.models import Draft, Look
from cluster_ehs.core.scope import NamedActor, acting_as
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_service, as_, sign_in
from tests.triage.pages import at_most, once
from tests.triage.test_decide import a_partner
from triage.models import AgendaItem, Decision, Meeting, Offer, Response


def board(cast: Cast, referral: Referral | None = None) -> str:
    return f"/screening/{cast.meeting.pk}/{(referral or cast.referral).pk}/"


def another(cast: Cast, name: str, number: int, *, harm: bool = False) -> Referral:
    """A further referral on the agenda of the meeting."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        child = a_person(a_family(cast.cluster, name, number=number), "Kim", school=cast.school)
        referral = a_referral(child, number=number, school=cast.school, days_ago=3)
        if harm:
            Referral.objects.filter(pk=referral.pk).update(
                harm_flagged_at=timezone.now(), harm_flagged_by=cast.practitioner
            )
        AgendaItem.objects.create(
            cluster=cast.cluster, family_id=referral.family_id, meeting=cast.meeting, referral=referral, position=number
        )
    return referral


def service_form(**more: object) -> dict:
    return {
        **once(),
        "response": Response.SERVICE,
        "services": [str(a_service("family_support").pk)],
        "priority": "3",
        "rationale": "Family support fits.",
        **more,
    }


def test_the_leader_reads_all_that_is_needed_to_decide(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    page = client.get(board(cast)).content.decode()
    for text in (
        "Jakub Wójcik, 10",
        "Invented Primary School",
        "Late most Mondays, cries at the gate.",
        "Loves football.",
        "Mornings without shouting.",
        "No earlier referral for Jakub",
        "No visiting risk recorded",
        "Decide, next referral",
        'data-key="d"',
    ):
        assert text in page
    with as_(cast.leader):
        assert Look.objects.filter(family_id=cast.referral.family_id, user_id=cast.leader.pk).count() == 1


def test_a_practitioner_reads_without_the_form(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    page = client.get(board(cast)).content.decode()
    assert "Late most Mondays" in page
    assert "Decide, next referral" not in page
    assert client.post(board(cast), service_form()).status_code == 403


@pytest.mark.parametrize("who", ["other_leader", "other_practitioner", "manager", "referrer", "supervisor"])
def test_outside_the_cluster_there_is_no_such_page(cast: Cast, client: Client, who: str) -> None:
    sign_in(client, getattr(cast, who))
    assert client.get(board(cast)).status_code == 404
    assert client.post(board(cast), service_form()).status_code == 404
    assert client.get(f"/screening/referrals/{cast.referral.pk}/").status_code == 404


def test_a_restricted_family_is_no_line_of_the_agenda(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        AgendaItem.objects.create(
            cluster=cast.cluster,
            family=cast.restricted_family,
            meeting=cast.meeting,
            referral=cast.restricted_referral,
            position=2,
        )
    sign_in(client, cast.leader)
    assert "Eve-Rose" not in client.get(board(cast)).content.decode()
    assert client.get(board(cast, cast.restricted_referral)).status_code == 404


def test_deciding_goes_to_the_next_undecided_and_after_the_last_to_the_recap(cast: Cast, client: Client) -> None:
    second, third = another(cast, "Aaa", 12), another(cast, "Bbb", 13)
    sign_in(client, cast.leader)
    assert client.post(board(cast, second), service_form()).url == board(cast, third)
    assert client.post(board(cast, third), service_form()).url == board(cast)
    assert client.post(board(cast), service_form()).url == f"/screening/{cast.meeting.pk}/recap/"
    with as_(cast.leader):
        assert Decision.objects.filter(meeting=cast.meeting, decided_by=cast.leader).count() == 3


def test_a_double_submit_makes_one_decision(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    form = service_form()
    first, second = client.post(board(cast), form), client.post(board(cast), form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url
    with as_(cast.leader):
        assert Offer.objects.filter(decision__referral=cast.referral).count() == 1


def test_the_second_leader_gets_409_with_who_and_when(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    client.post(board(cast), service_form())
    answer = client.post(board(cast), service_form(rationale="Something else."))
    assert answer.status_code == 409
    with as_(cast.leader):
        at = timezone.localtime(Decision.objects.get(referral=cast.referral).decided_at)
    assert f"Decided by Dee Example at {at:%H:%M}" in answer.content.decode()


def test_a_decided_referral_shows_the_decision_instead_of_the_form(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    client.post(board(cast), service_form())
    page = client.get(board(cast)).content.decode()
    assert "Decide, next referral" not in page
    for text in ("Service received", "Family support fits.", "Dee Example", "Family support: waiting since"):
        assert text in page


def test_what_contradicts_itself_stands_at_its_field_and_keeps_the_text(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    answer = client.post(board(cast), service_form(services=[]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose at least one service" in page
    assert "Family support fits." in page
    assert "There is a problem" in page
    # The token was not used up: sent again with a service, it decides.
    again = service_form(once=answer.context["form"]["once"].value())
    assert client.post(board(cast), again).status_code == 302


def test_what_was_typed_is_found_again_and_gone_once_decided(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    body = {"key": f"decision:{cast.referral.pk}", "version": 0, "data": {"rationale": ["Half a thought"]}}
    assert client.post("/drafts/", body, content_type="application/json").status_code == 200
    page = client.get(board(cast)).content.decode()
    assert "Half a thought" in page
    assert "There is a problem" not in page
    client.post(board(cast), service_form())
    with as_(cast.leader):
        assert not Draft.objects.filter(key=f"decision:{cast.referral.pk}").exists()


def test_harm_comes_first_and_cannot_be_deferred_before_the_step_up(cast: Cast, client: Client) -> None:
    flagged = another(cast, "Zzz", 19, harm=True)
    sign_in(client, cast.leader)
    page = client.get(board(cast)).content.decode()
    assert page.index("1. Kim Z") < page.index("2. Jakub W")
    assert "risk of significant harm" in page
    refused = client.post(board(cast, flagged) + "defer/", {**once(), "reason": "Later."})
    assert refused.status_code == 403
    assert "never left in a queue" in refused.content.decode()
    at = timezone.localtime()
    stepped = client.post(
        f"/screening/referrals/{flagged.pk}/step-up/",
        {
            **once(),
            "taken_by": "Invented Duty Worker",
            "csws_reference": "D-17",
            "at-day": at.day,
            "at-month": at.month,
            "at-year": at.year,
            "at-time": "00:00",
        },
    )
    assert stepped.url == board(cast, flagged)
    assert "taken by Invented Duty Worker" in client.get(board(cast, flagged)).content.decode()
    assert client.post(board(cast, flagged) + "defer/", {**once(), "reason": "Later."}).status_code == 302


def test_outside_a_meeting_a_leader_decides_too(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    url = f"/screening/referrals/{cast.referral.pk}/"
    assert "Screening outside a meeting" in client.get(url).content.decode()
    client.post(url, service_form())
    with as_(cast.leader):
        assert Decision.objects.get(referral=cast.referral).meeting is None


def test_a_decision_before_the_meeting_counts_as_outside_it(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Meeting.objects.filter(pk=cast.meeting.pk).update(starts_at=timezone.now() + timedelta(days=2))
    sign_in(client, cast.leader)
    assert "counts as made outside a meeting" in client.get(board(cast)).content.decode()
    client.post(board(cast), service_form())
    with as_(cast.leader):
        assert Decision.objects.get(referral=cast.referral).meeting is None


@pytest.mark.parametrize("number", [5, 25, 100])
def test_the_board_asks_no_more_for_a_long_agenda(cast: Cast, client: Client, number: int) -> None:
    for n in range(2, number + 1):
        another(cast, f"Family{n}", n + 100)
    sign_in(client, cast.leader)
    with at_most(12):
        assert client.get(board(cast)).status_code == 200


def test_deciding_takes_few_statements(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Meeting.objects.filter(pk=cast.meeting.pk).update(status=Meeting.Status.OPEN)
    sign_in(client, cast.leader)
    form = service_form()
    with at_most(15):
        client.post(board(cast), form)


@pytest.mark.parametrize(
    ("starts_in", "status"),
    [
        (timedelta(minutes=59), 200),
        (timedelta(minutes=61), 404),
        (-timedelta(hours=23, minutes=59), 200),
        (-timedelta(hours=24, minutes=1), 404),
    ],
)
def test_a_guest_reads_within_the_window_and_at_no_other_time(
    cast: Cast, client: Client, starts_in: timedelta, status: int
) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Meeting.objects.filter(pk=cast.meeting.pk).update(starts_at=timezone.now() + starts_in)
    sign_in(client, cast.guest)
    answer = client.get(board(cast))
    assert answer.status_code == status
    assert client.get(f"/screening/{cast.meeting.pk}/").status_code == status
    if status == 200:
        page = answer.content.decode()
        assert "Late most Mondays" in page
        assert "Decide, next referral" not in page
        assert "Step up" not in page


def test_a_guest_reads_nothing_else_and_writes_nothing(cast: Cast, client: Client) -> None:
    sign_in(client, cast.guest)
    meeting = f"/screening/{cast.meeting.pk}/"
    for url in ("/screening/", "/waiting/", "/passed-on/", meeting + "recap/", "/screening/new/"):
        assert client.get(url).status_code == 403, url
    for url in (board(cast), meeting + "state/", meeting + "attendees/", meeting + "actions/", board(cast) + "defer/"):
        assert client.post(url, service_form()).status_code == 403, url
    assert client.get(f"/screening/referrals/{cast.referral.pk}/").status_code == 403
    assert client.get(f"/screening/referrals/{cast.case_referral.pk}/").status_code == 404


def test_several_services_for_several_people_and_several_partners_at_once(cast: Cast, client: Client) -> None:
    support, therapy = a_service("family_support"), a_service("childrens_therapy")
    partners = [a_partner(), a_partner("RES team", back=True)]
    with as_(cast.leader):
        mother = a_person(cast.referral.family, "Ewa", is_child=False)
    sign_in(client, cast.leader)
    page = client.get(board(cast)).content.decode()
    child = cast.referral.child_id
    assert f'name="row_{therapy.pk}_{child}"' in page
    today, (beck, res) = timezone.localdate(), partners
    form = service_form(
        response=Response.SERVICE_AND_PASSED_ON,
        services=[str(support.pk), str(therapy.pk)],
        partners=[str(partner.pk) for partner in partners],
        **{
            f"what_{beck.pk}": "the referral",
            f"days_{beck.pk}": "7",
            f"what_{res.pk}": "the referral and school’s report",
            f"row_{support.pk}_family": "3",
            f"row_{support.pk}_{mother.pk}": "2",
            f"row_{therapy.pk}_{child}": "1",
        },
    )
    # Three of them open the meeting.
    with at_most(17):
        assert client.post(board(cast), form).status_code == 302
    with as_(cast.leader):
        decision = Decision.objects.get(referral=cast.referral)
        assert set(decision.offers.values_list("service__code", "person__first_name", "priority")) == {
            (support.code, None, 3),
            (support.code, "Ewa", 2),
            (therapy.code, "Jakub", 1),
        }
        assert set(decision.passed_on.values_list("partner__name", "sent_what", "news_due_on")) == {
            ("The Beck", "the referral", today + timedelta(days=7)),
            ("RES team", "the referral and school’s report", today + timedelta(days=res.answer_days)),
        }


def test_a_service_is_still_for_whom_it_was_proposed_after_an_error(cast: Cast, client: Client) -> None:
    """Rows that the page did not show were not sent: they are not emptied by a form that comes back."""
    support = a_service("family_support")
    sign_in(client, cast.leader)
    first = client.get(board(cast)).context["form"][f"row_{support.pk}_family"].value()
    again = client.post(board(cast), {"response": "", "rationale": "Mornings."})
    assert again.status_code == 422
    assert again.context["form"][f"row_{support.pk}_family"].value() == first != ""


def test_a_service_that_is_ticked_must_be_for_somebody(cast: Cast, client: Client) -> None:
    support = a_service("family_support")
    sign_in(client, cast.leader)
    form = service_form(**{f"row_{support.pk}_family": "", f"row_{support.pk}_{cast.referral.child_id}": ""})
    page = client.post(board(cast), form).content.decode()
    assert "choose for whom" in page
    with as_(cast.leader):
        assert not Decision.objects.filter(referral=cast.referral).exists()
