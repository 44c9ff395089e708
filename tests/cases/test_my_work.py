"""My work: what is due, in the order in which it is needed, each row with the one thing to do, at a fixed cost."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseService, PlannedSession, Task
from cluster_ehs.core.models import Draft
from clusters.models import Entitlement
from families.models import Person
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries
from triage.models import Offer

HOME = "/"


def work(cast: Cast, number: int) -> None:
    """Half of it overdue, half of it this week."""
    today = timezone.localdate()
    with as_(cast.practitioner):
        Task.objects.bulk_create(
            Task(
                cluster=cast.cluster,
                family=cast.family,
                case=cast.case,
                what=f"Task {n}",
                owner=cast.practitioner,
                due_on=today + timedelta(days=3 if n % 2 else -3),
            )
            for n in range(number)
        )
        Draft.objects.bulk_create(
            Draft(user_id=cast.practitioner.pk, key=f"contact:{n}", title=f"Draft {n}", url="/cases/")
            for n in range(number)
        )
        Case.objects.filter(pk=cast.case.pk).update(
            review_due_on=today - timedelta(days=4),
            next_step="Ring the school",
            next_step_on=today + timedelta(days=1),
            last_contact_on=today - timedelta(days=30),
        )


def test_overdue_then_this_week_then_my_cases_and_every_row_leads_somewhere(cast: Cast, client: Client) -> None:
    work(cast, 4)
    sign_in(client, cast.practitioner)
    text = client.get(HOME).content.decode()
    places = [text.index(f">{heading}") for heading in ("Overdue", "This week", "My cases")]
    assert places == sorted(places)
    late = text[places[0] : places[1]]
    for said in ("Plan review was due", "No contact since", "Task 0", "Draft 1"):
        assert said in late, said
    week = text[places[1] : places[2]]
    assert "Ring the school" in week and "Task 1" in week and "Task 0" not in week
    # The longest overdue first, so that nothing sinks.
    days = [int(n) for n in re.findall(r'eh-late">(\d+) days', late)]
    assert days == sorted(days, reverse=True) and 30 in days
    links = set(re.findall(r'href="(/[^"]+)"', late + week))
    assert reverse("contact-new", args=[cast.case.pk]) in links
    assert {client.get(link).status_code for link in links} <= {200, 302}


def test_a_full_week_shows_the_next_days_and_folds_the_rest(cast: Cast, client: Client) -> None:
    work(cast, 30)
    home = sign_in(client, cast.practitioner).get(HOME)
    shown, later = home.context["this_week"], home.context["later"]
    assert [len(shown), len(later)] == [8, 8]
    assert shown[0]["title"] == "Ring the school"
    assert "8 more this week" in home.content.decode()
    with as_(cast.practitioner):
        Task.objects.filter(due_on__gt=timezone.localdate()).update(due_on=timezone.localdate() + timedelta(days=1))
    home = sign_in(client, cast.practitioner).get(HOME)
    assert [len(home.context["this_week"]), home.context["later"]] == [16, []]


@pytest.mark.parametrize("number", [5, 25, 100])
def test_the_home_costs_the_same_with_5_25_and_100_rows(cast: Cast, client: Client, number: int) -> None:
    work(cast, number)
    sign_in(client, cast.practitioner)
    assert len(queries(client, HOME)) <= 12


def test_interpreters_to_book_and_services_used_up_stand_where_their_days_put_them(cast: Cast, client: Client) -> None:
    """A fortnight ahead an interpreter can be booked: what is still not booked ten days later is ten days late."""
    work(cast, 0)
    keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
    at = timezone.now() + timedelta(days=4)
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.mother.pk).update(interpreter_needed=True)
        visit = PlannedSession.objects.create(
            **keys, case=cast.case, worker=cast.practitioner, kind="home_visit", at=at, planned_by=cast.practitioner
        )
        PlannedSession.objects.filter(pk=visit.pk).update(created_at=at - timedelta(days=60))
        support = cast.case.services.filter(worker=cast.practitioner).first()
        rule = Entitlement.objects.create(service=support.service, weeks=1, effective_from=timezone.localdate())
        CaseService.objects.filter(pk=support.pk).update(entitlement=rule)
        began = timezone.localdate() - timedelta(days=13)
        Offer.objects.filter(pk=support.offer_id).update(started_on=began, status="started")
    rows = sign_in(client, cast.practitioner).get(HOME).context["overdue"]
    late = {row["action"]: row["days_late"] for row in rows}
    assert (late["Book one"], late["See the service"]) == (10, 6)
    assert [row["days_late"] for row in rows] == sorted((row["days_late"] for row in rows), reverse=True)
