"""The quarterly review of access: made by itself, decided line by line, never by oneself, finished by a manager."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Look, Message
from clusters.access_review import selectors, services
from clusters.models import AccessLine, AccessReview, Role, User
from clusters.people import duties
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries

KEEP, END, CHANGE = AccessLine.Decision.KEEP, AccessLine.Decision.END, AccessLine.Decision.CHANGE


@pytest.fixture
def review(cast: Cast) -> AccessReview:
    services.open_due(timezone.localdate())
    return AccessReview.objects.get(cluster=cast.cluster)


def line_of(review: AccessReview, user: User) -> AccessLine:
    return AccessLine.objects.get(review=review, role__user=user)


def test_quarters() -> None:
    assert services.quarter_of(date(2026, 11, 23)) == date(2026, 10, 1)
    assert [services.quarter_of(date(2026, m, 28)).month for m in range(1, 13)] == [
        1,
        1,
        1,
        4,
        4,
        4,
        7,
        7,
        7,
        10,
        10,
        10,
    ]


def test_each_cluster_and_the_city_get_one_a_quarter_with_everybody_in_it(cast: Cast) -> None:
    today = timezone.localdate()
    quarter = services.quarter_of(today)
    with as_(cast.practitioner):
        for _ in range(3):
            audit.look(by=cast.practitioner, at=cast.family, page="family")
    with as_(cast.other_practitioner):
        audit.look(by=cast.other_practitioner, at=cast.other_family, page="family")
    # Looks count in the review of the quarter after the one in which they were.
    after = services.quarter_of(quarter + timedelta(days=95))
    with time_machine.travel(timezone.now().replace(year=after.year, month=after.month, day=after.day)):
        assert services.open_due(timezone.localdate()) == 3
        assert services.open_due(timezone.localdate()) == 0
    here = AccessReview.objects.get(cluster=cast.cluster)
    assert {line.role.user for line in here.lines.all()} == {
        cast.practitioner,
        cast.colleague,
        cast.leader,
        cast.therapist,
        cast.guest,
        cast.referrer,
    }
    assert (line_of(here, cast.practitioner).looks, line_of(here, cast.colleague).looks) == (3, 0)
    assert "case" in line_of(here, cast.practitioner).holds
    city = AccessReview.objects.get(cluster=None)
    assert {line.role.user for line in city.lines.all()} == {cast.manager, cast.supervisor}
    assert Message.objects.filter(user_id=cast.leader.pk, key__startswith="access-review:").count() == 1


def test_line_by_line_and_nobody_for_themselves(cast: Cast, review: AccessReview) -> None:
    with as_(cast.leader):
        services.decide(line_of(review, cast.colleague), by=cast.leader, decision=KEEP)
        with pytest.raises(Denied, match="their own role"):
            services.decide(line_of(review, cast.leader), by=cast.leader, decision=KEEP)
        with pytest.raises(ValidationError, match="still holds work"):
            services.decide(
                line_of(review, cast.practitioner), by=cast.leader, decision=END, ends_on=timezone.localdate()
            )
        with pytest.raises(ValidationError, match="what is to change"):
            services.decide(line_of(review, cast.therapist), by=cast.leader, decision=CHANGE)
        with pytest.raises(ValidationError, match="A manager ends this role"):
            services.decide(line_of(review, cast.referrer), by=cast.leader, decision=END, ends_on=timezone.localdate())
        services.decide(line_of(review, cast.guest), by=cast.leader, decision=END, ends_on=timezone.localdate())
    assert not duties(User.objects.get(pk=cast.guest.pk)).roles
    assert Message.objects.filter(user_id=cast.guest.pk, subject__startswith="A role of yours ends").count() == 1
    for stranger in (cast.practitioner, cast.other_leader):
        with as_(stranger), pytest.raises(Denied):
            services.decide(line_of(review, cast.therapist), by=stranger, decision=KEEP)


def test_a_role_with_work_in_hand_leads_to_where_it_is_handed_over(
    cast: Cast, review: AccessReview, client: Client
) -> None:
    url, hand_over = f"/settings/access/lines/{line_of(review, cast.practitioner).pk}/", "Hand it over and end the role"
    day = timezone.localdate()
    sent = {"decision": END, "ends_on-day": day.day, "ends_on-month": day.month, "ends_on-year": day.year}
    sign_in(client, cast.leader)
    assert hand_over not in client.get(url).text
    answer = client.post(url, sent)
    assert answer.status_code == 422
    assert hand_over in answer.text


def test_a_manager_finishes_it_when_every_line_is_decided(cast: Cast, review: AccessReview, client: Client) -> None:
    with as_(cast.manager):
        with pytest.raises(Conflict, match="still to be decided"):
            services.finish(review, by=cast.manager)
        for line in review.lines.all():
            services.decide(line, by=cast.manager, decision=KEEP)
    with as_(cast.leader), pytest.raises(Denied):
        services.finish(review, by=cast.leader)
    sign_in(client, cast.manager)
    assert client.post(f"/settings/access/{review.pk}/finish/").status_code == 302
    review.refresh_from_db()
    assert review.finished_by == cast.manager
    with as_(cast.manager), pytest.raises(Denied, match="finished"):
        services.decide(line_of(review, cast.guest), by=cast.manager, decision=KEEP)


def test_the_page_says_who_is_next_and_the_newest_review_comes_first(
    cast: Cast, review: AccessReview, client: Client
) -> None:
    page, done = f"/settings/access/{review.pk}/", "You have decided all that is yours"
    sign_in(client, cast.leader)
    assert done not in client.get(page).text
    assert client.get("/settings/").text.count('href="/settings/access/"') == 2, "a part of its own, beside the tab"
    with as_(cast.leader):
        for line in review.lines.exclude(role__user=cast.leader):
            services.decide(line, by=cast.leader, decision=KEEP)
    assert done in client.get(page).text
    sign_in(client, cast.manager)
    client.post(f"/settings/access/lines/{line_of(review, cast.leader).pk}/keep/")
    assert 'href="#finish"' in client.get(page).text
    day = review.quarter_starts_on - timedelta(days=90)
    earlier = AccessReview.objects.create(cluster=cast.cluster, quarter_starts_on=day, due_on=day + timedelta(days=28))
    listed = client.get("/settings/access/").text
    assert listed.index(page) < listed.index(f"/settings/access/{earlier.pk}/")


def test_an_overdue_review_is_on_the_home_and_in_the_numbers_of_the_week(
    cast: Cast, review: AccessReview, client: Client
) -> None:
    AccessReview.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    for person in (cast.leader, cast.manager):
        sign_in(client, person)
        home = client.get("/").text
        assert "Review of access" in home and "Overdue" in home
    sign_in(client, cast.practitioner)
    assert "Review of access" not in client.get("/").text
    counts = selectors.of_reviews(None, clusters=[cast.cluster.pk])["lines"]
    assert counts == [("reviews of access overdue", {cast.cluster.pk: 1})]


def test_pressing_keep_on_the_page_and_what_it_costs(cast: Cast, review: AccessReview, client: Client) -> None:
    sign_in(client, cast.leader)
    line = line_of(review, cast.colleague)
    answer = client.post(f"/settings/access/lines/{line.pk}/keep/")
    assert answer.url == f"/settings/access/{review.pk}/#line-{line.pk}"
    page = client.get(f"/settings/access/{review.pk}/").text
    assert "Your own: a manager, or another leader, confirms it" in page
    few = queries(client, f"/settings/access/{review.pk}/")
    for number in range(30):
        user = User.objects.create_user(name=f"Invented {number}", email=f"i{number}@example.org")
        role = user.roles.create(role=Role.PANEL_GUEST, cluster=cast.cluster, starts_on=date(2026, 1, 1))
        AccessLine.objects.create(review=review, role=role)
    assert len(queries(client, f"/settings/access/{review.pk}/")) == len(few) <= 9
    assert Look.objects.count() == 0
