"""A follow-up as its worker records it: an answer, tries, and a leader who passes it on or ends it."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Case
from cases.services import set_goal
from families.models import Person
from outcomes.models import FollowUp
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_family_page import close, on

pytestmark = pytest.mark.django_db
BACK = {"re_referral": "no", "social_care": "no", "wants_help": "no"}


@pytest.fixture
def due(cast: Cast) -> FollowUp:
    with as_(cast.practitioner):
        set_goal(by=cast.practitioner, case=cast.case, words="Mornings without shouting", baseline=3, target=8)
    with as_(cast.leader):
        return close(cast, days_ago=95)


def again(cast: Cast, due: FollowUp) -> FollowUp:
    with as_(cast.leader):
        return FollowUp.objects.get(pk=due.pk)


def test_it_is_asked_of_who_stays_in_touch(cast: Cast, client: Client, due: FollowUp) -> None:
    home = sign_in(client, cast.practitioner).get("/").text
    assert f"/follow-ups/{due.pk}/" in home


def test_a_closed_case_is_asked_of_after_3_and_12_months(cast: Cast, due: FollowUp) -> None:
    with as_(cast.leader):
        closed = Case.objects.get(pk=cast.case.pk).closed_on
        after = {row.months: row.due_on - closed for row in FollowUp.objects.filter(case=cast.case) if closed}
    assert set(after) == {3, 12}
    assert timedelta(days=89) <= after[3] <= timedelta(days=92)
    assert timedelta(days=365) <= after[12] <= timedelta(days=366)


def test_an_answer_sent_twice_is_one_and_what_is_wrong_names_the_field(
    cast: Cast, client: Client, due: FollowUp
) -> None:
    url, once = f"/follow-ups/{due.pk}/", str(uuid.uuid4())
    with as_(cast.leader):
        Person.objects.filter(pk=cast.mother.pk).update(telephone="0113 496 0042")
        Person.objects.filter(pk=cast.child.pk).update(telephone="0113 496 0043")
    sign_in(client, cast.practitioner)
    page = client.get(url).text
    assert 'href="tel:01134960042"' in page and "0043" not in page, "whom to ring stands where the answer is written"
    answer = {"once": once, "how": "phone", "things": 4, "words": "Mornings are calm.", **BACK}
    late = client.post(url, answer | on("on", timezone.localdate() + timedelta(days=1)))
    assert late.status_code == 422
    assert "Mornings are calm." in late.text
    for _ in range(2):
        assert client.post(url, answer | on("on", timezone.localdate())).status_code == 302
    found = again(cast, due)
    assert (found.status, found.things, found.words) == ("done", 4, "Mornings are calm.")
    assert "Mornings are calm." in client.get(url).text


def test_three_tries_are_not_reached_and_a_double_click_is_one_try(cast: Cast, client: Client, due: FollowUp) -> None:
    url = f"/follow-ups/{due.pk}/"
    sign_in(client, cast.practitioner)
    for number in range(3):
        once = str(uuid.uuid4())
        for _ in range(2):
            sent = {"try-once": once, "try-how": "phone", "try-last": "on" if number == 2 else ""}
            assert client.post(url, sent).status_code == 302
        with as_(cast.leader):
            assert due.attempts.count() == number + 1
    assert again(cast, due).status == "not_reached"


def test_a_leader_passes_it_on_or_says_why_it_is_not_needed(cast: Cast, client: Client, due: FollowUp) -> None:
    url = f"/follow-ups/{due.pk}/"
    sign_in(client, cast.practitioner)
    assert client.post(url, {"leader-holder": cast.colleague.pk}).status_code == 403
    sign_in(client, cast.leader)
    assert client.post(url, {"leader-once": str(uuid.uuid4())}).status_code == 422
    assert client.post(url, {"leader-once": str(uuid.uuid4()), "leader-holder": cast.colleague.pk}).status_code == 302
    assert again(cast, due).holder == cast.colleague
    assert (
        client.post(
            url, {"leader-once": str(uuid.uuid4()), "leader-holder": cast.colleague.pk, "leader-why": "Moved away"}
        )
    ).status_code == 302
    assert again(cast, due).status == "not_needed"


def test_another_clusters_worker_does_not_find_it(cast: Cast, client: Client, due: FollowUp) -> None:
    assert sign_in(client, cast.other_practitioner).get(f"/follow-ups/{due.pk}/").status_code == 404
