"""Progress and readings, needs and social care: the figures of the suite against cases made by hand."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import scope
from clusters.models import Term, Vocabulary
from families.models import SocialCareInvolvement
from monitoring.shapes import Period
from monitoring.suite import progress, social_care
from monitoring.suite.shapes import Asked, Table
from outcomes.needs.services import Found, record_averted, record_needs, set_cost
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_readings import a_reading, a_sample, all_at
from tests.outcomes.test_services import closed_case

pytestmark = pytest.mark.django_db


def asked(cast: Cast) -> Asked:
    today = timezone.localdate()
    period = Period(today - timedelta(days=30), today)
    clusters, names = (cast.cluster.pk, cast.other_cluster.pk), ("Riverside Invented", "Hilltop Invented")
    return Asked(clusters, names, period, timezone.now())


def tables(report: Any, cast: Cast) -> dict[str, Table]:
    with as_(cast.manager), scope.figures():
        return {table.key: table for table in report.REPORT.make(asked(cast))}


def row(table: Table, name: str) -> dict[str, Any]:
    found = next(cells for cells in table.rows if cells[0] == name)
    return {column.label: value for column, value in zip(table.columns, found, strict=True)}


def test_progress_of_a_family_that_was_read_twice(cast: Cast) -> None:
    first = a_reading(cast, points=all_at(2, work=None))
    a_reading(cast, points=all_at(3, safety=9, work=None), corrects=first)
    a_reading(cast, "end", points=all_at(8, safety=10, routines=1, work=9))
    closed_case(cast)
    found = tables(progress, cast)
    assert row(found["overall"], "A higher stage in one domain or more")["Count"] == 1
    assert found["overall"].denominator == 1 and found["overall"].missing == 0
    assert row(found["domains"], "Safety") == {
        "Domain": "Safety", "Read twice": 1, "Higher stage": 0, "Per cent": Decimal("0.00"), "Stayed high": 1,
        "Same stage": 0, "Lower stage": 0, "Missing": 0,
    }  # fmt: skip
    assert row(found["domains"], "Routines")["Lower stage"] == row(found["domains"], "Work")["Missing"] == 1
    # The means of the nine that were read twice: 33/9 and 67/9.
    assert row(found["matrix"], "Start low")["End high"] == found["matrix"].rows[-1][-1] == 1
    assert row(found["matrix_domains"], "Safety")["High to high"] == 1
    assert row(found["read"], "Readings made in the period: at the start")["Count"] == 1  # the version that holds


def test_who_was_not_read_is_missing(cast: Cast) -> None:
    a_reading(cast)
    closed_case(cast)
    found = tables(progress, cast)
    assert found["overall"].missing == found["matrix"].missing == 1 and found["overall"].denominator == 0
    assert row(found["read"], "No reading at the end")["Count"] == 1
    assert row(found["agreement"], "Weighted kappa")["Figure"] is None
    a_sample(cast)
    assert row(tables(progress, cast)["agreement"], "Domains rated by both readers")["Figure"] == 0


def test_needs_social_care_and_what_was_averted(cast: Cast) -> None:
    today, case = timezone.localdate(), cast.case
    needs = {term.code: term.pk for term in Term.objects.of(Vocabulary.NEED)}
    with as_(cast.practitioner):
        SocialCareInvolvement.objects.create(
            cluster_id=case.cluster_id, family_id=case.family_id, person=cast.child, kind="child_protection",
            starts_on=case.opened_on - timedelta(days=9), ends_on=today, source="social_care",
        )  # fmt: skip
        for moment, codes in (("start", ("neglect", "5.1", "5.2")), ("end", ("5.1", "engagement"))):
            found = [Found(needs[code]) for code in codes]
            record_needs(by=cast.practitioner, case=case, moment=moment, done_on=today, found=found)
        for level, weeks in (("looked_after", 10), ("protection", None)):
            record_averted(
                by=cast.practitioner, case=case, level=level, averted_on=today, judged_by="taf", why="Gran", weeks=weeks
            )
    with as_(cast.manager):
        set_cost(by=cast.manager, level="looked_after", per="week", pence=100, starts_on=today, source="Invented")
    closed_case(cast)
    made = tables(social_care, cast)
    care = row(made["care"], "Child protection plan or care proceedings")
    assert (care["Before"], care["During"], care["After"]) == (1, 1, 0)
    assert row(made["care"], "None known")["After"] == 1 and made["care"].denominator == 1
    parenting = next(cells for cells in made["needs"].rows if str(cells[0]).startswith("5.1 "))
    assert parenting[1:] == (1, 1, 0, Decimal("0.00"), 1, 0)
    label = Term.objects.get(code="neglect").label
    assert row(made["needs"], label)["No longer there"] == 1
    assert row(made["outcomes"], "Improved family relationships")["At the start"] == 1  # two needs, one family
    assert row(made["averted"], "Looked after")["Would have cost"] == 1000
    assert row(made["averted"], "Child protection plan") == {
        "What was averted": "Child protection plan", "Steps": 1, "Children": 1, "Would have cost": None,
        "Cost not known": 1,
    }  # fmt: skip
    assert row(made["averted_clusters"], "Hilltop Invented")["Steps"] == 0
    assert "Invented" in str(made["costs_used"].rows[0][0])


def test_the_pages_of_both_reports(cast: Cast, client: Client) -> None:
    a_reading(cast)
    closed_case(cast)
    sign_in(client, cast.manager)
    for key, words in (("progress", "Where families started and ended"), ("social-care", "Stepping up that was")):
        answer = client.get(reverse("report-page", args=[key]))
        assert answer.status_code == 200 and words in answer.content.decode()
