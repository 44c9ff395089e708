"""What interpreters cost against the budget: months, warnings, who sees whose."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from cases.models import InterpreterBooking
from cluster_ehs.core import scope
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.services.budgets import financial_year, set_budget
from monitoring.interpreters import spends, together
from tests.fixtures_cast import a_term, as_, sign_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def _now():
    """Before the first cast is asked for: its dates are counted from then."""
    with time_machine.travel(NOW, tick=False):
        yield


def booked(case, day, pence, status="used"):
    return InterpreterBooking(
        cluster_id=case.cluster_id,
        family_id=case.family_id,
        case=case,
        language=a_term("language", "slk"),
        at=datetime(*day, 23, 30, tzinfo=UTC),
        minutes_booked=60,
        minutes_used=45 if status == "used" else None,
        pence=pence,
        status=status,
        made_by_id=case.lead_workers.get().worker_id,
    )


@pytest.fixture
def spent(cast):
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        InterpreterBooking.objects.bulk_create(
            [
                # By the clock on the wall 31 March at 23:30 UTC is 1 April, the first day of the year.
                booked(cast.case, (2026, 3, 30), 9900),
                booked(cast.case, (2026, 3, 31), 4000),
                booked(cast.case, (2026, 5, 4), 6000),
                booked(cast.case, (2026, 5, 7), None),
                booked(cast.case, (2026, 12, 1), 3100, status="booked"),
                booked(cast.restricted_case, (2026, 6, 1), 100),
                booked(cast.other_case, (2026, 6, 1), 7000),
            ]
        )
        late, in_time = (booked(cast.case, (2026, 5, day), pence, "asked") for day, pence in ((5, 3000), (6, None)))
        for one, charged in ((late, True), (in_time, False)):
            one.save()
            InterpreterBooking.objects.filter(pk=one.pk).update(status="cancelled", cancelled_late=charged)
    return cast


def budget(*, by, **values):
    with as_(by):
        return set_budget(by=by, **values)


def of(cast, *clusters):
    with as_(cast.manager), scope.figures():
        return spends(clusters=clusters, year=2026, on=timezone.localdate())


def test_each_month_of_the_financial_year_and_the_budget_that_holds(spent):
    for pence, day in ((10_000, date(2026, 4, 1)), (20_000, date(2026, 9, 1)), (1, date(2026, 12, 1))):
        budget(by=spent.leader, cluster=spent.cluster, year=2026, pence=pence, effective_from=day)
    a, b = of(spent, spent.cluster, spent.other_cluster)
    april, may, june = a.months[:3]
    assert [month.number for month in a.months] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]
    assert april.spent == 4000
    assert (may.used, may.late, may.minutes, may.spent, may.unknown) == (2, 1, 90, 9000, 1)
    assert june.spent == 100
    assert (a.months[8].coming, a.total.spent, a.total.coming) == (3100, 13_100, 3100)
    assert (a.budget, a.percent, a.left, a.state) == (20_000, 81, 3800, "near")
    assert (b.budget, b.percent, b.state) == (None, None, "")
    both = together([a, b], "All")
    assert (both.total.spent, both.budget, both.state) == (20_100, 20_000, "over")


def test_the_years_turn_on_the_first_of_april():
    assert [financial_year(day) for day in (date(2026, 3, 31), date(2026, 4, 1), date(2027, 1, 1))] == [
        2025,
        2026,
        2026,
    ]


def test_a_budget_is_set_by_the_manager_or_the_own_leader_once_for_a_day(spent):
    today = timezone.localdate()
    with pytest.raises(Denied):
        budget(by=spent.leader, cluster=spent.other_cluster, year=2026, pence=1, effective_from=today)
    budget(by=spent.manager, cluster=spent.other_cluster, year=2026, pence=0, effective_from=today)
    for day, year in ((today, 2026), (today, 2024)):
        with pytest.raises(ValidationError):
            budget(by=spent.manager, cluster=spent.other_cluster, year=year, pence=1, effective_from=day)


def test_the_page_for_a_leader_and_a_manager(spent, client, django_assert_max_num_queries):
    budget(by=spent.manager, cluster=spent.cluster, year=2026, pence=15_000, effective_from=date(2026, 4, 1))
    url = reverse("interpreter-spend")
    sign_in(client, spent.leader)
    with django_assert_max_num_queries(8 + 6):
        page = client.get(url)
    text = page.content.decode()
    assert "Hilltop" not in text
    assert "Over the budget by £12.00" in text
    assert "<svg" in text
    assert "1 without a cost" in text
    assert client.get(url, {"cluster": spent.other_cluster.pk, "year": 2026}).status_code == 403
    sign_in(client, spent.manager)
    text = client.get(url).content.decode()
    assert "Riverside Invented" in text and "Hilltop Invented" in text
    assert "Novák" not in text
    sheet = client.get(url, {"cluster": spent.other_cluster.pk, "year": 2026, "as": "csv"}).content.decode("utf-8-sig")
    assert "Hilltop Invented,2026-06,1,45,0,70.0" in sheet
    assert "Riverside" not in sheet
    sign_in(client, spent.practitioner)
    assert client.get(url).status_code == 403


def test_the_leaders_home_warns_from_80_per_cent_on(spent, cast, client):
    year, home = financial_year(NOW.date()), reverse("home")

    def budget(pence, day):
        with as_(cast.manager):
            set_budget(by=cast.manager, cluster=cast.cluster, year=year, pence=pence, effective_from=day)

    with scope.figures():
        total = spends(clusters=[cast.cluster], year=year, on=NOW.date())[0].total
    paid = total.spent + total.coming
    sign_in(client, cast.leader)
    assert "Interpreters’ budget" not in client.get(home).content.decode(), "no budget is set"
    budget(paid * 2, date(2026, 4, 1))
    assert "Interpreters’ budget" not in client.get(home).content.decode(), "half of it"
    budget(paid * 1000 // 855, date(2026, 5, 1))
    page = client.get(home).content.decode()
    assert "Interpreters’ budget" in page and "spent and booked (85 %)" in page
    budget(paid - 100, date(2026, 6, 1))
    assert "£1.00 over the budget." in client.get(home).content.decode()
    for who in (cast.practitioner, cast.other_leader, cast.manager):
        assert "over the budget" not in sign_in(client, who).get(home).content.decode(), who
