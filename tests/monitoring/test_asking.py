"""Which days a choice means, what it is compared with, and an address that can be shared."""

from datetime import date, timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cluster_ehs.core.denied import Denied
from clusters.models import Cluster, User
from monitoring.asking import BEFORE, NOTHING, YEAR_BEFORE, PeriodForm, asked_for, choices, earlier, period_of
from monitoring.shapes import Period
from tests.fixtures_cast import Cast, as_, sign_in

TODAY = date(2026, 11, 23)


def days(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("key", "period", "before", "year"),
    [
        ("last-3", ("2026-08-24", "2026-11-23"), ("2026-05-24", "2026-08-23"), ("2025-08-24", "2025-11-23")),
        ("month-2026-10", ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30"), ("2025-10-01", "2025-10-31")),
        ("month-2026-11", ("2026-11-01", "2026-11-23"), ("2026-10-09", "2026-10-31"), ("2025-11-01", "2025-11-23")),
        ("month-2025-02", ("2025-02-01", "2025-02-28"), ("2025-01-01", "2025-01-31"), ("2024-02-01", "2024-02-29")),
        ("school-2025", ("2025-09-01", "2026-08-31"), ("2024-09-01", "2025-08-31"), ("2024-09-01", "2025-08-31")),
        ("school-2026", ("2026-09-01", "2026-11-23"), ("2025-09-01", "2025-11-23"), ("2025-09-01", "2025-11-23")),
        ("financial-2025", ("2025-04-01", "2026-03-31"), ("2024-04-01", "2025-03-31"), ("2024-04-01", "2025-03-31")),
    ],
)
def test_what_a_choice_means_and_is_compared_with(
    key: str, period: tuple[str, str], before: tuple[str, str], year: tuple[str, str]
) -> None:
    found = period_of(key, TODAY)
    assert found == days(*period)
    assert earlier(found, BEFORE, key) == days(*before)
    assert earlier(found, YEAR_BEFORE, key) == days(*year)
    assert earlier(found, NOTHING, key) is None


@pytest.mark.parametrize("key", ["last-4", "month-2026-13", "month-2027-01", "school-2027", "year-2020", "", "own"])
def test_what_is_no_choice(key: str) -> None:
    assert period_of(key, TODAY) is None


@given(st.dates(date(2001, 1, 1), date(2090, 12, 31)))
def test_every_choice_that_is_offered_is_a_period_up_to_today_and_ends_before_it_what_it_is_compared_with(
    today: date,
) -> None:
    keys = [key for group in choices(today)[:-1] for key, _ in group[1]]
    assert len(set(keys)) == len(keys)
    for key in keys:
        period = period_of(key, today)
        assert period is not None and period.start <= period.end <= today, key
        before = earlier(period, BEFORE, key)
        assert before is not None and before.start <= before.end < period.start, key
        assert abs((before.end - before.start) - (period.end - period.start)) <= timedelta(days=4), key


def asking(rf: RequestFactory, user: User, query: str) -> object:
    request = rf.get(f"/dashboard/?{query}")
    request.user = user
    with as_(user):
        return asked_for(request)  # type: ignore[arg-type]


def test_an_address_says_again_what_was_asked(cast: Cast, rf: RequestFactory) -> None:
    own = "period=own&start-day=1&start-month=9&start-year=2025&end-day=5&end-month=9&end-year=2025&compare=year"
    first = asking(rf, cast.manager, f"cluster={cast.cluster.pk}&{own}")
    again = asking(rf, cast.manager, first.address("home").partition("?")[2])  # type: ignore[attr-defined]
    assert again.period == days("2025-09-01", "2025-09-05")  # type: ignore[attr-defined]
    assert (again.ids, again.compare, again.every) == ([cast.cluster.pk], "year", False)  # type: ignore[attr-defined]
    usual = asking(rf, cast.manager, "")
    assert usual.every and set(usual.ids) == set(Cluster.objects.values_list("pk", flat=True))  # type: ignore[attr-defined]


def test_a_leader_asks_for_the_own_clusters_and_no_other(cast: Cast, rf: RequestFactory) -> None:
    assert asking(rf, cast.leader, "").ids == [cast.cluster.pk]  # type: ignore[attr-defined]
    with pytest.raises(Denied):
        asking(rf, cast.leader, f"cluster={cast.other_cluster.pk}")
    with pytest.raises(Denied):
        asking(rf, cast.practitioner, "")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=own", "start"),
        ("period=own&start-day=2&start-month=2&start-year=2026&end-day=1&end-month=2&end-year=2026", "end"),
        ("period=never", "period"),
    ],
)
def test_what_is_wrong_names_its_field(cast: Cast, rf: RequestFactory, query: str, field: str) -> None:
    asked = asking(rf, cast.manager, query)
    assert asked.period is None and field in asked.form.errors  # type: ignore[attr-defined]


def test_every_page_of_figures_asks_in_the_same_form(cast: Cast, client: Client) -> None:
    """The same choice means the same days and Clusters everywhere; none ticked means all that are not retired."""
    Cluster.objects.filter(pk=cast.other_cluster.pk).update(retired_on=date(2026, 1, 1))
    sign_in(client, cast.manager)
    names = ("dashboard", "monitoring-tables", "need-levels", "event-figures")
    for address in (*(reverse(name) for name in names), reverse("report-page", args=["waiting"])):
        for choice in ("month-2026-03", "school-2025", "whole-12"):
            form = client.get(address, {"period": choice}).context["form"]
            assert isinstance(form, PeriodForm) and form.is_valid(), address
            meant = period_of(choice, timezone.localdate())
            assert Period(form.values["start"], form.values["end"]) == meant, address
            assert form.values["cluster"] == [cast.cluster.pk], address
        wrong = client.get(address, {"period": "own", "start-day": "31", "start-month": "2", "start-year": "2026"})
        assert set(wrong.context["form"].errors) == {"start", "end"}, address
