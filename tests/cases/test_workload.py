"""Caseload against capacity: weighted, before and after, restricted cases counted and not named."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from cases.models import CaseService
from cases.selectors.workload import Load, caseload
from cases.services import lend_case
from cluster_ehs.core.denied import Denied
from clusters.models import CaseWeight
from clusters.services.weights import set_weight, weight_of
from tests.fixtures_cast import Cast, a_service, as_, decided, sign_in
from tests.triage.test_decide import a_partner


def load_of(cast: Cast, who: str, **more: object) -> Load:
    with as_(cast.leader):
        loads = {load.worker: load for load in caseload([cast.cluster.pk], **more)}  # type: ignore[arg-type]
    return loads[getattr(cast, who)]


def a_weight(cast: Cast, weight: str, *, days_ago: int = 0, **of: object) -> CaseWeight:
    day = timezone.localdate() - timedelta(days=days_ago)
    with as_(cast.manager):
        return set_weight(by=cast.manager, weight=Decimal(weight), effective_from=day, **of)  # type: ignore[arg-type]


def test_a_restricted_case_counts_in_the_load_of_its_worker_and_is_not_named(cast: Cast, client: Client) -> None:
    """Ben leads the restricted case, which the leader may not see."""
    assert load_of(cast, "colleague").cases == 1
    sign_in(client, cast.leader)
    with as_(cast.leader):
        offer = decided(cast.referral, by=cast.leader).offers.get()
    page = client.get(f"/waiting/{offer.pk}/allocate/").content.decode()
    assert "1 of 14 now, 2 of 14 after" in page
    assert "Smith-Jones" not in page


def test_nobody_counts_the_cases_of_another_cluster(cast: Cast) -> None:
    with as_(cast.other_leader):
        assert [load.cases for load in caseload([cast.cluster.pk])] == [0, 0, 0]
        assert [load.cases for load in caseload([cast.other_cluster.pk])] == [1]


def test_what_is_not_set_weighs_one(cast: Cast) -> None:
    load = load_of(cast, "practitioner")
    assert (load.cases, load.load, load.text) == (1, 1, "1 of 14 cases")


def test_a_case_weighs_as_its_heaviest_service_times_its_stage(cast: Cast) -> None:
    a_weight(cast, "1.5", service=a_service("childrens_therapy"))
    a_weight(cast, "0.8", service=a_service("family_support"))
    a_weight(cast, "2", stage="beginning")
    assert load_of(cast, "practitioner").load == Decimal("1.6")
    therapist = load_of(cast, "therapist")
    assert (therapist.load, therapist.text) == (3, "weighs 3 of 12, 1 case, 1 with another lead worker")
    with as_(cast.leader):
        CaseService.objects.filter(worker=cast.therapist).update(worker=cast.practitioner)
    assert load_of(cast, "practitioner").load == 3


def test_a_weight_counts_from_its_day_and_the_latest_counts(cast: Cast) -> None:
    support = a_service("family_support")
    a_weight(cast, "0.5", days_ago=10, service=support)
    a_weight(cast, "3", days_ago=-5, service=support)
    assert load_of(cast, "practitioner").load == Decimal("0.5")
    assert weight_of(service_id=support.pk, on=timezone.localdate() + timedelta(days=5)) == 3
    assert weight_of(service_id=support.pk, on=timezone.localdate() - timedelta(days=11)) == 1
    with pytest.raises(ValidationError, match="already"):
        a_weight(cast, "2", days_ago=10, service=support)
    with as_(cast.leader), pytest.raises(Denied):
        set_weight(by=cast.leader, weight=Decimal(1), effective_from=timezone.localdate(), service=support)


def test_before_and_after_an_allocation(cast: Cast) -> None:
    support = a_service("family_support")
    a_weight(cast, "1.5", service=support)
    load = load_of(cast, "practitioner", service_id=support.pk)
    assert (load.load, load.after, load.effect) == (
        Decimal("1.5"),
        Decimal(3),
        "1.5 of 14 now, 3 of 14 after",
    )
    has_it = load_of(cast, "practitioner", service_id=support.pk, holders={cast.practitioner.pk})
    assert has_it.effect == "1.5 of 14 now, has this case already"


def test_a_lent_case_weighs_what_a_loan_weighs(cast: Cast) -> None:
    a_weight(cast, "0.25", stage="lent")
    with as_(cast.practitioner):
        lend_case(
            by=cast.practitioner,
            case=cast.case,
            partner=a_partner("RES team", back=True),
            why="Intensive work.",
            back_expected_on=timezone.localdate() + timedelta(weeks=6),
        )
    load = load_of(cast, "practitioner")
    assert (load.cases, load.load) == (1, Decimal("0.25"))


def test_a_manager_sets_a_weight_on_the_page(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    today = timezone.localdate()
    day = {"effective_from-day": today.day, "effective_from-month": today.month, "effective_from-year": today.year}
    url = "/settings/services/weights/"
    assert "every case weighs 1" in client.get(url).content.decode()
    answer = client.post(url, {"what": "stage:closing", "weight": "0.5", **day})
    assert answer.status_code == 302
    assert "Waiting for sign-off" in client.get(url).content.decode()
    assert weight_of(stage="closing") == Decimal("0.5")
    sign_in(client, cast.leader)
    assert client.get(url).status_code == 403
